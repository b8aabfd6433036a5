#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": what the kernel's paths cost in instructions. Each guest
# is booted with one instruction in one virtual nanosecond and counts itself,
# see bench.h. Nothing of the host's time enters a figure.
#   kernel.sh [GUEST...]   default: $BENCH_GUESTS, as in ../bench.am
set -eu
: "${top_srcdir:?}" "${top_builddir:?}"
qemu=${QEMU:-qemu-system-riscv64}
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
if ! command -v "$qemu" >/dev/null 2>&1 || ! [ -f "$kernel" ]; then
	echo "# kernel: no $qemu or no kernel, nothing to count" >&2
	exit 0
fi
[ $# -gt 0 ] || set -- ${BENCH_GUESTS:?}

# boot GUEST OPTION...: the figures of one guest.
boot()
{
	guest=$1
	shift
	memory=128M
	# It has the kernel work on as much memory as one VMO may have.
	[ "$guest" != bench/latency ] || memory=2G
	"${SHELL:-sh}" "$top_srcdir/build-aux/run-qemu.sh" -k "$kernel" -t 300 \
		-m $memory -q -icount -q shift=0,sleep=off -q -rtc -q clock=vm \
		"$@" "$top_builddir/tests/qemu/bench-${guest#bench/}.epk" |
		awk -v guest="$guest" '
			$1 == "#" && $2 == "bench" { print $3, $4, $5; next }
			/^not ok|^Bail out!|^1\.\.0/ {
				print "# " guest ": " $0 >"/dev/stderr"
			}'
}
# again NAME GUEST PATTERN OPTION...: some figures of a guest that is asked for,
# in a kernel that was told OPTIONs.
again()
{
	name=$1 guest=$2 pattern=$3
	shift 3
	case $guests in
	*" $guest "*)
		boot "$guest" "$@" | sed -n "/$pattern/s/^kernel/kernel.$name/p"
		;;
	esac
}

guests=" $* "
for guest; do
	boot "$guest"
done
# What costs more where there could be other harts, which have nothing to do.
again harts_4 bench/calls '[.]unknown ' -n 4
again harts_4 bench/messages '[.]round_trip[.]\|_to_' -n 4
again nofast bench/messages '[.]round_trip[.]words_0' -a nofast
size=${TARGET_CC:-riscv64-unknown-elf-gcc}
size=${size%gcc}size
if command -v "$size" >/dev/null 2>&1; then
	"$size" -A "$kernel" | awk '
		{ is[$1] = $2 }
		END {
			print "kernel.text", is[".entry"] + is[".text"], "bytes"
			print "kernel.constants", is[".rodata"], "bytes"
			print "kernel.data", is[".data"] + is[".bss"], "bytes"
			print "kernel.boot", is[".boot.text"], "bytes"
		}'
fi
