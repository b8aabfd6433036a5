#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who gets how much of the processor: ../system/scheduling.c on one hart, where
# an instruction takes 16 ns, so that what others do on the host does not
# count. On two and four harts, which run by the host's clock, only what does
# not depend on it.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0

# boot HARTS OPTION...: sentences in $work/log.
boot()
{
	harts=$1
	shift
	sh "$top_srcdir/build-aux/run-qemu.sh" -t "${QEMU_TIMEOUT:-300}" \
		-n "$harts" "$@" \
		"$top_builddir/tests/qemu/system-scheduling.epk" >"$work/log"
	if grep '^1\.\.0 # SKIP' "$work/log"; then
		exit 0
	fi
	sed -n "s/^\(.*ok\) [0-9]* - /\1 - on $harts: /p
		/^Bail out!/p; /^# \(wake\|it waited\|1000\)/p" "$work/log"
}

boot 1 -q -icount -q shift=4,sleep=off >"$work/all"
for harts in 2 4; do
	boot $harts | grep -e 'every class' -e ' all run' -e 'raises itself' \
		-e 'left behind' -e '^Bail out!' >>"$work/all"
done
# By such a clock the machine is quiet: each of 160 sleeps has a wake-up of its
# own when there is no slack, and the sentences on slack are of something.
awk '/^(not )?ok / { n++; sub(/ok -/, "ok " n " -") }
	/^# wake-ups: / { idle = $3; normal = $7; none = $11 }
	{ print }
	END {
		held = none >= 160 && idle < normal && 2 * normal < none
		printf "%sok %d - on 1: %d sleeps wake %d times with 8 ms of slack\n",
			held ? "" : "not ", ++n, none, idle
		print "1.." n
	}' "$work/all"
