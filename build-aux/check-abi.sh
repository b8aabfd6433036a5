#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the shared object keeps the binary interface of the recorded dump.
#   SHARED BASELINE INCLUDE  the object, the .abi file, the public headers
#   ABIDIFF READELF          tools
#   SANITIZED                "yes" in a sanitizer build
# Additions pass; anything else must change the dump (make abi-update) and
# NEWS in the same commit. abidiff has no status for "not harmful" that a
# changed parameter type would not also get, so only 0 passes.
set -u
: "${SHARED:?}" "${BASELINE:?}" "${INCLUDE:?}"
skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}
[ "${SANITIZED:-no}" = no ] || skip "a sanitizer build exports more"
[ -f "$SHARED" ] || skip "no shared object"
[ -f "$BASELINE" ] || skip "no recorded interface yet"
command -v "${ABIDIFF:-abidiff}" >/dev/null || skip "no abidiff"
"${READELF:-readelf}" -S "$SHARED" | grep -q '\.debug_info' ||
	skip "no debug information: abidiff would compare names only"
echo 1..1
out=$("${ABIDIFF:-abidiff}" --no-added-syms --headers-dir2 "$INCLUDE" \
	"$BASELINE" "$SHARED" 2>&1)
status=$?
printf '%s\n' "$out" | sed 's/^/# /'
[ $status -eq 0 ] || printf 'not '
echo "ok 1 - the binary interface is the recorded one or a superset"
