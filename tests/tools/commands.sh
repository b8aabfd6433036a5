#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every command with the options that are the same everywhere, by a table: how
# it is run soundly, how it fails, and what it has.
. "${top_srcdir:?}/tests/tools/support.sh"
terminal="python3 $top_srcdir/tests/tools/terminal.py"
unset NO_COLOR
TERM=xterm
export TERM
tree t
rm -f t/manifest.toml
manifest >m.toml
bytes 3000000 5 >t/data/huge
"$epk" pack t -m m.toml -q -o a.epk --codec store
"$epk" pack t/data -m m.toml -q -o b.epk
cp a.epk bad.epk
flip bad.epk 0
"$epk" keygen key >/dev/null
tar -C t -cf plain.tar .
printf 'name = 1\n' >bad.toml
: >bad.key
mkdir empty trust
"$epk" trust add key.pub --prefix '*' --trust trust >/dev/null
# A helper that needs no squashfs.
mkdir fake
printf '#!/bin/sh\ncat "$4"\n' >fake/sqfs2tar
chmod 755 fake/sqfs2tar
PATH=$work/fake:$PATH
tar=yes
"$epk" import plain.tar -m m.toml -q -o x.epk 2>/dev/null || tar=no
fuse=no
[ -c /dev/fuse ] && command -v fusermount3 >/dev/null && fuse=yes

# command | sound | failing | exit and code of that | what it has
# j --json  q --quiet  J --jobs  p --progress  o its output is a result
cat >table <<'END'
pack|t -m m.toml -o x.epk|t -m bad.toml -o y.epk|2 MANIFEST|jqJp
list|a.epk|bad.epk|2 MAGIC|jo
cat|a.epk data/one|bad.epk x|2 MAGIC|o
extract|a.epk out|bad.epk out2|2 MAGIC|jqJp
verify|--deep a.epk|bad.epk|2 MAGIC|jqJp
info|a.epk|bad.epk|2 MAGIC|jo
keygen|new|key|5 IO|jq
sign|--key key.key a.epk|--key bad.key a.epk|1 KEY|jq
trust|add key.pub --prefix a --trust trust|add bad.key --prefix a --trust trust|1 KEY|jq
mount|--check a.epk|--check bad.epk|2 MAGIC|jq
umount||empty|6 NOT_FOUND|jq
diff|a.epk b.epk|a.epk bad.epk|2 MAGIC|jo
repack|a.epk -o x.epk|bad.epk -o y.epk|2 MAGIC|jqJp
import|plain.tar -m m.toml -o x.epk|bad.epk -o y.epk|2 MAGIC|jqJp
export|a.epk -o x.tar|bad.epk -o y.tar|2 MAGIC|jqp
convert|plain.tar -m m.toml -o x.epk|bad.epk -o y.epk|2 MAGIC|jqJp
check-manifest|m.toml|bad.toml|2 MANIFEST|jq
END
[ "$(cut -d'|' -f1 table | sort | tr '\n' ' ')" = \
	"$("$epk" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | sort | tr '\n' ' ')" ]
ok $? "the table has every command"

# run COMMAND ARGUMENTS OPTION...: into out and err, from the same start.
run()
{
	rm -rf out out2 new.key new.pub x.epk x.tar y.epk y.tar
	command=$1 words=$2
	shift 2
	# shellcheck disable=SC2086
	"$epk" "$command" $words "$@" >out.txt 2>err.txt
}
has()
{
	case $marks in *$1*) ;; *) return 1 ;; esac
}
escape=$(printf '\033')

while IFS='|' read -r command sound failing wanted marks <&3; do
	code=${wanted#* }
	case $command in
	import | export | convert) [ $tar = yes ] || continue ;;
	mount) [ $fuse = yes ] || continue ;;
	esac
	"$epk" "$command" --help >help
	for pair in j:json q:quiet J:jobs p:progress; do
		if has "${pair%:*}"; then
			grep -q -e " --${pair#*:}\( \|$\)" help
		else
			! grep -q -e " --${pair#*:}\( \|$\)" help ||
				{ [ "$command" = diff ] && [ $pair = q:quiet ]; }
		fi
		ok $? "$command: --${pair#*:} as the table says"
	done

	if [ -n "$sound" ]; then
		run "$command" "$sound" && [ ! -s err.txt ]
		ok $? "$command: neither progress nor words on what is no terminal"
		! grep -q "$escape" out.txt
		ok $? "$command: nor colour"
		if has j; then
			run "$command" "$sound" --json && [ ! -s err.txt ] &&
				python3 -c 'import json, sys
[json.loads(line) for line in sys.stdin]' <out.txt && [ -s out.txt ]
			ok $? "$command: --json is a JSON object a line"
		fi
		if has q; then
			run "$command" "$sound" --quiet && [ ! -s out.txt ] &&
				[ ! -s err.txt ]
			ok $? "$command: --quiet says nothing"
		fi
		if has J; then
			run "$command" "$sound" --jobs 2 && [ ! -s err.txt ]
			ok $? "$command: --jobs"
		fi
		if has p; then
			run "$command" "$sound" --progress json
			grep -q '^{"progress":"[a-z]*","done":[0-9]*,"total":[0-9]*}$' \
				err.txt && ! grep -qv '^{' err.txt
			ok $? "$command: --progress json, on standard error"
			run "$command" "$sound" --progress bar
			grep -q "[a-z]* *[0-9]* [%M]" err.txt
			ok $? "$command: --progress bar"
			rm -rf out x.epk x.tar
			# shellcheck disable=SC2086
			$terminal "$epk" "$command" $sound >seen
			grep -q '%\|MB' seen
			ok $? "$command: shown on a terminal without being asked"
			rm -rf out x.epk x.tar
			# shellcheck disable=SC2086
			$terminal "$epk" "$command" $sound --progress none >seen
			! grep -q "$escape" seen
			ok $? "$command: unless told not to"
		fi
	fi

	run "$command" "$failing"
	[ $? -eq "${wanted% *}" ] && [ "$(wc -l <err.txt)" -eq 1 ] &&
		grep -q "^epk: .*$code.*; [a-z]" err.txt
	ok $? "$command: an error is one line with code and advice"
	sed 's/^/# /' err.txt
	case $failing in *bad* | *empty*) grep -q 'bad\|empty' err.txt ;;
	*) grep -q key err.txt ;; esac
	ok $? "$command: it names the file"
	if [ "$code" = MAGIC ]; then
		grep -q 'at byte 0' err.txt && grep -q 'stage [0-9a-z]' err.txt
		ok $? "$command: and stage and offset"
	fi
	if has j; then
		run "$command" "$failing" --json
		python3 -c 'import json, sys
e = json.loads(sys.stdin.readlines()[-1])
sys.exit(not (e["ok"] is False and e["code"] == sys.argv[1] and e["stage"]
	and e["advice"] and e["file"] and e["command"] == sys.argv[2]))' \
			"$code" "$command" <out.txt
		ok $? "$command: the same as JSON"
	fi
	! grep -q "$escape" err.txt
	ok $? "$command: no colour into a file"
	run "$command" "$failing" --color always
	grep -q "^$escape\[1;31mepk:$escape\[m " err.txt
	ok $? "$command: --color always colours the error"
	# shellcheck disable=SC2086
	$terminal "$epk" "$command" $failing >seen
	grep -q "$escape\[1;31mepk:" seen
	ok $? "$command: as a terminal does"
	# shellcheck disable=SC2086
	$terminal env NO_COLOR=1 "$epk" "$command" $failing >seen
	! grep -q "$escape\[1" seen
	ok $? "$command: but not with NO_COLOR"
done 3<table
[ $tests -ge 150 ]
ok $? "all of the table was run"

$terminal env TERM=dumb "$epk" list bad.epk >seen
! grep -q "$escape\[1" seen
ok $? "TERM=dumb has no colour"
$terminal "$epk" list bad.epk --color never >seen
! grep -q "$escape\[1" seen
ok $? "nor has --color never"
$terminal "$epk" diff b.epk a.epk >seen
grep -q "^$escape\[32m+$escape\[m bin" seen &&
	grep -q "^$escape\[31m-$escape\[m deep" seen
ok $? "diff shows in colour what came and went"
refused 1 "is not auto" "another word is refused" \
	"$epk" list a.epk --color sometimes

# What a terminal would obey is escaped in JSON too.
mkdir strange
printf x >"strange/a$(printf '\302\233')b"
"$epk" pack strange -m m.toml -q -o strange.epk
"$epk" list --json strange.epk | grep -qF 'a\u009bb"'
ok $? "--json escapes C1"
"$epk" list --json "$(printf 'no\177\302\237\302\240')" >out 2>err
grep -qF 'no\u007f\u009f'"$(printf '\302\240')" out
ok $? "and DEL, and nothing else"
[ "$(LC_ALL=C tr -d '\n -~' <err | LC_ALL=C tr -d '\302\240' | wc -c)" -eq 0 ]
ok $? "and messages show neither"
# Nor does the line that says what was done, whatever the files are called.
sly=$(printf 'a\033[31m\302\233b')
{
	cp m.toml "$sly.toml"
	"$epk" check-manifest "$sly.toml"
	"$epk" pack strange -m m.toml -o "$sly"
	"$epk" pack strange -m m.toml --base "$sly" -o again.epk
	"$epk" repack "$sly" -o "$sly.small"
	"$epk" extract "$sly" "$sly.tree"
	[ $tar = no ] || "$epk" export "$sly" -o "$sly.tar"
	"$epk" keygen "$sly"
	"$epk" sign --key "$sly.key" "$sly"
	"$epk" sign --key "$sly.key" "$sly" --detached "$sly.sig"
	"$epk" verify "$sly"
	"$epk" trust add --trust "$sly.store" "$sly.pub" --prefix a
	"$epk" trust list --trust "$sly.store"
} >out 2>err
mkdir "$sly.none"
"$epk" trust list --trust "$sly.none" 2>&1 | grep -qF 'in a?[31m??b.none)'
none=$?
[ "$(grep -c 'a?\[31m??b' out)" -ge 12 ] && [ ! -s err ] &&
	[ "$(LC_ALL=C tr -d '\n -~' <out | wc -c)" -eq 0 ]
ok $? "no command that is done shows a control character of a name"
ok $none "nor does the one that says that no key is trusted"

# A damaged block has its place, also in the middle.
at=$(($(stat -c %s a.epk) - 5000))
cp a.epk bad.epk
flip bad.epk $at
"$epk" verify --deep --json bad.epk >out 2>err
offset=$(sed -n 's/.*"offset":\([0-9]*\).*/\1/p' out)
[ "${offset:-0}" -gt 4096 ] && [ "$offset" -le "$at" ] &&
	[ $((at - offset)) -lt 131072 ]
ok $? "a bad block has its offset"
"$epk" extract bad.epk out3 >out 2>err
grep -q "stage read, BLOCK_DIGEST at byte $offset" err
ok $? "extract says the same one"
finish
