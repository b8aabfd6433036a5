#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Record the binary interface of SHARED in BASELINE (make abi-update).
set -eu
: "${SHARED:?}" "${BASELINE:?}" "${INCLUDE:?}"
mkdir -p "$(dirname "$BASELINE")"
# Nothing of the machine may get in: no path of the object or of the sources.
"${ABIDW:-abidw}" --headers-dir "$INCLUDE" --no-corpus-path \
	--no-comp-dir-path --no-show-locs --out-file "$BASELINE.new" "$SHARED"
mv "$BASELINE.new" "$BASELINE"
echo "recorded $BASELINE"
