#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boot a package on the emulated machine as one TAP test.
#
#   run-qemu.sh [options] PACKAGE
#     -k FILE      kernel image           [$NEXUS_KERNEL]
#     -t SECONDS   the longest run        [$QEMU_TIMEOUT, or 60]
#     -m MEMORY    RAM                    [128M]
#     -n HARTS     so many harts          [$QEMU_HARTS, or 1]
#     -a TEXT      more of the kernel's command line
#     -i FILE      typed at the serial line: lines of "WAIT TEXT" and
#                  "TYPE TEXT" (see qemu-type.sh)
#     -q ARG       one more argument for QEMU; may be repeated
#     -r           raw: print what the machine prints, judge nothing
#
# A fresh nonce is on the command line of every boot (nonce=HEX): a line
# "# nonce HEX" of the guest must carry it, or the run was not this one.
# The machine ends QEMU itself. A run that does not end, or ends badly, or
# ends without a plan is a "Bail out!"; a machine that is missing is a skip.
set -u
here=$(dirname "$0")
kernel=${NEXUS_KERNEL:-} limit=${QEMU_TIMEOUT:-60} memory=128M extra= harts=${QEMU_HARTS:-1}
input= raw=no
qemu=${QEMU:-qemu-system-riscv64}
work= pid= feeder=

cleanup()
{
	[ -z "$feeder" ] || kill "$feeder" 2>/dev/null
	[ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }
	[ -z "$work" ] || rm -rf "$work"
}
trap cleanup 0
trap 'exit 99' 1 2 15

skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}

nl='
'
args=
while getopts k:t:m:n:a:i:q:r option; do
	case $option in
	k) kernel=$OPTARG ;;
	t) limit=$OPTARG ;;
	m) memory=$OPTARG ;;
	n) harts=$OPTARG ;;
	a) extra=" $OPTARG" ;;
	i) input=$OPTARG ;;
	q) args="$args$OPTARG$nl" ;;
	r) raw=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || {
	echo "usage: run-qemu.sh [-r] [-k FILE] [-t S] [-m M] [-n N] [-a TEXT]" \
		"[-i FILE] [-q ARG] PACKAGE" >&2
	exit 2
}
package=$1
command -v "$qemu" >/dev/null 2>&1 || skip "no $qemu"
[ -f "$kernel" ] || skip "no kernel image"
[ -f "$package" ] || skip "no boot package $package"

nonce=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
work=$(mktemp -d) || exit 99
out=$work/serial

# The list of -q options, one per line, becomes words without a second look.
IFS=$nl
# shellcheck disable=SC2086
set -f -- $args
unset IFS
set +f
set -- -M virt -m "$memory" -smp "$harts" -bios default -display none -monitor none \
	-no-reboot -kernel "$kernel" -initrd "$package" \
	-append "nonce=$nonce$extra" "$@"

: >"$out"
if [ -n "$input" ]; then
	mkfifo "$work/in" || exit 99
	timeout -k 5 "$limit" "$qemu" "$@" -serial stdio \
		<"$work/in" >"$out" 2>"$work/errors" &
	pid=$!
	sh "$here/qemu-type.sh" "$input" "$out" "$nonce" >"$work/in" &
	feeder=$!
else
	timeout -k 5 "$limit" "$qemu" "$@" -serial "file:$out" \
		</dev/null >"$work/errors" 2>&1 &
	pid=$!
fi
wait "$pid"
status=$?
pid=
if [ $raw = yes ]; then
	cat "$out"
	cat "$work/errors" >&2
	exit $status
fi

# From the plan on, TAP is TAP; everything else is a remark.
tr -d '\r' <"$out" |
	sed -E '/^#|^(not ok|ok)( |$)|^1\.\.[0-9]+|^Bail out!/!s/^/# /'
sed 's/^/# qemu: /' "$work/errors"
case $status in
0) ;;
124 | 137) echo "Bail out! no shutdown within ${limit}s" ;;
*) echo "Bail out! the machine ended with status $status" ;;
esac
grep -q '^1\.\.[0-9]' "$out" || echo "Bail out! the machine printed no plan"
if grep -q '^# nonce ' "$out"; then
	grep -q "^# nonce $nonce" "$out" ||
		echo "Bail out! the nonce is not the one of this boot"
fi
exit 0
