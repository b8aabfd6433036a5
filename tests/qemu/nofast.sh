#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The fast path is a way, not a meaning: what holds with it holds without
# it. Every program of ../system boots again with "nofast"; as many sentences
# must hold as the same program had with it, and no call may have been fast;
# the same on four harts, whose fast path is one of its own (harts.sh has that).
# The whole system proves itself without it as well.
#   nofast.sh [PACKAGE...]   default: all of them
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${NEXUS_SYSTEM:?}"
. "$top_srcdir/tests/support/tap.sh"
[ $# -gt 0 ] || set -- "$top_builddir"/tests/qemu/system-*.epk

boot()
{
	sh "$top_srcdir/build-aux/run-qemu.sh" "$@" >"$work/log"
	if grep -q '^1\.\.0 # SKIP' "$work/log"; then
		cat "$work/log"
		exit 0
	fi
	held=$(grep -c '^ok ' "$work/log")
	failed=$(grep -c -e '^not ok ' -e '^Bail out!' "$work/log")
	fast=$(sed -n 's/^# fast_calls \([0-9]*\)$/\1/p' "$work/log")
}

any_fast=0
for package; do
	name=$(basename "$package" .epk)
	# It measures, and not how busy the host is; see scheduling.sh.
	clock=
	[ "$name" != system-scheduling ] ||
		clock="-t 300 -q -icount -q shift=4,sleep=off"
	# shellcheck disable=SC2086 # a list of options
	boot $clock "$package"
	with=$held any_fast=$((any_fast + ${fast:-0}))
	# shellcheck disable=SC2086
	boot $clock -a nofast "$package"
	[ "$failed" -eq 0 ] && [ "$held" -gt 0 ] && [ "$held" -eq "$with" ]
	ok $? "$name: $held sentences hold without the fast path as with it"
	[ "${fast:-none}" = 0 ]
	ok $? "$name: and no call was fast"
	[ -z "$clock" ] || continue
	boot -n 4 -t "${QEMU_TIMEOUT:-180}" -a nofast "$package"
	[ "$failed" -eq 0 ] && [ "$held" -ge "$with" ] && [ "${fast:-none}" = 0 ]
	ok $? "$name: $held sentences hold without it on four harts"
done
[ "$any_fast" -gt 1000 ]
ok $? "with it $any_fast calls were"
boot -t "${QEMU_TIMEOUT:-120}" -m 256M -a 'selftest shutdown nofast' \
	"$NEXUS_SYSTEM"
[ "$failed" -eq 0 ] && [ "$held" -gt 0 ]
ok $? "the whole system proves itself without it: $held sentences"
finish
