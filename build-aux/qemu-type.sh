#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Type at the machine: qemu-type.sh SCRIPT OUTPUT NONCE; types on stdout.
#   WAIT TEXT   until TEXT stands in what came after the last WAIT
#   TYPE TEXT   the text and Enter; @NONCE@ is the nonce of this boot
# Ends with the script; run-qemu.sh holds the time limit.
set -u
script=$1 output=$2 nonce=$3
seen=0

wait_for()
{
	while :; do
		size=$(wc -c <"$output")
		if at=$(tail -c +$((seen + 1)) "$output" | tr '\0' ' ' |
			grep -a -b -o -F -- "$1" | head -n 1) &&
			[ -n "$at" ]; then
			seen=$((seen + ${at%%:*} + ${#1}))
			return
		fi
		[ "$size" -ge "$seen" ] || return
		sleep 0.1
	done
}

while IFS= read -r line || [ -n "$line" ]; do
	text=${line#* }
	text=$(printf '%s' "$text" | sed "s/@NONCE@/$nonce/g")
	case $line in
	'' | '#'*) ;;
	'WAIT '*) wait_for "$text" ;;
	'TYPE '*) printf '%s\r' "$text" ;;
	*)
		echo "qemu-type: unknown line: $line" >&2
		exit 2
		;;
	esac
done <"$script"
# Keep the line open: end of file would end QEMU's serial input.
exec sleep 3600
