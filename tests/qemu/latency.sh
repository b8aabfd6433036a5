#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No long work a program asks for keeps an interrupt from an urgent thread for
# more than 2,000 instructions: bench/latency.c counts them on a machine that
# runs one instruction in one virtual nanosecond, where the figures of two
# runs are the same.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
limit=2000
works=16 # the rows of latency.c
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
sh "$top_srcdir/build-aux/run-qemu.sh" -t "${QEMU_TIMEOUT:-180}" -m 2G -q -icount \
	-q shift=0,sleep=off "$top_builddir/tests/qemu/bench-latency.epk" \
	>"$work/log"
if grep -q '^1\.\.0 # SKIP' "$work/log"; then
	cat "$work/log"
	exit 0
fi
awk -v limit="$limit" -v works="$works" '
	/^not ok|^Bail out!/ { print "# " $0; failed = 1 }
	$1 == "#" && $2 == "bench" {
		held = $4 > 0 && $4 <= limit
		printf "%sok %d - %s: %d instructions, at most %d\n",
			held ? "" : "not ", ++n, $3, $4, limit
	}
	END {
		printf "%sok %d - every work was interrupted\n",
			n == works && !failed ? "" : "not ", n + 1
		print "1.." n + 1
	}' "$work/log"
