#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: every public header compiles alone, in each language that may read it.
#   ALL_HEADERS paths below INCLUDE, e.g. nexus/types.h
#   INCLUDES    -I flags
#   CC NX_CXX TARGET_CC TARGET_FLAGS  compilers; ":" or empty is a skip
set -u
: "${ALL_HEADERS:?}" "${INCLUDES:?}"
n=0
# shellcheck disable=SC2086 # the flag variables are lists
try()
{
	header=$1 language=$2 compiler=$3
	shift 3
	n=$((n + 1))
	case $compiler in
	'' | :)
		echo "ok $n - $header as $language # SKIP no compiler"
		return
		;;
	esac
	if errors=$(printf '#include <%s>\n#include <%s>\ntypedef int nx_used;\n' \
		"$header" "$header" |
		$compiler "$@" $INCLUDES -fsyntax-only - 2>&1); then
		echo "ok $n - $header compiles alone as $language"
	else
		printf '%s\n' "$errors" | sed 's/^/# /'
		echo "not ok $n - $header compiles alone as $language"
	fi
}
# shellcheck disable=SC2086
set -- $ALL_HEADERS
echo "1..$(($# * 3))"
for h; do
	try "$h" C11 "${CC:-cc}" -x c -std=c11 -Wall -Wextra -Wpedantic -Werror
	try "$h" C++11 "${NX_CXX:-}" -x c++ -std=c++11 -Wall -Wextra -Wpedantic \
		-Werror
	# shellcheck disable=SC2086
	try "$h" "freestanding riscv64" "${TARGET_CC:-}" ${TARGET_FLAGS:-} -x c \
		-std=c11 -ffreestanding -Wall -Wextra -Wpedantic -Werror
done
