#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Pack a real tree of this host for the demonstration and its proof.
#   pack-demo.sh -e EPK -v VERSION.H -s SOURCE -o OUT [ENTRY=FILE...]
# OUT is the package, OUT.sha256 the list of what is in it, made by the
# host's own sha256sum from the files before they were packed. $DEMO_TREE
# chooses another tree; by default it is the project's source, the time
# zones and the documentation of this machine, at most 1,500 files of the
# last, and on a bare machine its headers: 1,000 files and 20 MB at least.
# Programs and libraries of the entries are mapped, as is every file of 64 KiB
# or more, so both paths of a read are used.
. "$(dirname "$0")/pack.sh"
source=${word:?-s is missing}

# copy FOLDER NAME LIMIT: regular files with plain names, in sorted order.
copy()
{
	[ -d "$1" ] || return 0
	mkdir -p "$tree/$2"
	(cd "$1" && find . \( -name .git -o -name build -o -name .libs \
		-o -name autom4te.cache -o -name sysroot \) -prune -o \
		-type f -readable -print |
		LC_ALL=C grep -E '^[A-Za-z0-9._/@+,=~-]+$' |
		LC_ALL=C sort | head -n "$3" |
		tar -cf - --no-recursion -T -) | tar -xf - -C "$tree/$2"
}
if [ -n "${DEMO_TREE:-}" ]; then
	[ -d "$DEMO_TREE" ] || {
		echo "pack-demo: DEMO_TREE: no folder $DEMO_TREE" >&2
		exit 1
	}
	copy "$DEMO_TREE" . 100000
else
	copy "$source" nexus 5000
	copy /usr/share/zoneinfo zoneinfo 5000
	copy /usr/share/doc doc 1500
	# A bare machine has few pages: its headers make up the measure.
	if [ "$(du -sk "$tree" | cut -f1)" -lt 24000 ] ||
		[ "$(find "$tree" -type f | wc -l)" -lt 1200 ]; then
		copy /usr/include include 3000
		copy /usr/lib/gcc gcc 200
	fi
fi
add "$@"
(cd "$tree" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort |
	xargs -d '\n' sha256sum) >"$out.sha256.new"
(cd "$tree" && find . -type f \( -size +63k -o -path './binary/*' \) |
	sed 's,^\./,,' | LC_ALL=C sort) >"$work/mapped"
mv "$out.sha256.new" "$out.sha256"
pack demo riscv64 --map-from "$work/mapped"
