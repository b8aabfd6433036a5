#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A store under failing calls and failing power; package-power.c does it.
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/package-support.sh"
power=${POWER:-${top_builddir:?}/tests/tools/package-power}
[ -x "$power" ] || {
	echo "1..0 # SKIP $power is not built"
	exit 0
}
mkdir packages
for which in one-1 one-2 two-1 other-1; do
	name=${which%-*} version=${which#*-}.0.0
	[ "$name" = other ] && name=one
	body=$which make_package "$name" "$version"
	mv "$name-$version.epk" "packages/$which.epk"
done
"$power" packages
