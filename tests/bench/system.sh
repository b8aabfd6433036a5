#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": what the running system costs in instructions. First
# system.c in the place of the shell, then the system that `make qemu` boots,
# asked at its prompt how it came there and what it holds. One instruction is
# one virtual nanosecond; while somebody waits, as the prompt does and as the
# firmware may, the host's time passes: what the firmware took is that of the
# first boot, in which it does not.
set -eu
: "${top_srcdir:?}" "${top_builddir:?}"
qemu=${QEMU:-qemu-system-riscv64}
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
system=${NEXUS_SYSTEM:-$top_builddir/services/target/system.epk}
if ! command -v "$qemu" >/dev/null 2>&1 || ! [ -f "$kernel" ]; then
	echo "# system: no $qemu or no kernel, nothing to count" >&2
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15

# boot SLEEP ARGUMENT...: what the guest printed.
boot()
{
	sleep=$1
	shift
	"${SHELL:-sh}" "$top_srcdir/build-aux/run-qemu.sh" -r -k "$kernel" \
		-t 300 -m 256M -q -icount -q "shift=0,sleep=$sleep" "$@" |
		tr -d '\r'
}
boot off "$top_builddir/tests/qemu/bench-system.epk" |
	awk '$1 == "#" && $2 == "bench" { print $3, $4, $5; next }
		/^not ok|^boot refused/ { print "# system: " $0 >"/dev/stderr" }
	' | tee "$work/services"

printf 'WAIT nexus> \nTYPE mem\nWAIT nexus> \nTYPE reboot off\n' >"$work/in"
# The time counter of the machine has 10 MHz: 100 instructions a tick.
boot on -i "$work/in" "$system" |
	awk -v package="$(wc -c <"$system")" -v firmware="$(awk \
		'$1 == "system.firmware" { print $2 }' "$work/services")" '
	{ value[$1] = $2 }
	END {
		if (!("ticks_to_prompt" in value)) {
			print "# system: no prompt" >"/dev/stderr"
			exit
		}
		at = value["ticks_to_prompt"]
		start = value["ticks_at_start"]
		user = value["ticks_to_user"]
		used = 262144 - value["pages_free"] * 4
		print "system.reset_to_prompt", firmware + (at - start) * 100,
			"instructions"
		print "system.kernel_to_prompt", (at - start) * 100,
			"instructions"
		print "system.user_to_prompt", (at - user) * 100, "instructions"
		print "system.ram_used", used, "KiB"
		printf "system.ram_used_less_package %d KiB\n",
			used - package / 1024
	}'
