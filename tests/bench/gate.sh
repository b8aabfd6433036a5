#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Do the figures of the kernel hold?
#   gate.sh BASELINE ROWS FIGURES [AGAIN]
# Those that are counted, kernel.* and boot.*, may not be more than 2 % above
# what BASELINE recorded, may not miss an aim of ROWS that they met there, and
# may not be missing. A latency is the worst of many moments, which move with
# every instruction: only its aim counts. AGAIN, if given, are the figures of
# another run, which must be the same. Says on standard error what does not
# hold, and is 1 then.
set -eu
[ $# -eq 3 ] || [ $# -eq 4 ] || {
	echo "usage: gate.sh BASELINE ROWS FIGURES [AGAIN]" >&2
	exit 2
}
awk -v again="${4:-}" "$(cat "$(dirname "$0")/aims.awk")"'
# What the firmware does is not ours.
function counted(name)
{
	return name ~ /^(kernel|boot)[.]/ && name != "boot.firmware"
}

function fail(text)
{
	print "bench: " text >"/dev/stderr"
	failed = 1
}

FNR == 1 {
	file++
}

/^#/ || NF == 0 {
	next
}

file == 1 {
	if (counted($1))
		before[$1] = $2
	next
}

file == 2 {
	split($0, column, "\t")
	if (column[3] != "-")
		aim[column[1]] = column[3]
	next
}

file == 3 && counted($1) {
	now[$1] = $2
	if (!($1 in before))
		next
	if ($1 !~ /[.]latency[.]/ && $2 * 100 > before[$1] * 102)
		fail($1 " is " $2 ", recorded is " before[$1])
	if ($1 in aim && meets(before[$1], aim[$1]) && !meets($2, aim[$1]))
		fail($1 " is " $2 ", its aim is " aim[$1])
}

file == 4 && counted($1) {
	second[$1] = $2
}

END {
	for (name in before)
		if (!(name in now))
			fail(name " was not counted")
	if (again != "")
		for (name in now)
			if (now[name] != second[name])
				fail(name " is " now[name] ", then " \
					second[name])
	exit failed
}' "$@"
