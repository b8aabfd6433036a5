#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: each error that the comments of syscalls.def name for a call, and the
# ones that every call with a handle may return, has a case that cases.c ran
# (../sim/refused.c for memory of the machine that is short), or a row in
# cases.def that says where else; and no case is of an error that the comments
# do not name.
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
abi=$top_srcdir/libnexusabi/include/nexus
"${top_builddir:?}/tests/system/cases" --seeds 1 >"$work/log" || exit 99
"$top_builddir/tests/sim/refused" --seeds 1 >>"$work/log" || exit 99
LC_ALL=C
export LC_ALL

# "CALL ERROR" of the comments. A group's comment goes for its calls that
# make something; QUOTA_* is pages and handles, of job_create threads as well.
awk -v errors="$abi/errors.def" '
BEGIN {
	while ((getline line < errors) > 0)
		if (line ~ /^NX_ERROR/) {
			sub(/^[^,]*, /, "", line); sub(/,.*/, "", line)
			known[line] = 1
		}
}
function name_all(call, text,    word) {
	while (match(text, /[A-Z][A-Z_]+\*?/)) {
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (word == "QUOTA_*") {
			print call, "QUOTA_PAGES"; print call, "QUOTA_HANDLES"
			if (call == "job_create") print call, "QUOTA_THREADS"
		} else if (word in known)
			print call, word
	}
}
/^\/\*/ { text = ""; comment = 1; group = $0 !~ /^\/\*\*/ }
comment {
	text = text " " $0
	if ($0 !~ /\*\//) next
	comment = 0
	if (group) { all = text; text = "" }
	next
}
/^NX_/ {
	row = $0
	while (row !~ /\)$/ && (getline line) > 0) row = row line
	split(row, part, /[(,] */)
	call = row ~ /^NX_OP/ ? part[4] : part[3]
	sub(/\).*/, "", call)
	if (row ~ /^NX_(CONTROL|RESERVED)/) { text = ""; next }
	name_all(call, text (row ~ /OUT_H/ ? all : ""))
	text = ""
}' "$abi/syscalls.def" | sort -u >"$work/named"

# cases FILTER...: "CALL ERROR" of each.
cases()
{
	"$@" "$work/log" |
		sed -n 's/^ok [0-9]* - \([a-z_]*\) says \([A-Z_]*\): .*/\1 \2/p'
}
cases cat | sort >"$work/ran"
sed -n 's/^ELSEWHERE(\([a-z_]*\), \([A-Z_]*\), .*/\1 \2/p' "$top_srcdir/tests/system/cases.def" |
	sort -u >"$work/elsewhere"
sort -u "$work/ran" "$work/elsewhere" >"$work/shown"

comm -23 "$work/named" "$work/shown" >"$work/wrong"
none "each of $(wc -l <"$work/named") errors that a call names has a case"
cases grep -v 'over 32' | sort -u |
	grep -vE ' (BAD_HANDLE|WRONG_KIND|ACCESS_DENIED|FILTERED|THROTTLED)$' |
	comm -13 "$work/named" - >"$work/wrong"
none "and each case is of an error that its call names"
grep -v 'BAD_ADDRESS$' "$work/elsewhere" | comm -12 - "$work/ran" >"$work/wrong"
none "what is shown elsewhere is not shown here"
[ "$(wc -l <"$work/ran")" -ge 300 ] || wc -l "$work/ran" >"$work/wrong"
none "there are $(wc -l <"$work/ran") cases"
finish
