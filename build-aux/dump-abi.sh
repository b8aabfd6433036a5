#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Record the binary interface of SHARED in BASELINE (make abi-update).
set -eu
: "${SHARED:?}" "${BASELINE:?}" "${INCLUDE:?}"
mkdir -p "$(dirname "$BASELINE")"
# Nothing of the machine may get in: no path of the object or of the sources.
"${ABIDW:-abidw}" --headers-dir "$INCLUDE" --no-corpus-path \
	--no-comp-dir-path --no-show-locs --out-file "$BASELINE.new" "$SHARED"
# Units of compilation are named by their place in the library, not by ours.
sed "s,$(dirname "$INCLUDE")/,,g" "$BASELINE.new" >"$BASELINE"
rm -f "$BASELINE.new"
echo "recorded $BASELINE"
