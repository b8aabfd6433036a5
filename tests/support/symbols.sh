#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the simulator links the kernel and the libraries into one program, so
# no function may have the same name in both: the linker would take one
# silently.
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
cd "${top_builddir:?}" || exit 99
names()
{
	nm -g --defined-only "$@" 2>/dev/null |
		awk 'NF == 3 && $2 != "U" { print $3 }' | LC_ALL=C sort -u
}
names kernel/libkernel-sim.a >"$work/kernel"
names libnexusabi/.libs/*.a libvmo/.libs/*.a libepk/.libs/*.a >"$work/libs"
[ -s "$work/kernel" ] && [ -s "$work/libs" ]
ok $? "the kernel and the libraries export something"
LC_ALL=C comm -12 "$work/kernel" "$work/libs" | grep -v '^__' >"$work/wrong"
none "no name is the kernel's and a library's"
finish
