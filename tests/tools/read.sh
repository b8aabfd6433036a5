#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
"$epk" pack t -q -o t.epk --alias run=bin
"$epk" pack t -q -o s.epk --codec store --meta-codec store

(cd t && find . -mindepth 1 ! -name manifest.toml | sed 's,^\./,,'; echo run) |
	LC_ALL=C sort >wanted
"$epk" list t.epk | LC_ALL=C sort | cmp -s - wanted
ok $? "list names everything, once"
[ "$("$epk" list t.epk data/deep | tr '\n' ' ')" = "data/deep data/deep/copy " ]
ok $? "list PATH names what is at and below it"
[ "$("$epk" list t.epk run | head -n 1)" = bin ]
ok $? "through an alias too"
refused 6 NOT_FOUND "a path that is not there is not found" \
	"$epk" list t.epk data/none
"$epk" list -l t.epk | grep -q '^lrwxrwxrwx - *11 bin/link -> ../data/one$'
ok $? "list --long shows where a link leads"

"$epk" cat t.epk data/large | cmp -s - t/data/large
ok $? "cat writes a file"
cat t/data/one t/data/one t/bin/tool >wanted
"$epk" cat t.epk data/one /bin/link run/tool | cmp -s - wanted
ok $? "cat follows links and aliases, several files in a row"
"$epk" cat t.epk manifest.toml | cmp -s - t/manifest.toml
ok $? "manifest.toml is the manifest"
refused 6 NOT_FOUND "cat of nothing is not found" "$epk" cat t.epk nothing
refused 6 NOT_FILE "cat of a folder is refused" "$epk" cat t.epk data
if [ -w /dev/full ]; then
	"$epk" cat t.epk data/large >/dev/full 2>err
	[ $? -eq 5 ] && grep -q IO err
	ok $? "a full disk is exit status 5"
	"$epk" list t.epk >/dev/full 2>err
	[ $? -eq 5 ]
	ok $? "for list too"
else
	skip "a full disk" "no /dev/full"
	skip "for list too" "no /dev/full"
fi

[ "$(field name t.epk)" = demo.tools ] && [ "$(field entry t.epk)" = /bin/tool ]
ok $? "info shows the manifest"
[ "$(field image_size t.epk)" -eq "$(wc -c <t.epk)" ]
ok $? "and the size"
[ "$(field package_id t.epk)" = "$(head -c 256 t.epk | sha256sum |
	cut -d ' ' -f 1)" ]
ok $? "the package id is the digest of the header"
"$epk" info t.epk | grep -q '^encoder_here *\(zlib\|libdeflate\) [0-9.]*$'
ok $? "info names the encoder"

holds "verify accepts what pack made" "$epk" verify t.epk s.epk
holds "so does verify --deep" "$epk" verify --deep t.epk s.epk

# damaged OFFSET: x.epk with another byte there.
damaged()
{
	cp s.epk x.epk
	flip x.epk "$1"
}
damaged 0
refused 2 "stage 2, MAGIC" "another first byte is no image" \
	"$epk" verify x.epk
damaged 8
refused 2 "stage 3, VERSION" "another version is refused" "$epk" verify x.epk
damaged 100
refused 2 "stage 4, HEADER_CRC" "a changed header is refused" \
	"$epk" verify x.epk
damaged 300
refused 2 "stage 10, SIGAREA" "a byte in the signature area is refused" \
	"$epk" verify x.epk
damaged 4200
refused 2 "stage 12, META_DIGEST" "changed metadata is refused" \
	"$epk" verify x.epk
damaged $(($(field data_offset s.epk) - 1))
refused 2 "stage 13, PAD" "a pad that is not zero is refused" \
	"$epk" verify x.epk
damaged $(($(field data_offset s.epk) + 10))
holds "a changed block is not looked at by verify" "$epk" verify x.epk
refused 2 "stage deep, BLOCK_DIGEST" "but by verify --deep" \
	"$epk" verify --deep x.epk
refused 2 "stage read, BLOCK_DIGEST.*data/large" "and by cat, with the path" \
	"$epk" cat x.epk data/large
"$epk" cat x.epk data/one 2>err | cmp -s - t/data/one
ok $? "other files stay readable"
head -c 5000 s.epk >x.epk
refused 2 "stage 8, SIZE" "a short image is refused" "$epk" verify x.epk
cp s.epk x.epk
echo >>x.epk
refused 2 "stage 8, SIZE" "so is a long one" "$epk" verify x.epk
head -c 100 s.epk >x.epk
refused 2 "stage 1, SIZE" "so is less than a page" "$epk" verify x.epk
refused 5 "IO" "a folder is no image" "$epk" verify t
mkfifo pipe
refused 5 "IO" "nor is a pipe, and nobody waits for it" "$epk" verify pipe
refused 5 "none.epk: IO" "a missing image is exit status 5" \
	"$epk" info none.epk
damaged 0
"$epk" verify s.epk x.epk t.epk >out 2>err
[ $? -eq 2 ] && [ "$(grep -c ': sound' out)" -eq 2 ]
ok $? "of several images each is judged"

"$epk" verify --json x.epk 2>err |
	grep -q '"ok":false,"file":"x.epk","stage":"2","code":"MAGIC"'
ok $? "JSON names file, stage and code"
if command -v python3 >/dev/null 2>&1; then
	{
		"$epk" list --json t.epk
		"$epk" info --json t.epk
		"$epk" verify --json --deep t.epk
		"$epk" verify --json x.epk 2>err
		"$epk" pack --json t -o j.epk
		"$epk" extract --json t.epk j
		"$epk" info --json none.epk 2>err
	} >json
	python3 -c 'import json, sys
for line in sys.stdin:
    assert isinstance(json.loads(line), dict)' <json
	ok $? "every line of --json is an object"
else
	skip "every line of --json is an object" "no python3"
fi
# What a package says is shown, not obeyed.
mkdir sly
manifest >sly/manifest.toml
printf '%s\n' 'description = "good\nname             other"' >>sly/manifest.toml
echo x >"sly/$(printf 'a\302\233b')"
"$epk" pack sly -q -o sly.epk
[ "$("$epk" info sly.epk | grep -c '^name ')" -eq 1 ]
ok $? "info shows a value in one line"
"$epk" list sly.epk | grep -q "^$(printf 'a\302\233b')$"
ok $? "list gives names as they are to programs"
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	script -qec "'$epk' list sly.epk" /dev/null </dev/null >out 2>&1
	grep -q '^a??b' out
	ok $? "and without control characters to a terminal"
else
	skip "list at a terminal" "script(1) gets no terminal"
fi


# Standard input.
"$epk" cat - data/large <t.epk | cmp -s - t/data/large
ok $? "an image is read from standard input"
cat t.epk | "$epk" cat - data/large | cmp -s - t/data/large
ok $? "also through a pipe"
cat t.epk | "$epk" verify --deep - | grep -q '^standard input: '
ok $? "and checked"
mkdir spool
(cat t.epk; cat t.epk) | TMPDIR=$work/spool "$epk" verify - 2>err
[ $? -eq 2 ] && grep -q 'standard input: stage 8, SIZE' err
ok $? "one that goes on behind its end is refused"
yes | TMPDIR=$work/spool "$epk" verify - 2>err
[ $? -eq 2 ] && grep -q MAGIC err
ok $? "what is no image is not read to its end"
: | "$epk" verify - 2>err
[ $? -eq 2 ] && grep -q SIZE err
ok $? "nothing is no image"
[ -z "$(ls -A spool)" ]
ok $? "and nothing stays behind"
cat t.epk | TMPDIR=/none/such "$epk" verify - 2>err
[ $? -eq 5 ] && grep -q 'TMPDIR' err
ok $? "without room for it that is said"

"$epk" verify -q --deep --progress json t.epk 2>err
grep -q '^{"progress":"verifying","done":[0-9]*,"total":[0-9]*}$' err
ok $? "--progress json is for programs"
[ "$(tail -n 1 err | sed 's/.*"done":\([0-9]*\),"total":\([0-9]*\).*/\1-\2/' |
	awk -F- '{ print $1 - $2 }')" = 0 ]
ok $? "and ends when all is done"
"$epk" verify --deep t.epk 2>err >out
[ ! -s err ]
ok $? "into a pipe there is none"
"$epk" verify --deep --progress bar t.epk 2>err >out
grep -q 'verifying 100 % of' err
ok $? "unless it is asked for"
finish
