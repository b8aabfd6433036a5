#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A machine that cannot go on says why in one line and stops: every refusal
# of the boot, each provoked by one change to what boots.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
qemu=${QEMU:-qemu-system-riscv64}
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
epk=$top_builddir/utils/epk/epk
program=$top_builddir/tests/qemu/machine.elf
limit=${QEMU_TIMEOUT:-60}
command -v "$qemu" >/dev/null 2>&1 || skip_all "no $qemu"
[ -f "$kernel" ] || skip_all "no kernel image"
[ -x "$epk" ] || skip_all "no epk"
[ -f "$program" ] || skip_all "no $program"

# refused LINE SENTENCE [QEMU OPTION...]: the machine prints exactly this
# refusal, runs nothing and ends by itself.
refused()
{
	wanted="boot refused: $1"
	sentence=$2
	shift 2
	timeout -k 5 "$limit" "$qemu" -M virt -m 128M -bios default \
		-display none -monitor none -serial stdio -no-reboot \
		-kernel "$kernel" "$@" </dev/null >"$work/raw" 2>"$work/errors"
	status=$?
	tr -d '\r' <"$work/raw" >"$work/out"
	{
		echo "wanted \"$wanted\", status $status, got"
		cat "$work/out" "$work/errors" | tail -n 5
	} >"$work/log"
	[ $status -ne 124 ] && [ $status -ne 137 ] &&
		[ "$(grep -a '^boot refused: ' "$work/out")" = "$wanted" ] &&
		! grep -aq '^1\.\.' "$work/out"
	ok $? "$sentence"
}

# pack NAME [OPTION...]: $work/tree becomes $work/NAME.epk.
pack()
{
	name=$1
	shift
	"$epk" pack --quiet --codec store --manifest "$work/manifest" \
		--output "$work/$name.epk" "$@" "$work/tree" || exit 99
}

# flip FILE OFFSET: change one byte.
flip()
{
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# changed FROM TO OFFSET: a copy with one byte changed.
changed()
{
	cp "$work/$1.epk" "$work/$2.epk"
	flip "$work/$2.epk" "$3"
}

cat >"$work/manifest" <<END
name = "boot"
version = "0.1.0"
arch = "riscv64"
kernel_api = "0.1"
END
mkdir "$work/tree"
cp "$program" "$work/tree/init"
chmod 755 "$work/tree/init"

echo 1..12
pack good --meta-codec store --map '*'
size=$(wc -c <"$work/good.epk")
changed good magic 0
changed good checksum 100
changed good metadata 4100
changed good data $((size - 8192))
head -c $((size - 4096)) "$work/good.epk" >"$work/short.epk"
pack compressed --map '*'
pack unmapped --meta-codec store
chmod 644 "$work/tree/init"
pack plain --meta-codec store --map '*'
echo "not a program" >"$work/tree/init"
chmod 755 "$work/tree/init"
pack text --meta-codec store --map '*'
mv "$work/tree/init" "$work/tree/other"
pack other --meta-codec store --map '*'

refused "boot package: there is none" "no package is refused"
refused "boot package: MAGIC (step 2)" "another file is refused" \
	-initrd "$work/magic.epk"
refused "boot package: HEADER_CRC (step 4)" "a changed header is refused" \
	-initrd "$work/checksum.epk"
refused "boot package: SIZE (step 8)" "a package cut short is refused" \
	-initrd "$work/short.epk"
refused "boot package: META_DIGEST (step 12)" "changed metadata is refused" \
	-initrd "$work/metadata.epk"
refused "boot package: COMPAT (step 12)" "compressed metadata is refused" \
	-initrd "$work/compressed.epk"
refused "boot package: FILE_DIGEST of /init" "a changed /init is refused" \
	-initrd "$work/data.epk"
refused "boot package: there is no /init" "a package without /init is refused" \
	-initrd "$work/other.epk"
refused "boot package: /init is not MAPPED" "an /init in pieces is refused" \
	-initrd "$work/unmapped.epk"
refused "boot package: /init is not executable" \
	"an /init without the right to run is refused" \
	-initrd "$work/plain.epk"
refused "boot package: /init is not executable" \
	"an /init that is no program is refused" -initrd "$work/text.epk"

"$qemu" -M virt,dumpdtb="$work/tree.dtb" -m 128M >/dev/null 2>&1
sed -z 's/memory$/mimory/' "$work/tree.dtb" >"$work/blind.dtb"
refused "device tree: NO_RAM" "a device tree without memory is refused" \
	-initrd "$work/good.epk" -dtb "$work/blind.dtb"
