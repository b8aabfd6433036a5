#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the kernel's instructions are, where a figure does not show it: what the
# fast path goes without, and what a trace costs that is off.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
kernel=${NEXUS_KERNEL:-$top_builddir/kernel/target/nexus.elf}
cc=${TARGET_CC:-riscv64-unknown-elf-gcc}
objdump=${cc%gcc}objdump
command -v "$cc" >/dev/null 2>&1 || skip_all "no $cc"
command -v "$objdump" >/dev/null 2>&1 || skip_all "no $objdump"
[ -f "$kernel" ] || skip_all "no kernel image"

"$objdump" -d "$kernel" >"$work/all"
# Its instructions, "opcode operands" with a tab between: those below a label
# that begins with its name.
awk -v one="$work/one" -v many="$work/many" '
	/^[0-9a-f]+ <.*>:$/ {
		out = ""
		if ($2 ~ /^<trap_entry_fast/)
			out = $2 ~ /_many/ ? many : one
		next
	}
	out != "" && split($0, part, "\t") > 2 { print part[3] "\t" part[4] >out }
	' "$work/all"

# has COUNT OPCODE FILE
has()
{
	[ "$(grep -cE "^($2)([.	]|\$)" "$3")" -eq "$1" ]
}
has 2 sret "$work/one" && has 2 sret "$work/many"
ok $? "a call and an answer leave by a fast path, with one hart and with many"
! grep -E '^(amo|lr|sc\.|fence)' "$work/one" >"$work/log"
ok $? "with one hart it has neither an atomic instruction nor a fence"
has 2 lr "$work/many" && has 2 sc "$work/many" && has 0 'amo[a-z]*' "$work/many"
ok $? "with many each of the two takes the lock by one pair of them"
! grep -h '^sfence' "$work/one" "$work/many" >"$work/log"
ok $? "neither forgets a translation"
# The number of a handle becomes two places in tables; each is cut to the size
# of its table by the next instructions, so that no guess leads out of it.
awk -F '\t' '
	cut == 1 { cut = $1 == "srl" && $2 ~ /^t2,t2,/ ? 2 : 0; next }
	cut == 2 { whole += $1 == "and" && $2 == "t2,t2,-8"; cut = 0 }
	$1 == "sll" && $2 ~ /^t2,a0,/ { cut = 1 }
	$1 == "and" && $2 ~ /^t2,a0,[0-9]+$/ { slots++ }
	END { exit whole != 4 || slots != 4 }' "$work/one" "$work/many"
ok $? "the number of a handle is cut to its tables before it is looked up"
! grep -hE '^(jal|jalr)	' "$work/one" "$work/many" >"$work/log"
ok $? "neither calls anything"

cat >"$work/place.c" <<'END'
#include <kernel/trace.h>
void place(uint64_t a, uint64_t b, uint64_t c);
void place(uint64_t a, uint64_t b, uint64_t c)
{
	trace(NX_TRACE_CALL, a, b, c);
}
END
"$cc" -O2 -march=rv64imac -mabi=lp64 -misa-spec=2.2 -mcmodel=medany \
	-ffreestanding -DNX_ARCH_RISCV64=1 -I"$top_srcdir/kernel/include" \
	-I"$top_srcdir/kernel/arch/riscv64/include" \
	-I"$top_srcdir/libnexusabi/include" -c -o "$work/place.o" \
	"$work/place.c" 2>"$work/log"
"$objdump" -d "$work/place.o" | grep '	' | cut -f3- >"$work/place"
sed 4q "$work/place" >"$work/log"
# A load, a branch that is not taken, and the end.
sed -n 1p "$work/place" | grep -qE '^l[bhw]u?	.*\(tp\)' &&
	sed -n 2p "$work/place" | grep -qE '^bnez	' &&
	sed -n 3p "$work/place" | grep -qE '^ret'
ok $? "a place that could be traced costs two instructions while none is"
# Each that the image has is guarded so: its branch comes behind the load.
grep -oE '[0-9]+\(tp\)' "$work/place" | head -n 1 >"$work/field"
grep -oE '^l[bhw]u?' "$work/place" | head -n 1 >"$work/load"
awk -v load="$(cat "$work/load")" -v field="$(cat "$work/field")" '
	/^[0-9a-f]+ <.*>:$/ { within = $2 }
	within == "<trace_write>:" { next }
	want != "" {
		split($4, operand, ",")
		if (operand[1] == want || $4 ~ "[,(]" want "([,)]|$)") {
			if ($3 !~ /^(bnez|beqz|seqz|snez)$/)
				print
			want = ""
		}
	}
	$3 == load && index($4, "," field) {
		split($4, operand, ",")
		want = operand[1]
		seen++
	}
	END { if (seen < 3) print "only " seen + 0 " places" }' \
	"$work/all" >"$work/wrong"
none "whoever loads that word does nothing with it but branch"
finish
