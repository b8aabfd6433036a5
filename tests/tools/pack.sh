#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
holds "a folder is packed" "$epk" pack t -o t.epk
holds "and the image is sound" "$epk" verify --deep t.epk
"$epk" pack t -o quiet.epk -q >out 2>err
[ ! -s out ] && [ ! -s err ]
ok $? "--quiet says nothing"
"$epk" pack t -o piped.epk >out 2>err
[ ! -s err ] && [ "$(wc -l <out)" -eq 1 ]
ok $? "progress is silent when standard error is no terminal"
ls -A | grep -q XXXXXX
[ $? -ne 0 ] && [ -z "$(find . -name '.*.epk*')" ]
ok $? "no temporary file is left"

mkdir g1
printf '#!init\n' >g1/init
chmod 755 g1/init
sed 's/demo.tools/demo.min/; s/^entry.*//' t/manifest.toml | sed '/^$/d' >g1.toml
echo 'entry = "/init"' >>g1.toml
"$epk" pack g1 -m g1.toml -q -o g1.epk --map exec --block-log2 16 \
	--codec store --meta-codec store
[ "$(sha256sum <g1.epk)" = \
	"177f1c5d37b564a60a53adb71e563370863765024338fa771e4c23fdef6ed916  -" ]
ok $? "the smallest golden image comes out byte for byte"

# What is executable, mapped, shared.
"$epk" list -l t.epk >list
grep -q '^-r-xr-xr-x s *7 bin/tool$' list
ok $? "the owner's execute bit makes EXEC"
"$epk" pack t -q -o m.epk --map 'data/*p?*' --map exec
"$epk" list -l m.epk | awk '$2 == "m" { print $NF }' >mapped
printf 'bin/tool\ndata/large\ndata/page\ndata/deep/copy\n' | sort >wanted
sort mapped | cmp -s - wanted
ok $? "--map takes globs over whole paths, exec, and equal files"
mkdir names
manifest >names/manifest.toml
for name in x é xy exec '*'; do
	echo "$name" >"names/$name"
done
"$epk" pack names -q -o m.epk --map '?'
[ "$("$epk" list -l m.epk | awk '$2 == "m" { print $NF }' | tr '\n' ' ')" = \
	"* x é " ]
ok $? "in a glob ? is one character of UTF-8"
"$epk" pack names -q -o m.epk --map 'exe?' --map '[x]'
[ "$("$epk" list -l m.epk | awk '$2 == "m" { print $NF }')" = exec ]
ok $? "a file named exec is reached by a glob; brackets are plain"
printf 'data/one\ndata/page\n' >some
"$epk" pack t -q -o m.epk --map-from some
[ "$("$epk" list -l m.epk | awk '$2 == "m" { print $NF }' | sort |
	tr '\n' ' ')" = "data/one data/page data/two " ]
ok $? "--map-from is exact but for equal files"
echo data/none >>some
refused 6 NOT_FOUND "--map-from refuses a path that is no file" \
	"$epk" pack t -q -o x.epk --map-from some
refused 1 "leave --map out" "--map and --map-from exclude each other" \
	"$epk" pack t -q -o x.epk --map-from some --map exec

# Aliases.
"$epk" pack t -q -o a.epk --alias run=bin --alias data/up=/ \
	--alias dangling=data
"$epk" list -l a.epk | awk '/^a/ { print $(NF - 2), $NF }' | sort >got
printf 'dangling /data\ndata/up /\nrun /bin\n' | cmp -s - got
ok $? "aliases are made, also of the root and in place of a link"
[ "$("$epk" cat a.epk data/up/run/tool)" = "#!tool" ]
ok $? "a path goes on through them"
refused 6 NOT_FOUND "an alias of what is no folder is refused" \
	"$epk" pack t -q -o x.epk --alias x=data/one
refused 6 NOT_FOUND "an alias in a folder that is not there is refused" \
	"$epk" pack t -q -o x.epk --alias none/x=data
refused 2 ALIAS "an alias over a file is refused" \
	"$epk" pack t -q -o x.epk --alias data/one=bin
refused 1 "PATH=FOLDER" "an alias without = is refused" \
	"$epk" pack t -q -o x.epk --alias bin

# Time.
"$epk" pack t -q -o e.epk
[ "$(field build_epoch e.epk)" = 0 ]
ok $? "the time is 0 unless it is said"
SOURCE_DATE_EPOCH=86400 "$epk" pack t -q -o e.epk
[ "$(field build_epoch e.epk)" = 86400 ]
ok $? "SOURCE_DATE_EPOCH sets it"
SOURCE_DATE_EPOCH=86400 "$epk" pack t -q -o e.epk --epoch 7
[ "$(field build_epoch e.epk)" = 7 ]
ok $? "--epoch goes before it"
refused 1 SOURCE_DATE_EPOCH "a SOURCE_DATE_EPOCH that is no number is refused" \
	env SOURCE_DATE_EPOCH=today "$epk" pack t -q -o x.epk

# The manifest.
manifest >other.toml
refused 2 "manifest.toml" "a manifest.toml unlike the manifest is refused" \
	"$epk" pack t -q -m other.toml -o x.epk
cp t/manifest.toml equal.toml
"$epk" pack t -q -m equal.toml -o x.epk && cmp -s x.epk t.epk
ok $? "an equal one is left out of the tree"
rm x.epk
mkdir bad
echo 'name = demo' >bad/manifest.toml
refused 2 "stage 17, MANIFEST.*line 1, column 8" \
	"a malformed manifest is refused by line and column" \
	"$epk" pack bad -q -o x.epk
manifest /none >bad/manifest.toml
refused 2 "stage 17, MANIFEST" "an entry that is not there is refused" \
	"$epk" pack bad -q -o x.epk
rm bad/manifest.toml
refused 5 "manifest.toml: IO" "no manifest is refused" \
	"$epk" pack bad -q -o x.epk
manifest >bad/manifest.toml

# What cannot be packed, each named.
mkfifo bad/pipe
refused 2 "bad/pipe: NODE" "a pipe is refused by name" \
	"$epk" pack bad -q -o x.epk
rm bad/pipe
ln -s /etc bad/absolute
refused 2 "bad/absolute: LINK" "an absolute link is refused by name" \
	"$epk" pack bad -q -o x.epk
rm bad/absolute
ln -s ../x bad/up
refused 2 "bad/up: LINK" "a link that leads out is refused by name" \
	"$epk" pack bad -q -o x.epk
rm bad/up
: >"bad/$(printf 'tab\there')"
refused 2 "NAME" "a control character in a name is refused" \
	"$epk" pack bad -q -o x.epk
rm bad/tab*
: >"bad/$(printf 'latin\351')"
refused 2 "NAME" "a name that is not UTF-8 is refused" \
	"$epk" pack bad -q -o x.epk
"$epk" pack bad -q --json -o x.epk 2>err |
	grep -q '"ok":false.*"stage":"none","code":"NAME"'
ok $? "the same as JSON names stage and code"
rm bad/latin*
[ ! -e x.epk ]
ok $? "no refused folder left an image"

# Where the image goes.
cp t.epk keep.epk
ln -s /x bad/l
"$epk" pack bad -q -o keep.epk 2>err
cmp -s keep.epk t.epk
ok $? "a failed pack leaves the image of before"
rm bad/l
cp t.epk bad/old.epk
refused 1 "bad/old.epk" "the output is not packed into itself" \
	"$epk" pack bad -q -o bad/old.epk
rm bad/old.epk
cp t/manifest.toml kept.toml
refused 1 "INVALID" "an image does not replace the manifest of its folder" \
	"$epk" pack t -q -o t/manifest.toml
cp kept.toml m.toml
refused 1 "INVALID" "nor the manifest that was named" \
	"$epk" pack g1 -q -m m.toml -o m.toml
refused 1 "INVALID" "nor the folder's when another was named" \
	"$epk" pack t -q -m kept.toml -o t/manifest.toml
echo bin/tool >list
refused 1 "INVALID" "nor the list of mapped files" \
	"$epk" pack t -q --map-from list -o list
cmp -s t/manifest.toml kept.toml && cmp -s m.toml kept.toml &&
	[ "$(cat list)" = bin/tool ]
ok $? "and what was read is as it was"
mkdir pipe
mkfifo pipe/manifest.toml
refused 2 "NODE" "a pipe in place of the manifest is refused, not waited for" \
	timeout 10 "$epk" pack pipe -q -o x.epk
rm -r pipe
mkdir loud
manifest >loud/manifest.toml
: >"loud/$(printf 'a\033[31m\302\233b')"
"$epk" pack loud -q -o x.epk 2>err
LC_ALL=C grep -q "$(printf '[\033\233]')" err
[ $? -eq 1 ] && grep -q 'a?\[31m' err
ok $? "complaints pass no control character of a name on"
rm -r loud
(
	ulimit -f 2
	"$epk" pack t -q -o limited.epk 2>err
)
[ $? -eq 5 ] && [ -z "$(find . -maxdepth 1 -name '*limited.epk*')" ]
ok $? "a limit of the file size leaves nothing behind"
ln -s t.epk l.epk
refused 5 "l.epk" "a link is no place for an image" \
	"$epk" pack t -q -o l.epk
refused 5 "none/x.epk" "nor is a folder that is not there" \
	"$epk" pack t -q -o none/x.epk
# A file of zeros takes a while; small files are read behind it.
mkdir slow
manifest >slow/manifest.toml
echo before >slow/small
truncate -s 400M slow/zeros
begun()
{
	while [ -z "$(find . -maxdepth 1 -name '.slow.epk.*')" ] &&
		kill -0 "$1" 2>/dev/null; do
		:
	done
}
"$epk" pack slow -q -o slow.epk 2>err &
begun $!
echo after >slow/small
wait $!
[ $? -eq 5 ] && grep -q 'slow/small: CHANGED' err && [ ! -e slow.epk ]
ok $? "a file that changes while the folder is packed is refused"
truncate -s 8G slow/zeros
"$epk" pack slow -q -o slow.epk 2>err &
begun $!
kill -TERM $!
wait $! 2>/dev/null
[ $? -eq 143 ] && [ -z "$(find . -maxdepth 1 -name '*slow.epk*')" ]
ok $? "a packing that is terminated leaves nothing behind"
"$epk" pack slow -q -o slow.epk 2>err &
begun $!
kill -PIPE $!
wait $! 2>/dev/null
[ $? -eq 141 ] && [ -z "$(find . -maxdepth 1 -name '*slow.epk*')" ]
ok $? "nor does one whose reader is gone"
rm -r slow

(umask 077 && "$epk" pack t -q -o private.epk)
[ "$(stat -c %a private.epk)" = 600 ]
ok $? "the image has the permissions of the file mode mask"
finish
