#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Static analysis of our C: gcc -fanalyzer, clang's thread-safety check,
# clang-tidy (.clang-tidy says what) and cppcheck. Every finding is an error;
# a suppression stands in the source with its reason. A tool that is not
# there is named and skipped. analyze.sh [FILE...]: only these.
set -u
cd "${top_srcdir:-.}" || exit 2
jobs=$(nproc 2>/dev/null || echo 1)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' 0
failed=0

includes="-Ilibnexusabi/include -Ilibvmo/include -Ilibepk/include -Ilibepk/src
	-Ilibvmo/src -Ikernel/include -Ikernel -Iservices -Itests"
FLAGS="-std=gnu11 -D_GNU_SOURCE -DNX_ARCH_SIM=1 -DLIBRARY_VERSION=\"\"
	-DNEXUS_VERSION=\"\" $includes"
export FLAGS
host=$FLAGS
target="-march=rv64imac -mabi=lp64 -misa-spec=2.2 -mcmodel=medany
	--specs=picolibc.specs -std=gnu11 -DNX_ARCH_RISCV64=1 $includes
	${PORTS_SYSROOT:+-isystem $PORTS_SYSROOT/include}"

if [ $# -gt 0 ]; then
	printf '%s\n' "$@"
else
	find libnexusabi libvmo libepk kernel services utils -name '*.c' |
		grep -v -e /build/ -e '/\.' | LC_ALL=C sort
fi >"$work/all"
# Code that only the machine can compile.
grep -E '^kernel/arch/riscv64/|^services/|/target|sodium' "$work/all" \
	>"$work/target"
grep -vxFf "$work/target" "$work/all" >"$work/host"

# each NAME LIST COMMAND...: the file's name is the last argument.
each()
{
	name=$1 list=$2
	shift 2
	[ -s "$list" ] || return 0
	echo "analyze: $name, $(wc -l <"$list") files"
	xargs -P "$jobs" -n 1 "$@" <"$list" >"$work/out" 2>&1 || {
		cat "$work/out"
		echo "analyze: $name has findings"
		failed=1
	}
}
have()
{
	command -v "$1" >/dev/null 2>&1 && return
	echo "analyze: no $1, skipped"
	return 1
}

# shellcheck disable=SC2086 # lists of flags
if have gcc; then
	each "gcc -fanalyzer" "$work/host" \
		gcc -fanalyzer -Werror -O1 $host -c -o /dev/null
fi
# shellcheck disable=SC2086
if have "${TARGET_CC:-riscv64-unknown-elf-gcc}"; then
	each "gcc -fanalyzer (riscv64)" "$work/target" \
		"${TARGET_CC:-riscv64-unknown-elf-gcc}" -fanalyzer -Werror -O1 \
		$target -c -o /dev/null
fi
# shellcheck disable=SC2086
if have clang; then
	each "clang -Wthread-safety" "$work/host" \
		clang -fsyntax-only -Wthread-safety -Werror $host
fi
# shellcheck disable=SC2086
if have "${CLANG_TIDY:-clang-tidy}"; then
	each "clang-tidy" "$work/host" sh -c '
		tool=$1; shift; for file; do :; done
		out=$("$tool" --quiet "$file" -- $FLAGS 2>/dev/null) || {
			printf "%s\n" "$out"; exit 1; }' \
		tidy "${CLANG_TIDY:-clang-tidy}"
fi
# shellcheck disable=SC2086
if have "${CPPCHECK:-cppcheck}"; then
	echo "analyze: cppcheck"
	"${CPPCHECK:-cppcheck}" -q -j "$jobs" --error-exitcode=1 \
		--enable=warning,performance,portability --inline-suppr \
		--std=c11 --suppress=missingIncludeSystem \
		--suppress=preprocessorErrorDirective --suppress=unknownMacro \
		-DNX_ARCH_SIM=1 $includes --file-list="$work/all" || failed=1
fi
[ $failed -eq 0 ] && echo "analyze: no findings"
exit $failed
