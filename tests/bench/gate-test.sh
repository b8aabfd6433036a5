#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The gate of `make bench` lets pass what it should, and nothing else.
set -u
: "${top_srcdir:?}"
. "$top_srcdir/tests/support/tap.sh"

# figures FILE NAME=VALUE...
figures()
{
	file=$work/$1
	shift
	for figure; do
		echo "${figure%=*} ${figure#*=} instructions"
	done >"$file"
}

gate()
{
	"${SHELL:-sh}" "$top_srcdir/tests/bench/gate.sh" "$work/before" \
		"$work/rows" "$@" 2>"$work/said"
}

# passes SENTENCE NAME=VALUE...; fails NAME SENTENCE NAME=VALUE...
passes()
{
	sentence=$1
	shift
	figures now "$@"
	gate "$work/now" && ! [ -s "$work/said" ]
	ok $? "$sentence"
}

fails()
{
	name=$1 sentence=$2
	shift 2
	figures now "$@"
	! gate "$work/now" && [ "$(wc -l <"$work/said")" -eq 1 ] &&
		grep -q "^bench: $name " "$work/said"
	ok $? "$sentence"
}

figures before kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	boot.firmware=10 host.e=10
printf '%s\t%s\t%s\t-\t-\n' kernel.a a 1010 kernel.b b 900 kernel.c c - \
	>"$work/rows"
passes "the same figures hold" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200
passes "lower ones hold" kernel.a=10 kernel.b=900 kernel.c=1 boot.d=2
passes "what is above its aim may stay so, 2 % more at most" \
	kernel.a=1000 kernel.b=1020 kernel.c=51 boot.d=204
fails kernel.b "more than 2 % more does not hold" \
	kernel.a=1000 kernel.b=1021 kernel.c=50 boot.d=200
fails kernel.c "also where there is no aim" \
	kernel.a=1000 kernel.b=1000 kernel.c=52 boot.d=200
fails boot.d "nor does a longer start" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=205
fails kernel.a "an aim once met is kept, whatever 2 % would be" \
	kernel.a=1011 kernel.b=1000 kernel.c=50 boot.d=200
fails kernel.c "a figure that is missing does not hold" \
	kernel.a=1000 kernel.b=1000 boot.d=200
passes "times of the host and the firmware are free" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	boot.firmware=99 host.e=99
passes "a new figure is" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 kernel.new=7
printf 'kernel.latency.x\tx\t100\t-\t-\n' >>"$work/rows"
echo kernel.latency.x 50 instructions >>"$work/before"
passes "the worst moment may come later within its aim" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	kernel.latency.x=100
fails kernel.latency.x "but no later than that" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	kernel.latency.x=101
printf 'kernel.share\ts\t95..105\t-\t-\n' >>"$work/rows"
echo kernel.share 104 permille >>"$work/before"
fails kernel.share "one that has two ends neither may leave: the upper" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	kernel.latency.x=100 kernel.share=106
fails kernel.share "and the lower" \
	kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 \
	kernel.latency.x=100 kernel.share=94
figures before kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200
figures again kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200
figures now kernel.a=1000 kernel.b=1000 kernel.c=50 boot.d=200 host.e=3
gate "$work/now" "$work/again"
ok $? "two runs with the same figures hold"
figures again kernel.a=1000 kernel.b=999 kernel.c=50 boot.d=200
! gate "$work/now" "$work/again" && grep -q "^bench: kernel.b " "$work/said"
ok $? "a run with another figure does not"
cut -f 1-3 "$top_srcdir/tests/bench/baseline.tsv" | grep -v '^#' \
	>"$work/recorded"
cp "$work/recorded" "$work/before"
cp "$top_srcdir/tests/bench/rows.tsv" "$work/rows"
gate "$work/recorded" && grep -q '^kernel' "$work/recorded"
ok $? "what is recorded holds"
finish
