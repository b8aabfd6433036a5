#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Static analysis of our C: gcc -fanalyzer, clang's thread-safety check,
# clang-tidy (.clang-tidy says what) and cppcheck. Every finding is an error;
# a suppression stands in the source with its reason. A tool that is not
# there is named and skipped. analyze.sh [FILE...]: only these.
#   top_srcdir TARGET_CC CLANG_TIDY CPPCHECK PORTS_SYSROOT
set -u
self=$(cd "$(dirname "$0")" && pwd)/analyze.sh
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 2
top_srcdir=$(pwd) # for the runs of itself below, which begin here
export top_srcdir
: "${TARGET_CC:=riscv64-unknown-elf-gcc}" "${CLANG_TIDY:=clang-tidy}"
: "${CPPCHECK:=cppcheck}"
export TARGET_CC CLANG_TIDY

# The flags that a file is built with, the warnings aside.
includes="-Ilibnexusabi/include -Ilibvmo/include -Ilibepk/include
	-Ilibnexusabi/src -Ilibvmo/src -Ilibepk/src"
kernel="-Ikernel/include -Ikernel -Iservices -Itests"
# What tools share is built for epk, but for package's own files.
tools="-Iutils/common -Iutils/mount -Iutils/epk"
# Headers that are not where compilers look by themselves.
others=$(pkg-config --cflags fuse3 2>/dev/null)
posix="-std=c11 -D_POSIX_C_SOURCE=200809L -DLIBRARY_VERSION=\"\"
	-DNEXUS_VERSION=\"\" $includes $tools $others"
sim="-std=gnu11 -D_GNU_SOURCE -DNX_ARCH_SIM=1 $includes $kernel
	-Ikernel/arch/sim/include"
riscv64="-march=rv64imac -mabi=lp64 -mcmodel=medany -std=gnu11
	-DNX_ARCH_RISCV64=1"
target="$riscv64 -misa-spec=2.2 --specs=picolibc.specs
	-DLIBRARY_VERSION=\"\" $includes $kernel -Ikernel/arch/riscv64/include
	-isystem ${PORTS_SYSROOT:-/nonexistent}/include"

# one TOOL FILE: what xargs runs below.
# shellcheck disable=SC2086 # lists of flags
one()
{
	case $2 in
	kernel/* | services/*) flags=$sim ;;
	utils/package/*) flags="-Iutils/package $posix" ;;
	*) flags=$posix ;;
	esac
	case $1 in
	gcc) exec gcc -fanalyzer -Werror -O1 $flags -c -o /dev/null "$2" ;;
	# To assembly and no further: offsets.c is no more than that.
	target) exec $TARGET_CC -fanalyzer -Werror -O1 $target -S \
		-o /dev/null "$2" ;;
	clang) exec clang -fsyntax-only -Wthread-safety -Werror $flags "$2" ;;
	# The kernel needs no library, so that clang can read it.
	clang-riscv64) exec clang --target=riscv64-unknown-elf -ffreestanding \
		-fsyntax-only -Wthread-safety -Werror $riscv64 $includes \
		$kernel -Ikernel/arch/riscv64/include "$2" ;;
	tidy) out=$("$CLANG_TIDY" --quiet "$2" -- $flags 2>/dev/null) || {
		printf '%s\n' "$out"
		exit 1
	} ;;
	esac
}
if [ "${1:-}" = one ]; then
	one "$2" "$3"
	exit
fi

jobs=$(nproc 2>/dev/null || echo 1)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' 0
failed=0
if [ $# -gt 0 ]; then
	printf '%s\n' "$@"
else
	find libnexusabi libvmo libepk kernel services utils -name '*.c' |
		grep -v -e /build/ -e '/\.' | LC_ALL=C sort
fi >"$work/all"
# Code that only the machine can compile.
grep -E '^kernel/arch/riscv64/|^services/|_target\.c$|_riscv64\.c$' \
	"$work/all" >"$work/target"
grep -vxFf "$work/target" "$work/all" >"$work/host"
grep '^kernel/' "$work/target" >"$work/machine"

# each NAME LIST TOOL COMMAND
each()
{
	command -v "$4" >/dev/null 2>&1 || {
		echo "analyze: no $4, skipped"
		return
	}
	[ -s "$2" ] || return 0
	echo "analyze: $1, $(wc -l <"$2") files"
	xargs -P "$jobs" -n 1 sh "$self" one "$3" <"$2" >"$work/out" 2>&1 || {
		cat "$work/out"
		echo "analyze: $1 has findings"
		failed=1
	}
}
each "gcc -fanalyzer" "$work/host" gcc gcc
each "gcc -fanalyzer (riscv64)" "$work/target" target "$TARGET_CC"
each "clang -Wthread-safety" "$work/host" clang clang
each "clang -Wthread-safety (riscv64)" "$work/machine" clang-riscv64 clang
each "clang-tidy" "$work/host" tidy "$CLANG_TIDY"
# The two "redundant condition" checks take every assertion for a doubt.
# shellcheck disable=SC2086
if command -v "$CPPCHECK" >/dev/null 2>&1; then
	echo "analyze: cppcheck"
	"$CPPCHECK" -q -j "$jobs" --error-exitcode=1 \
		--enable=warning,performance,portability --inline-suppr \
		--std=c11 --suppress=missingIncludeSystem \
		--suppress=preprocessorErrorDirective --suppress=unknownMacro \
		--suppress=nullPointerRedundantCheck \
		--suppress=arrayIndexOutOfBoundsCond \
		-DNX_ARCH_SIM=1 $includes $kernel -Ikernel/arch/sim/include \
		--file-list="$work/all" || failed=1
else
	echo "analyze: no $CPPCHECK, skipped"
fi
[ $failed -eq 0 ] && echo "analyze: no findings"
exit $failed
