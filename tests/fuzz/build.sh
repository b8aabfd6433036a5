#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds the fuzz targets with sanitizers, apart from the rest of the build.
#	build.sh FOLDER [gcc|libfuzzer] [TARGET...]
# gcc: the plain driver, ASan and UBSan. libfuzzer: clang's engine.
# Made are FOLDER/TARGET; what is up to date is not made again. Run in any
# folder; JOBS processes at a time (2).
set -eu
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
[ $# -ge 1 ] || {
	sed -n '3,8s/^# *//p' "$0" >&2
	exit 2
}
out=$1
engine=${2:-gcc}
shift
[ $# -eq 0 ] || shift
mkdir -p "$out"
out=$(cd "$out" && pwd)

flags="-g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -pthread
	-Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes
	-Wmissing-prototypes -Wcast-qual -Wformat=2 ${WERROR:-}"
case $engine in
gcc)
	cc=${CC:-gcc} driver=driver
	flags="$flags -fsanitize=address,undefined"
	;;
libfuzzer)
	cc=${CLANG:-clang} driver=libfuzzer
	flags="$flags -fsanitize=fuzzer-no-link,address,undefined"
	link=-fsanitize=fuzzer
	;;
*)
	echo "$0: no engine $engine" >&2
	exit 2
	;;
esac

packages="gnutls zlib jansson"
libs=
deflate=no
if pkg-config --exists libdeflate; then
	packages="$packages libdeflate"
	flags="$flags -DEPK_WITH_LIBDEFLATE=1"
	deflate=yes
fi
fuse=no
if pkg-config --exists 'fuse3 >= 3.12'; then
	packages="$packages fuse3"
	fuse=yes
fi
archive=no
if pkg-config --exists 'libarchive >= 3.4'; then
	packages="$packages libarchive"
	archive=yes
fi
# shellcheck disable=SC2086
flags="$flags $(pkg-config --cflags $packages)"
# shellcheck disable=SC2086
libs="$(pkg-config --libs $packages) -ldl"
flags="$flags -D_GNU_SOURCE= -DNX_ARCH_SIM=1 -DLIBRARY_VERSION=\"fuzz\"
	-DNEXUS_VERSION=\"fuzz\" -DEPK_SYSTEM_TRUST=\"/nonexistent\"
	-I$top/tests -I$top/libepk/include -I$top/libepk/src
	-I$top/libnexusabi/include -I$top/libvmo/include
	-I$top/kernel -I$top/kernel/include -I$top/kernel/arch/sim/include
	-I$top/services -I$top/utils/common -I$top/utils/mount
	-I$top/utils/epk"

# names FILE VARIABLE...: the .c files a sources.am gives to variables.
names()
{
	file=$1
	shift
	for variable; do
		sed -n "/^$variable = /,/[^\\\\]\$/p" "$file"
	done | tr ' \t' '\n\n' | sed -n 's,^%D%/\(.*\.c\)$,\1,p'
}
lists="epk_sources epk_host_sources"
# The kernel of the simulator, and the model that it is held against.
kernel="$(names "$top/kernel/sources.am" kernel_core_sources \
	kernel_sim_sources | sed 's,^,kernel/,')
	$(cd "$top" && echo tests/model/*.c) tests/support/sim.c
	tests/support/sim_pack.c"
[ $deflate = no ] || lists="$lists epk_libdeflate_sources"

# One rule a file: make knows what is old.
{
	echo "CC = $cc"
	echo "FLAGS = $(echo "$flags" | tr '\n' ' ' | sed 's/"/\\"/g')"
	objects=
	# shellcheck disable=SC2086
	for file in $(names "$top/libepk/sources.am" $lists |
			sed 's,^,libepk/,') \
		libnexusabi/src/program.c libnexusabi/src/strings.c \
		kernel/boot/fdt.c kernel/boot/judge.c kernel/boot/machine.c \
		kernel/boot/memory.c kernel/boot/property.c \
		services/lib/service.c services/lib/package_client.c \
		services/proto/call.c \
		"$top"/utils/common/*.c "$top"/utils/mount/*.c \
		"$top"/utils/epk/*.c \
		tests/unit/libepk/forge.c tests/fuzz/bytes.c \
		tests/fuzz/image_seeds.c tests/fuzz/image_open.c \
		tests/fuzz/image_mutate.c "tests/fuzz/$driver.c"; do
		file=${file#"$top"/}
		more=
		case $file in
		*/mount_none.c) continue ;;
		*/tar_none.c)
			[ $archive = no ] || continue
			;;
		utils/epk/tar_* | utils/epk/*port.c | utils/epk/convert.c)
			[ $archive = yes ] || continue
			;;
		*/main.c) # its tables are wanted, the program is not
			more="-Dmain=no_main -Wno-missing-prototypes "
			;;
		utils/mount/* | utils/epk/mount*)
			[ $fuse = yes ] || continue
			;;
		esac
		object=$(echo "$file" | tr / -).o
		objects="$objects $object"
		echo "$object: $top/$file"
		printf '\t@$(CC) $(FLAGS) %s-MMD -c -o $@ %s\n' "$more" \
			"$top/$file"
	done
	echo "parts.a:$objects"
	printf '\t@rm -f $@ && $(AR) cr $@%s\n' "$objects"
	objects=
	for file in $kernel; do
		more=
		[ "$file" != tests/model/model.c ] ||
			more="-Dmain=no_main -Wno-missing-prototypes "
		object=kernel-$(echo "$file" | tr / -).o
		objects="$objects $object"
		echo "$object: $top/$file"
		printf '\t@$(CC) $(FLAGS) %s-MMD -c -o $@ %s\n' "$more" \
			"$top/$file"
	done
	echo "kernel.a:$objects"
	printf '\t@rm -f $@ && $(AR) cr $@%s\n' "$objects"
	programs=
	[ $# -gt 0 ] || set -- $(cat "$top/tests/fuzz/targets")
	for target; do
		[ "$target" != fuse ] || [ $fuse = yes ] || continue
		[ "$target" != tar ] || [ $archive = yes ] || continue
		programs="$programs $target"
		parts=parts.a
		[ "$target" != calls ] || parts="kernel.a parts.a"
		echo "$target: $top/tests/fuzz/$target.c $parts"
		printf '\t@$(CC) $(FLAGS) %s -MMD -o $@ %s %s %s\n' \
			"${link:-}" "$top/tests/fuzz/$target.c" "$parts" "$libs"
	done
	echo "all:$programs"
	echo "-include *.d"
} >"$out/Makefile"
exec "${MAKE:-make}" --no-print-directory -C "$out" -j "${JOBS:-2}" all
