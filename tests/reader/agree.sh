#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two readers of package images agree. NEXUS_READER_SEED, NEXUS_READER_COUNT
# and NEXUS_READER_FIRST choose the mutants, NEXUS_LONG asks for 200,000;
# NEXUS_READER_KEEP is a folder for images that the readers disagree on.
set -u
here=${top_srcdir:?}/tests/reader
judge=${top_builddir:?}/tests/reader/judge
python=${PYTHON:-python3}
"$python" -c 'import hashlib, zlib' 2>/dev/null || {
	echo "1..0 # SKIP no python3 with zlib"
	exit 0
}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
"$judge" -w "$work" || exit 99
count=10000
[ -z "${NEXUS_LONG:-}" ] || count=200000
"$python" -B "$here/agree.py" --judge "$judge" --bases "$work" \
	--seed "${NEXUS_READER_SEED:-1}" \
	--first "${NEXUS_READER_FIRST:-0}" \
	--count "${NEXUS_READER_COUNT:-$count}" \
	${NEXUS_READER_KEEP:+--keep "$NEXUS_READER_KEEP"}
