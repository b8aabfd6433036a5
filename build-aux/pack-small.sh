#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Pack a few files into a package of small blocks, for tests that damage it:
# pack-small.sh -e EPK -v VERSION.H -o OUT ENTRY=FILE...
. "$(dirname "$0")/pack.sh"
add "$@"
pack small any --block-log2 12
