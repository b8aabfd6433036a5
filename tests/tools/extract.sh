#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
"$epk" pack t -q -o t.epk
"$epk" pack t -q -o s.epk --codec store --meta-codec store
"$epk" pack t -q -o a.epk --alias run=bin --alias data/deep/top=/ \
	--alias all=.

# everything FOLDER: types, names, contents, links, who may execute.
everything()
{
	(
		cd "$1" || exit
		find . -type f -exec sha256sum {} +
		find . -type f -perm -u+x -printf '%P x\n'
		find . ! -type f -printf '%P %y %l\n'
	) | LC_ALL=C sort
}
holds "an image is extracted" "$epk" extract t.epk x
everything t >wanted
everything x | cmp -s - wanted
ok $? "all of it, with links, execute bits and manifest"
mkdir empty
holds "into an empty folder too" "$epk" extract s.epk empty
everything empty | cmp -s - wanted
ok $? "with the same result"
holds "aliases become links" "$epk" extract a.epk al
[ "$(readlink al/run)" = bin ] && [ "$(readlink al/all)" = . ] &&
	[ "$(cat al/data/deep/top/data/one)" = same ]
ok $? "that lead to the folder"
"$epk" extract t.epk said >out 2>err
[ ! -s err ] && [ "$(wc -l <out)" -eq 1 ]
ok $? "progress is silent when standard error is no terminal"

# Folders that are not new or empty.
mkdir full outside
: >full/x
refused 5 "full: IO" "a folder with something in it is refused" \
	"$epk" extract t.epk full
[ "$(ls full)" = x ]
ok $? "and nothing is written there"
ln -s outside door
refused 5 "door: IO" "a symbolic link is refused as target" \
	"$epk" extract t.epk door
[ -z "$(ls -A outside)" ]
ok $? "and nothing is written behind it"
refused 5 "s.epk: IO" "a file is refused as target" "$epk" extract t.epk s.epk

# hostile CODE SENTENCE RESEAL-ARGUMENT...: metadata says something else.
hostile()
{
	code=$1
	sentence=$2
	shift 2
	cp s.epk h.epk
	"$reseal" h.epk "$@" || exit 99
	rm -rf h
	refused 2 "$code" "$sentence" "$epk" extract h.epk h
	[ ! -e h ] && [ -z "$(ls -A outside)" ]
	ok $? "and nothing is written"
}
hostile NAME "a name that leads up is refused" hollow ../../
hostile NAME "a name with a slash is refused" hollow hol/ow
hostile NAME "a name with a NUL is refused" hollow 'hol\x00ow'
hostile NAME "a name beyond UTF-8 is refused" hollow 'hol\xffow'
hostile ORDER "names out of order are refused" hollow aollow
hostile LINK "an absolute link is refused" nowhere /nowher
hostile LINK "a link that leads out is refused" nowhere ../../x
hostile TREE "a node with another parent is refused" -n 6 0 '\x02'
hostile NODE "a node of unknown type is refused" -n 6 10 '\x07'

# Bytes that are not what the metadata promises.
cp s.epk h.epk
flip h.epk $(($(field data_offset s.epk) + 200000))
refused 2 "stage read, BLOCK_DIGEST.*data/large" "a changed block is refused" \
	"$epk" extract h.epk h
[ ! -e h/data/large ]
ok $? "and the file with it is not left behind"
rm -rf h
cp s.epk h.epk
"$reseal" h.epk "$(sha256sum <t/data/page | cut -c 1-64 |
	sed 's/../\\x&/g')" "$(sha256sum <t/empty | cut -c 1-64 |
	sed 's/../\\x&/g')" || exit 99
refused 2 "FILE_DIGEST.*data/page" "a file unlike its digest is refused" \
	"$epk" extract h.epk h
[ ! -e h/data/page ]
ok $? "and not left behind"

# Somebody puts links to another place into the target all the time.
mkdir wide
manifest >wide/manifest.toml
i=0
while [ $i -lt 40 ]; do
	mkdir "wide/d$i"
	: >"wide/d$i/f"
	i=$((i + 1))
done
"$epk" pack wide -q -o wide.epk
(
	while [ ! -e stop ]; do
		for d in 39 30 20 10; do
			ln -snT "$work/outside" "race/d$d"
		done
	done
) 2>/dev/null &
planter=$!
i=0
while [ $i -lt 40 ]; do
	rm -rf race 2>/dev/null
	"$epk" extract -q wide.epk race >/dev/null 2>&1
	i=$((i + 1))
done
: >stop
wait $planter
[ -z "$(ls -A outside)" ]
ok $? "links planted meanwhile lead no write outside"
finish
