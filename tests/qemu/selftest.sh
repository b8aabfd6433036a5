#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The whole system proves itself: the boot package that `make qemu` boots,
# asked for the self-test. What the guest hashed is held against the list
# that the host's sha256sum made of the files before they were packed.
set -u
: "${top_srcdir:?}" "${NEXUS_SYSTEM:?}" "${NEXUS_DEMO:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
sh "$top_srcdir/build-aux/run-qemu.sh" -t "${QEMU_TIMEOUT:-120}" -m 256M \
	-a 'selftest shutdown' "$NEXUS_SYSTEM" >"$work/log"
if grep -q '^1\.\.0 # SKIP' "$work/log"; then
	cat "$work/log"
	exit 0
fi
# The plan is ours: three lines more than the guest's.
count=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$work/log")
grep -v -e '^1\.\.[0-9]' -e '^# hash ' "$work/log"
sed -n 's/^# hash //p' "$work/log" | LC_ALL=C sort >"$work/guest"
LC_ALL=C sort "$NEXUS_DEMO.sha256" >"$work/host"
count=$((${count:-0} + 1))
if [ -s "$work/host" ] && cmp -s "$work/guest" "$work/host"; then
	echo "ok $count - the guest's $(wc -l <"$work/guest") digests are" \
		"the host's"
else
	diff "$work/guest" "$work/host" | head -n 20 | sed 's/^/# /'
	echo "not ok $count - the guest's digests are the host's"
fi
count=$((count + 1))
if grep -q '^# SELFTEST: pkgimg vmo ok' "$work/log" &&
	grep -q '^# packagefsd: splice vmo ok (len=[0-9]*)' "$work/log"; then
	echo "ok $count - both sides of a loan say what they saw"
else
	echo "not ok $count - both sides of a loan say what they saw"
fi
# The guest hashed the nonce of this boot and then each line it reported.
count=$((count + 1))
nonce=$(sed -n 's/^# nonce \([0-9a-f]*\)$/\1/p' "$work/log")
evidence=$({ printf '%s' "$nonce"; sed -n 's/^# hash //p' "$work/log"; } |
	sha256sum | cut -d' ' -f1)
if [ -n "$nonce" ] && grep -q "^# evidence $evidence\$" "$work/log"; then
	echo "ok $count - what the guest reports is bound to this boot's nonce"
else
	echo "not ok $count - what the guest reports is bound to this boot's nonce"
fi
echo "1..$count"
