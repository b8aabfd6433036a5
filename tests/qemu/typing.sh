#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Type a line that is longer than the kernel's ring at typed.epk.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
trap 'exit 99' 1 2 15
{
	echo "WAIT type now"
	printf 'TYPE '
	i=0
	while [ $i -lt 90 ]; do
		printf 0123456789
		i=$((i + 1))
	done
	echo
} >"$work/script"
sh "$top_srcdir/build-aux/run-qemu.sh" -i "$work/script" \
	"$top_builddir/tests/qemu/typed.epk"
