#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A store that somebody else has been in: clear errors, nothing outside is
# read as a package or written to.
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/package-support.sh"
make_package demo.one 1.0.0 tool
make_package demo.one 1.1.0 tool
make_package demo.two 1.0.0 other

# fresh: a sound store of two packages, and something outside.
fresh()
{
	chmod -R u+w "$store" outside 2>/dev/null
	rm -rf "$store" outside
	mkdir outside
	echo precious >outside/file
	p add --quiet demo.one-1.0.0.epk demo.two-1.0.0.epk
}
# untouched SENTENCE: outside is as it was.
untouched()
{
	[ "$(cat outside/file)" = precious ] && [ "$(ls -A outside)" = file ]
	ok $? "$1"
}
# within COMMAND...: it ends; pipes in the way must stop nobody.
within()
{
	timeout 20 "$@"
}
t()
{
	verb=$1
	shift
	within "$package" "$verb" --store "$store" "$@"
}

# ---- a package's name, but something else ----
one=$store/demo.one@1.0.0.epk
for kind in link dangling pipe folder empty; do
	fresh
	rm -f "$one"
	case $kind in
	link) ln -s "$work/demo.one-1.0.0.epk" "$one" ;;
	dangling) ln -s ../outside/new "$one" ;;
	pipe) mkfifo "$one" ;;
	folder) mkdir "$one" ;;
	empty) : >"$one" ;;
	esac
	code=STORE exit=5
	[ $kind != empty ] || code=SIZE exit=2
	refused $exit "$code" "list tells of a $kind in a package's place" t list
	t list 2>/dev/null | grep -q '^demo.two '
	ok $? "and lists the others"
	refused $exit "$code" "verify tells of it" t verify --quiet
	refused $exit "$code" "run does not run it" t run demo.one
	[ "$(t which other 2>/dev/null)" = "demo.two@1.0.0 /bin/tool" ]
	ok $? "the commands of others are found"
	if [ $kind = folder ]; then
		refused 5 "IO" "add does not replace a folder" \
			t add demo.one-1.0.0.epk
		refused 5 "IO" "nor does remove take it away" \
			t remove demo.one
	else
		holds "add puts the package there" t add demo.one-1.0.0.epk
		[ -f "$one" ] && [ ! -L "$one" ] &&
			cmp -s "$one" demo.one-1.0.0.epk
		ok $? "as a file of its own"
		rm "$one"
		case $kind in
		link | dangling) ln -s ../outside/file "$one" ;;
		pipe) mkfifo "$one" ;;
		empty) : >"$one" ;;
		esac
		holds "remove takes away what is there" t remove demo.one
		[ ! -e "$one" ] && [ ! -L "$one" ]
		ok $? "and nothing else"
	fi
	untouched "outside nothing has happened"
done

# ---- a package under another's name ----
fresh
cp demo.one-1.0.0.epk "$store/demo.two@9.0.0.epk"
refused 5 "another name" "a package has the name of its file" t list
refused 5 "another name" "or is not run" t run demo.two
fresh
mv "$one" "$store/demo.one@4294967295.0.0.epk"
refused 5 "another name" "its version, too" t verify demo.one

# ---- what is no package ----
fresh
: >"$store/README"
: >"$store/demo.one@01.0.0.epk"
: >"$store/Demo@1.0.0.epk"
: >"$store/$(bytes 200 3)"
: >"$store/$(printf 'a\nb\033[1m')"
mkdir "$store/folder"
holds "list does not mind strange names" t list
[ "$(wc -l <.out)" -eq 2 ]
ok $? "and does not show them"
t verify >out 2>err
[ $? -eq 5 ] && [ "$(grep -c 'no package' err)" -eq 6 ] &&
	! grep -q "$(printf '\033')" err
ok $? "verify tells of each, in one line"
holds "add and remove work beside them" t add demo.one-1.1.0.epk

# ---- unfinished files ----
fresh
: >"$store/.new-0123456789abcdef"
ln -s ../outside/file "$store/.new-link"
ln -s ../outside "$store/.new-way"
mkfifo "$store/.new-pipe"
mkdir "$store/.new-folder"
holds "list leaves what is unfinished" t list
[ -e "$store/.new-0123456789abcdef" ]
ok $? "to whom it may belong"
holds "the next who changes the store clears it" t add demo.one-1.1.0.epk
[ "$(ls -A "$store" | grep -c '^\.new-')" -eq 1 ]
ok $? "but for a folder, which is not ours"
untouched "where links lead nothing is touched"

# ---- the lock ----
for kind in link pipe folder; do
	fresh
	rm "$store/lock"
	case $kind in
	link) ln -s ../outside/lock "$store/lock" ;;
	pipe) mkfifo "$store/lock" ;;
	folder) mkdir "$store/lock" ;;
	esac
	refused 5 "lock" "a $kind is no lock" t add demo.one-1.1.0.epk
	refused 5 "lock" "for remove either" t remove demo.one
	t verify --quiet 2>err
	[ $? -eq 5 ] && grep -q lock err
	ok $? "verify tells of it"
	holds "reading needs none" t list
	untouched "and nothing is made outside"
done
fresh
rm "$store/lock"
holds "a lock that is gone is made again" t remove demo.one

# ---- the memory ----
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
head='package store 1'
# memory TEXT WHY
memory()
{
	fresh
	printf "$1" >"$store/versions"
	refused 5 "versions: STORE" "$2" t add demo.one-1.1.0.epk
	refused 5 "versions: STORE" "remove says so too" t remove demo.one
	[ -f "$one" ]
	ok $? "and removes nothing"
	refused 5 "versions: STORE" "and verify" t verify --quiet
	holds "reading needs no memory" t list
}
memory "" "an empty memory is malformed"
memory "package store 2\n" "so is one of another time"
memory "$head\ndemo.x 1.0.0\n" "a line without an id"
memory "$head\ndemo.x 1.0.0 $id" "a last line without an end"
memory "$head\ndemo.x 1.0 $id\n" "a version of two numbers"
memory "$head\nDemo 1.0.0 $id\n" "a name that is none"
memory "$head\ndemo.x 1.0.0 ${id}0\n" "an id that is too long"
memory "$head\ndemo.x  1.0.0 $id\n" "two blanks"
memory "$head\ndemo.y 1.0.0 $id\ndemo.x 1.0.0 $id\n" "names out of order"
memory "$head\ndemo.x 1.0.0 $id\ndemo.x 1.0.1 $id\n" "a name twice"
memory "$head\n../../outside/x 1.0.0 $id\n" "a path"
memory "$head\ndemo.x 1.0.0 $id\n\\\\000\n" "a line of nothing"
fresh
printf "$head\ndemo.x 1.0.0 $id\ndemo.z 7.0.0 -\n" >"$store/versions"
holds "a sound one is read" t remove demo.one
[ "$(cut -d' ' -f1,2 "$store/versions" | tr '\n' ,)" = \
	"package store,demo.one 1.0.0,demo.x 1.0.0,demo.z 7.0.0," ]
ok $? "and keeps what it had"
for kind in link pipe folder large; do
	fresh
	case $kind in
	link) ln -s ../outside/file "$store/versions" ;;
	pipe) mkfifo "$store/versions" ;;
	folder) mkdir "$store/versions" ;;
	large) truncate -s 1T "$store/versions" 2>/dev/null ||
		printf '\n' >"$store/versions" ;;
	esac
	refused 5 "STORE" "a $kind is no memory" t remove demo.one
	[ -f "$one" ]
	ok $? "and then nothing is removed"
	untouched "nor anything outside"
done

# ---- the store itself ----
fresh
ln -s "$store" way
[ "$("$package" list --store way | wc -l)" -eq 2 ]
ok $? "the way to a store may be a link"
refused 5 "IO" "a file is no store" "$package" list --store demo.one-1.0.0.epk
refused 5 "IO" "nor one to add to" \
	"$package" add --store demo.one-1.0.0.epk demo.two-1.0.0.epk
refused 5 "IO" "a name may be too long" \
	"$package" add --store "$(bytes 300 1)" demo.two-1.0.0.epk
refused 5 "IO" "so may a path" \
	"$package" add --store "$(bytes 5000 1)" demo.two-1.0.0.epk
holds "a path of folders is made" \
	"$package" add --store new/folders/here demo.two-1.0.0.epk
mkfifo source
(sleep 5; : >source) &
refused 5 "source" "a pipe with a name is no package" within "$package" add \
	--store "$store" source
kill $! 2>/dev/null

# ---- a source that changes ----
if command -v python3 >/dev/null; then
	fresh
	rm "$one"
	cp demo.one-1.0.0.epk changing.epk
	python3 - changing.epk <<'EOF' &
import os, sys, time
end = time.time() + 2
good = open(sys.argv[1], "rb").read()
file = os.open(sys.argv[1], os.O_WRONLY)
while time.time() < end:
    os.pwrite(file, bytes([good[-1] ^ 1]), len(good) - 1)
    os.pwrite(file, good[-1:], len(good) - 1)
EOF
	for i in 1 2 3 4 5 6 7 8; do
		t add --quiet changing.epk 2>/dev/null
		t verify --quiet demo.one >/dev/null 2>err
		case $? in 0 | 6) ;; *) cat err ;; esac
		t remove --quiet demo.one 2>/dev/null
	done >wrong 2>&1
	[ ! -s wrong ]
	ok $? "what changes while it is added comes in sound or not at all"
	wait
else
	skip "what changes while it is added" "no python3"
fi
finish
