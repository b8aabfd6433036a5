#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every fuzz target, built with sanitizers, from the same seed: a few seconds
# of each, or with NEXUS_LONG a campaign of more than ten million runs.
#	NEXUS_FUZZ_SEED, NEXUS_FUZZ_RUNS  another campaign
#	NEXUS_FUZZ_TARGETS                some targets only
#	NEXUS_FUZZ_SECONDS                how long clang's engine is let go on
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
here=$top_srcdir/tests/fuzz
out=${top_builddir:?}/tests/fuzz/sanitized
CC=${CC:-gcc}
export CC

echo 'int main(void) { return 0; }' >"$work/probe.c"
# shellcheck disable=SC2086
{
	$CC -fsanitize=address,undefined -o "$work/probe" "$work/probe.c" &&
		"$work/probe"
} >/dev/null 2>&1 || skip_all "$CC has no sanitizers here"

if ! "$here/build.sh" "$out" gcc >"$work/log" 2>&1; then
	sed 's/^/# /' "$work/log"
	echo "Bail out! the targets do not compile"
	exit 99
fi

# A small quarantine: memory is reused soon and stays in the caches.
ASAN_OPTIONS=quarantine_size_mb=8:detect_stack_use_after_return=0
UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
targets=${NEXUS_FUZZ_TARGETS:-$(cat "$here/targets")}

# Two at a time; each leaves its words and its status.
began=$(date +%s)
cd "$out" || exit 99
for target in $targets; do
	[ -x "$target" ] && echo "$target"
done | xargs -n 1 -P 2 sh -c './"$1" >"$1.log" 2>&1; echo $? >"$1.rc"' run
ended=$(date +%s)

total=0
for target in $targets; do
	[ -x "$target" ] || {
		skip "$target" "its library is missing"
		continue
	}
	head -n 100 "$target.log" >"$work/log"
	runs=$(sed -n 's/^# executions \([0-9]*\) .*/\1/p' "$target.log")
	seconds=$(sed -n 's/^# executions .* seconds //p' "$target.log")
	[ "$(cat "$target.rc")" -eq 0 ] && [ -n "$runs" ]
	ok $? "$target: $runs mutants, $seconds s"
	total=$((total + ${runs:-0}))
done
: >"$work/log"
least=1
[ -z "${NEXUS_LONG:-}" ] || [ -n "${NEXUS_FUZZ_RUNS:-}" ] ||
	[ -n "${NEXUS_FUZZ_TARGETS:-}" ] || least=10000000
[ $total -ge $least ]
ok $? "$total runs without a finding, at least $least"
# Sequences of calls, chosen by what they cover; a finding is replayed by
# guided/calls FILE.
if [ -n "${NEXUS_LONG:-}" ] && [ -z "${NEXUS_FUZZ_TARGETS:-}" ]; then
	if ! command -v clang >/dev/null 2>&1; then
		skip "no clang"
	else
		"$here/build.sh" ../guided libfuzzer calls >guided.log 2>&1 &&
			mkdir -p ../guided/corpus &&
			./calls -w ../guided/corpus && ../guided/calls \
			-max_len=8192 -artifact_prefix=../guided/ \
			-max_total_time="${NEXUS_FUZZ_SECONDS:-1200}" \
			../guided/corpus >guided.log 2>&1
		status=$?
		tail -n 50 guided.log >"$work/log"
		ok $status "calls: $(sed -n \
			's/^Done \(.* runs\) in .*/\1/p' guided.log), guided"
	fi
fi
echo "# $((ended - began)) s of wall time"
finish
