#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The signatures that libepk is asked about are what their maker prints, and
# this reader's rule gives each the verdict that is written beside it.
. "${top_srcdir:?}/tests/support/tap.sh"
python=${PYTHON:-python3}
"$python" -c 'import hashlib' 2>/dev/null || skip_all "no python3"
from=$top_srcdir/tests/unit/libepk
"$python" -B "$from/ed25519_vectors.py" >"$work/made" 2>"$work/log"
cmp "$work/made" "$from/ed25519_vectors.h" >>"$work/log" 2>&1
ok $? "ed25519_vectors.h is what ed25519_vectors.py prints"
PYTHONPATH=$from:$top_srcdir/tests/reader "$python" -B - >"$work/wrong" \
	2>"$work/log" <<'END'
from ed25519_vectors import vectors
from epk_ed25519 import good
assert len(vectors) > 50
for verdict, sentence, key, message, signature in vectors:
    if good(key, signature, message) != verdict:
        print(sentence)
END
ok $? "there are vectors, and the reader judges all"
none "the reader's verdicts are those of the vectors"
finish
