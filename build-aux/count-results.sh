#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Count the test lines of builds: count-results.sh BUILD...
# The last line is "N passed, M failed, K skipped". Fails when a test did,
# when there is none, or when no test ran on the emulated machine.
set -eu
tally()
{
	find "$@" -name '*.trs' -exec \
		sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' {} + |
		awk '
			{ n[$1]++ }
			END {
				print n["PASS"] + n["XFAIL"] + 0,
					n["FAIL"] + n["ERROR"] + n["XPASS"] + 0,
					n["SKIP"] + 0
			}'
}
# Failures and skips by name: the reader of a log looks here.
find "$@" -name '*.trs' -exec \
	grep -HE '^:test-result: (FAIL|ERROR|XPASS|SKIP)' {} + |
	sed 's/\.trs::test-result: /: /' || :
# shellcheck disable=SC2046
set -- $(tally "$@") $(tally $(find "$@" -path '*/tests/qemu' -type d))
status=0
if [ "$4" -eq 0 ]; then
	echo "no test ran on the emulated machine"
	status=1
fi
[ "$1" -gt 0 ] && [ "$2" -eq 0 ] || status=1
echo "$1 passed, $2 failed, $3 skipped"
exit $status
