#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: a driver in user space, examples/driver-entropy, with a device that
# writes to memory by itself. It has what driver.plan grants it and dies with
# a request at the device; its successor finds the memory in quarantine.
#   driver.sh [HARTS...]   default: 1 2 4
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
[ $# -gt 0 ] || set -- 1 2 4
cat >"$work/script" <<END
WAIT leave quarantine
WAIT bytes by dma
WAIT leave quarantine
WAIT bytes by dma
TYPE reboot off
END

# count TEXT: lines that have it.
count()
{
	grep -c "$1" "$work/log"
}

for harts; do
	sh "$top_srcdir/build-aux/run-qemu.sh" -r -n "$harts" -m 256M \
		-t "${QEMU_TIMEOUT:-120}" -i "$work/script" \
		-q -global -q virtio-mmio.force-legacy=false \
		-q -object -q rng-builtin,id=source \
		-q -device \
		-q virtio-rng-device,rng=source,bus=virtio-mmio-bus.0 \
		"$top_builddir/tests/qemu/with-driver.epk" >"$work/log" 2>&1
	if grep -q '^1\.\.0 # SKIP' "$work/log"; then
		cat "$work/log"
		exit 0
	fi
	[ "$(count 'entropy: 64 bytes by dma, ')" -ge 3 ]
	ok $? "a device writes to memory of its driver, and interrupts, $harts harts"
	[ "$(sed -n 's/.*bytes by dma, \([0-9a-f]*\).*/\1/p' "$work/log" |
		sort -u | wc -l)" -ge 3 ]
	ok $? "each time something else, $harts harts"
	[ "$(count 'init: entropy ended, code 3')" -ge 2 ]
	ok $? "the driver dies with a request at the device, $harts harts"
	[ "$(count 'entropy: reset, 2 pages leave quarantine')" -ge 2 ]
	ok $? "its successor resets the device before the memory goes, $harts harts"
	[ "$(count 'init: cannot start thief .*BUSY')" -eq 1 ]
	ok $? "nobody is granted what another driver has, $harts harts"
	[ "$(count 'entropy: no registers: BAD_HANDLE')" -eq 1 ]
	ok $? "a driver without a grant has no device, $harts harts"
done
finish
