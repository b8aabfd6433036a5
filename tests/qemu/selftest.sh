#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The whole system proves itself: the boot package that `make qemu` boots,
# asked for the self-test. What the guest hashed is held against the list
# that the host's sha256sum made of the files before they were packed.
set -u
: "${NEXUS_SYSTEM:?}" "${NEXUS_DEMO:?}"
. "${top_srcdir:?}/tests/support/tap.sh"
sh "$top_srcdir/build-aux/run-qemu.sh" -t "${QEMU_TIMEOUT:-120}" -m 256M \
	-a 'selftest shutdown' "$NEXUS_SYSTEM" >"$work/console"
if grep -q '^1\.\.0 # SKIP' "$work/console"; then
	cat "$work/console"
	exit 0
fi
# The plan is ours: three lines more than the guest's.
tests=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$work/console")
tests=${tests:-0}
grep -v -e '^1\.\.[0-9]' -e '^# hash ' "$work/console"
sed -n 's/^# hash //p' "$work/console" | LC_ALL=C sort >"$work/guest"
LC_ALL=C sort "$NEXUS_DEMO.sha256" >"$work/host"
diff "$work/guest" "$work/host" 2>&1 | head -n 20 >"$work/log"
[ -s "$work/host" ] && cmp -s "$work/guest" "$work/host"
ok $? "the guest's $(wc -l <"$work/guest") digests are the host's"
: >"$work/log"
grep -q '^# SELFTEST: pkgimg vmo ok' "$work/console" &&
	grep -q '^# packagefsd: splice vmo ok (len=[0-9]*)' "$work/console"
ok $? "both sides of a loan say what they saw"
# The guest hashed the nonce of this boot and then each line it reported.
nonce=$(sed -n 's/^# nonce \([0-9a-f]*\)$/\1/p' "$work/console")
evidence=$({ printf '%s' "$nonce"; sed -n 's/^# hash //p' "$work/console"; } |
	sha256sum | cut -d' ' -f1)
[ -n "$nonce" ] && grep -q "^# evidence $evidence\$" "$work/console"
ok $? "what the guest reports is bound to this boot's nonce"
finish
