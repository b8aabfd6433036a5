#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the simulator links the kernel and the libraries into one program, so
# no function may have the same name in both: the linker would take one
# silently.
set -u
cd "${top_builddir:?}" || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
names()
{
	nm -g --defined-only "$@" 2>/dev/null |
		awk 'NF == 3 && $2 != "U" { print $3 }' | LC_ALL=C sort -u
}
echo 1..2
names kernel/libkernel-sim.a >"$work/kernel"
names libnexusabi/.libs/*.a libvmo/.libs/*.a libepk/.libs/*.a >"$work/libs"
[ -s "$work/kernel" ] && [ -s "$work/libs" ] || printf 'not '
echo "ok 1 - the kernel and the libraries export something"
LC_ALL=C comm -12 "$work/kernel" "$work/libs" | grep -v '^__' >"$work/both"
sed 's/^/# in both: /' "$work/both"
[ ! -s "$work/both" ] || printf 'not '
echo "ok 2 - no name is the kernel's and a library's"
