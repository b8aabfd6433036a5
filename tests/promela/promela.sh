#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: spin goes through every state of the models, and finds nothing; of each
# model with one of its faults built in (BUG) it finds that. With NEXUS_LONG
# three harts take the lock, else two.
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
models=$top_srcdir/tests/promela
command -v spin >/dev/null 2>&1 || skip_all "no spin"
cd "$work" || exit 99

# search MODEL BUG WHAT: every state; WHAT is "safety", or a claim. A trail is
# left, and a count of errors in the log, 0 or 1.
search()
{
	harts=2 with=-DSAFETY how=-E
	[ -z "${NEXUS_LONG:-}" ] || [ "$3" != safety ] || harts=3
	if [ "$3" = safety ]; then
		with="$with -DNOCLAIM"
	else
		how="$how -a -f -N $3" with=
	fi
	rm -f pan ./*.trail
	# shellcheck disable=SC2086 # lists of options
	spin -DHARTS=$harts -DBUG="$2" -a "$models/$1.pml" >log 2>&1 &&
		${CC:-gcc} -w -O1 -DCOLLAPSE $with -o pan pan.c >>log 2>&1 &&
		./pan -m2000000 $how >>log 2>&1
	! grep -q 'max search depth' log && grep -q 'errors: [01]$' log
}

for model in "$models"/*.pml; do
	name=$(basename "$model" .pml)
	claims=$(sed -n 's/^ltl \([a-z_]*\) .*/\1/p' "$model")
	bugs=$(grep -o 'BUG [!=]= [0-9]' "$model" | grep -o '[0-9]' | sort -u)
	for claim in safety $claims; do
		search "$name" 0 "$claim" && grep -q 'errors: 0$' log
		ok $? "$name: $claim, in all of $(sed -n \
			's/^ *\([0-9]*\) states, stored.*/\1/p' log) states"
	done
	[ -n "$bugs" ]
	ok $? "$name: has faults to find"
	for bug in $bugs; do
		search "$name" "$bug" safety && grep -q 'errors: 1$' log
		ok $? "$name: fault $bug is found"
	done
done
[ "$tests" -gt 0 ]
ok $? "there are models"
finish
