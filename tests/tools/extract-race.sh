#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Somebody else works in the target while it is filled: folders and links to
# another place change places all the time. Nothing is ever written there,
# with openat2() and on systems without it.
. "${top_srcdir:?}/tests/tools/support.sh"
deny=$top_builddir/tests/tools/deny
swap=$top_builddir/tests/tools/swap

mkdir -p tree outside
manifest >tree/manifest.toml
d=0
while [ $d -lt 10 ]; do
	mkdir -p "tree/d$d/sub/low"
	f=0
	while [ $f -lt 5 ]; do
		echo "$d $f" >"tree/d$d/f$f"
		echo "$d $f low" >"tree/d$d/sub/low/f$f"
		f=$((f + 1))
	done
	d=$((d + 1))
done
"$epk" pack -q tree -o t.epk
everything()
{
	(cd "$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort)
}
everything tree >wanted

"$deny" enosys true 2>/dev/null
filters=$?
if [ $filters -eq 77 ]; then
	skip "systems without openat2" "calls cannot be filtered here"
else
	"$deny" kill "$epk" extract -q t.epk killed >out 2>&1
	[ $? -ge 128 ]
	ok $? "folders are opened by openat2: without it the tool is ended"
	for error in enosys eperm; do
		"$deny" $error "$epk" extract -q t.epk "x$error" 2>err
		everything "x$error" | cmp -s - wanted
		ok $? "where it is refused with $error, all is extracted too"
		ln -s "$work/outside" "l$error"
		refused 5 IO "and a link is no target" \
			"$deny" $error "$epk" extract t.epk "l$error"
	done
fi
rm -rf killed

# race SENTENCE COMMAND...: the command, again and again, against a swapper.
race()
{
	sentence=$1
	shift
	rm -f stop
	set -- "$@"
	i=0
	for d in 0 3 6 9; do
		rm -rf "door$d" "door$d.low"
		ln -s "$work/outside" "door$d"
		ln -s "$work/outside" "door$d.low"
	done
	"$swap" stop race/d0 door0 race/d3 door3 race/d6/sub door6 \
		race/d9/sub/low door9 race/d3/sub door3.low \
		race/d0/f3 door0.low >swaps &
	swapper=$!
	while [ $i -lt 15 ]; do
		rm -rf race 2>/dev/null
		rm -rf race 2>/dev/null
		[ ! -e race ] || mv race "old$i" 2>/dev/null
		"$@" >out 2>&1
		i=$((i + 1))
	done
	: >stop
	wait $swapper
	rm -rf race old* 2>/dev/null
	[ -z "$(ls -A outside)" ] && [ "$(cat swaps)" -gt 0 ]
	ok $? "$sentence ($(cat swaps) times)"
}
race "nothing goes outside while folders and links change places" \
	"$epk" extract -q t.epk race
race "nor with one thread" "$epk" extract -q -j 1 t.epk race
[ $filters -eq 77 ] ||
	race "nor without openat2" "$deny" enosys "$epk" extract -q t.epk race

# A folder that was made and is taken away is made again by nobody.
holds "without anybody, all is extracted" "$epk" extract -q t.epk calm
everything calm | cmp -s - wanted
ok $? "as it was packed"
finish
