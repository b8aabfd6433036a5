#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Several harts: every program of ../system and the whole system on two and on
# four, where they are free to run at the same time, and what is about harts on
# eight. As many sentences must hold as on one, but of system-harts, which says
# more there.
# With NEXUS_LONG, for HARTS_SECONDS (an hour) over and over on four.
#   harts.sh [PACKAGE...]   default: all of them
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${NEXUS_SYSTEM:?}"
. "$top_srcdir/tests/support/tap.sh"
limit=${QEMU_TIMEOUT:-180}
[ $# -gt 0 ] || set -- "$top_builddir"/tests/qemu/system-*.epk

boot()
{
	sh "$top_srcdir/build-aux/run-qemu.sh" -t "$limit" "$@" >"$work/log"
	if grep -q '^1\.\.0 # SKIP' "$work/log"; then
		cat "$work/log"
		exit 0
	fi
	held=$(grep -c '^ok ' "$work/log")
	failed=$(grep -c -e '^not ok ' -e '^Bail out!' "$work/log")
}

# It measures; scheduling.sh has a clock for that.
measures()
{
	[ "$(basename "$1")" = system-scheduling.epk ]
}

for package; do
	name=$(basename "$package" .epk)
	! measures "$package" || continue
	boot "$package"
	alone=$held
	for harts in 2 4; do
		boot -n $harts "$package"
		[ "$failed" -eq 0 ] && [ "$held" -ge "$alone" ] &&
			[ "$held" -gt 0 ]
		ok $? "$name: $held sentences hold on $harts harts"
	done
done
many=$top_builddir/tests/qemu/system-harts.epk
boot -n 8 "$many"
[ "$failed" -eq 0 ] && [ "$held" -gt 0 ]
ok $? "system-harts: $held sentences hold on 8 harts, as many as there can be"
boot -n 4 -m 256M -a 'selftest shutdown' "$NEXUS_SYSTEM"
[ "$failed" -eq 0 ] && [ "$held" -gt 0 ]
ok $? "the whole system proves itself on four: $held sentences"
if [ -n "${NEXUS_LONG:-}" ]; then
	end=$(($(date +%s) + ${HARTS_SECONDS:-3600})) runs=0 bad=0
	while [ "$(date +%s)" -lt "$end" ] && [ "$bad" -eq 0 ]; do
		for package; do
			! measures "$package" || continue
			boot -n 4 "$package"
			[ "$failed" -eq 0 ] && [ "$held" -gt 0 ] || {
				bad=1
				break
			}
			runs=$((runs + 1))
		done
	done
	ok "$bad" "$runs runs on four harts, as long as was asked for"
fi
finish
