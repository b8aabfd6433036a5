#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel in memory: what its image asks for, and what the page tables of
# the running machine really allow, as the emulator sees them.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
qemu=${QEMU:-qemu-system-riscv64}
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
package=$top_builddir/tests/qemu/typed.epk
readelf=riscv64-unknown-elf-readelf
text_max=65536
command -v "$qemu" >/dev/null 2>&1 || skip_all "no $qemu"
command -v $readelf >/dev/null 2>&1 || skip_all "no $readelf"
[ -f "$kernel" ] || skip_all "no kernel image"
[ -f "$package" ] || skip_all "no $package"
pid=
cleanup()
{
	[ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }
	rm -rf "$work"
}
trap cleanup 0

# The upper half of the tables while a program waits: "base size rights".
watch_tables()
{
	mkfifo "$work/monitor"
	: >"$work/serial"
	timeout -k 5 "${QEMU_TIMEOUT:-60}" "$qemu" -M virt -m 128M \
		-bios default -display none -serial "file:$work/serial" \
		-monitor stdio -kernel "$kernel" -initrd "$package" \
		<"$work/monitor" >"$work/said" 2>&1 &
	pid=$!
	exec 3>"$work/monitor"
	tries=0
	until grep -aq 'type now' "$work/serial"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || break
		sleep 0.1
	done
	printf 'info mem\nquit\n' >&3
	exec 3>&-
	wait "$pid"
	pid=
	tr -d '\r' <"$work/said" |
		awk '/^[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [rwxugad-]+$/ {
			print $1, $3, $4 }' >"$work/all"
	grep '^ffffff' "$work/all" >"$work/kernel"
	grep -v '^ffffff' "$work/all" >"$work/user"
}

echo 1..11
"$readelf" -lW "$kernel" >"$work/headers"
flags=$(awk '$1 == "LOAD" { print $7 $8 }' "$work/headers" |
	sed 's/0x.*//' | tr '\n' ' ')
[ "$flags" = "RE R RW RE " ]
ok $? "the image has one segment of text, of constants, of data, and to boot"
awk '$1 == "LOAD" { print $3, $6 }' "$work/headers" | (
	end=0 bad=0
	while read -r base size; do
		# The lower 32 bits: all of the image is in one such range.
		base=0x${base#0xffffffff}
		[ $((base & 4095)) -eq 0 ] && [ $((base)) -ge $end ] || bad=1
		end=$(((base + size + 4095) & ~4095))
	done
	exit $bad
)
ok $? "no page belongs to two segments"
text=$(awk '$1 == "LOAD" { print $6; exit }' "$work/headers")
echo "# kernel_text $((text)) bytes"
[ $((text)) -le $text_max ]
ok $? "the text is at most $text_max bytes"
boot=$(awk '$1 == "LOAD" { at = $3 } END { print substr(at, 3) }' \
	"$work/headers")

watch_tables
[ -s "$work/kernel" ] && [ -s "$work/user" ]
ok $? "the running machine shows both halves"
! grep -q 'u.*$' "$work/kernel"
ok $? "no user may touch the upper half"
! grep -q ' .wx' "$work/kernel"
ok $? "nothing in the upper half is writable and executable"
[ "$(grep -c ' ..x' "$work/kernel")" -eq 1 ]
ok $? "the kernel's text is the only thing it can execute"
! grep -q ' ...-' "$work/user" && ! grep -q ' .wx' "$work/user"
ok $? "the lower half is the user's, write xor execute"
# Two stacks: the data of the image has two holes of a page.
awk '/^ffffffff8/ && / rw/ { print $1, $2 }' "$work/kernel" | (
	end= holes=0
	while read -r base size; do
		base=$((0x${base#ffffffff}))
		[ -z "$end" ] || [ $((base - end)) -ne 4096 ] ||
			holes=$((holes + 1))
		end=$((base + 0x$size))
	done
	[ $holes -eq 2 ]
)
ok $? "below each kernel stack a page is missing"
# By strings: addresses of the upper half are no numbers of the shell.
[ "$(awk '/^ffffffff8/ && / r.x/ { print $1 }' "$work/kernel")" \< "$boot" ]
ok $? "what can be executed is not what booted"
! awk -v boot="$boot" '/^ffffffff8/ && $1 >= boot { print }' "$work/kernel" |
	grep -q .
ok $? "what booted is not in the image's half any more"
