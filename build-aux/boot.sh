#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boot a package with the console on this terminal:
# boot.sh [-d] [-smp N] PACKAGE
#   -d      wait for a debugger at port 1234
#   -smp N  so many harts, 1 to 8; $QEMU_HARTS, or 1
# $NEXUS_KERNEL is the kernel, $QEMU_FLAGS more arguments for QEMU.
set -eu
debug=
if [ "${1:-}" = -d ]; then
	debug='-S -s'
	shift
fi
harts=${QEMU_HARTS:-1}
if [ "${1:-}" = -smp ]; then
	harts=${2:?no number of harts}
	shift 2
fi
: "${NEXUS_KERNEL:?}" "${1:?no package}"
qemu=${QEMU:-qemu-system-riscv64}
if [ -n "$debug" ]; then
	echo "in another terminal: gdb-multiarch $NEXUS_KERNEL" \
		"-ex 'target remote :1234'" >&2
fi
echo "(Ctrl-A X leaves QEMU)" >&2
# shellcheck disable=SC2086 # lists of flags
exec "$qemu" -M virt -m 256M -smp "$harts" -bios default -nographic -no-reboot \
	-kernel "$NEXUS_KERNEL" -initrd "$1" $debug ${QEMU_FLAGS:-}
