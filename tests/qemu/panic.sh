#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A fault of the kernel itself prints where, with all registers, and stops
# the machine. No user can bring it about, so the image is patched: a
# function that every boot calls begins with other instructions. It is one of
# libepk's: those of the kernel may have become part of others.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
qemu=${QEMU:-qemu-system-riscv64}
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
prefix=riscv64-unknown-elf
command -v "$qemu" >/dev/null 2>&1 || skip_all "no $qemu"
command -v $prefix-nm >/dev/null 2>&1 || skip_all "no $prefix-nm"
[ -f "$kernel" ] || skip_all "no kernel image"

# patch BYTES: the image with these (octal escapes) at the function.
patch()
{
	at=$((0x${address#ffffffff} - 0x${start#ffffffff} + 0x$offset))
	cp "$kernel" "$work/nexus.elf"
	# shellcheck disable=SC2059
	printf "$1" | dd of="$work/nexus.elf" bs=1 seek=$at conv=notrunc \
		2>/dev/null
	timeout -k 5 "${QEMU_TIMEOUT:-60}" "$qemu" -M virt -m 128M \
		-bios default -display none -monitor none -no-reboot \
		-serial stdio -kernel "$work/nexus.elf" -initrd "$kernel" \
		</dev/null >"$work/raw" 2>&1
	status=$?
	tr -d '\r' <"$work/raw" >"$work/out"
	grep -a '^panic' "$work/out" | sed 's/^/# /'
}

stopped()
{
	[ $status -ne 124 ] && [ $status -ne 137 ] &&
		! grep -aq 'boot refused' "$work/out" &&
		[ "$(grep -ac '^ *a0  *[0-9a-f]\{16\}' "$work/out")" -eq 1 ] &&
		[ "$(grep -ac '^ *s8  *[0-9a-f]\{16\}' "$work/out")" -eq 1 ]
}

address=$($prefix-nm "$kernel" | awk '$3 == "epk_probe" { print $1 }')
# The last segment is of what boots.
start=$($prefix-readelf -lW "$kernel" |
	awk '$1 == "LOAD" { at = $3 } END { print substr(at, 3) }')
offset=$($prefix-readelf -lW "$kernel" |
	awk '$1 == "LOAD" { at = $2 } END { print substr(at, 3) }')
[ -n "$address" ] || {
	echo "Bail out! there is no function epk_probe"
	exit 99
}

echo 1..6
# unimp
patch '\0\0'
grep -aq "^panic: exception 2 in the kernel at $address" "$work/out"
ok $? "an illegal instruction in the kernel is a panic that says where"
stopped
ok $? "with all registers, and the machine stops"

# ld zero, 16(zero)
patch '\003\060\000\001'
grep -aq "^panic: exception 13 in the kernel at $address, address 10\$" \
	"$work/out"
ok $? "a wild pointer of the kernel is a panic that says where to"
stopped
ok $? "with all registers, and the machine stops"

# addi sp, sp, -1024; sd ra, 0(sp); j to the first
patch '\023\001\001\300\043\060\021\000\157\360\237\377'
grep -aq "^panic: exception 15 in the kernel at" "$work/out"
ok $? "a stack that runs over ends at its guard in a panic"
stopped
ok $? "with all registers, and the machine stops"
