#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: each error that the comments of syscalls.def name for a call, and the
# ones that every call with a handle may return, has a case that cases.c ran
# (../sim/refused.c for memory of the machine that is short), or a row in
# cases.def that says where else; and no case is of an error that the comments
# do not name. The rights they name are those that handles.c has refused for.
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
abi=$top_srcdir/libnexusabi/include/nexus
"${top_builddir:?}/tests/system/cases" --seeds 1 >"$work/log" || exit 99
"$top_builddir/tests/sim/refused" --seeds 1 >>"$work/log" || exit 99
LC_ALL=C
export LC_ALL

# "CALL ERROR" and "CALL right RIGHT" of the comments. QUOTA_* is pages and
# handles, of job_create threads as well. An access has READ at least; a right
# that will do instead of another is not wanted.
awk -v errors="$abi/errors.def" -v rights="$abi/rights.def" '
function learn(file, row, known,    line) {
	while ((getline line < file) > 0)
		if (line ~ "^" row) {
			sub(/^[^,]*, /, "", line); sub(/,.*/, "", line)
			known[line] = 1
		}
}
BEGIN {
	learn(errors, "NX_ERROR", error)
	learn(rights, "NX_RIGHT", right)
}
function name_all(call, text, known, between,    word) {
	while (match(text, /[A-Z][A-Z_]+\*?/)) {
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (word == "QUOTA_*") {
			print call, "QUOTA_PAGES"; print call, "QUOTA_HANDLES"
			if (call == "job_create") print call, "QUOTA_THREADS"
		} else if (word in known)
			print call between word
	}
}
function name_rights(call, text) {
	if (!sub(/.*Rights: /, "", text)) return
	sub(/[.] .*|, or .*/, "", text)
	sub(/those of the access/, "READ", text)
	name_all(call, text, right, " right ")
}
/^\/\*\*/ { text = ""; comment = 1 }
comment {
	text = text " " substr($0, 4)
	comment = $0 !~ /\*\//
	next
}
/^NX_/ {
	row = $0
	while (row !~ /\)$/ && (getline line) > 0) row = row line
	split(row, part, /[(,] */)
	call = row ~ /^NX_OP/ ? part[4] : part[3]
	sub(/\).*/, "", call)
	if (row ~ /^NX_(CONTROL|RESERVED)/) { text = ""; next }
	name_all(call, text, error, " ")
	name_rights(call, text)
	text = ""
}' "$abi/syscalls.def" | sort -u >"$work/comments"
grep -v ' right ' "$work/comments" >"$work/named"

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
# "CALL right RIGHT" of the table in handles.c.
awk -F '"' '/^\t[{] "/ {
	n = split($5, right, /NX_RIGHT_/)
	for (i = 2; i <= n; i++) {
		sub(/[^A-Z].*/, "", right[i])
		print $2, "right", right[i]
	}
}' "$top_srcdir/tests/system/handles.c" | sort -u >"$work/needs"
grep ' right ' "$work/comments" >"$work/rights"
{
	comm -23 "$work/rights" "$work/needs" | sed 's/$/ is named only/'
	comm -13 "$work/rights" "$work/needs" | sed 's/$/ is not named/'
} >"$work/wrong"
none "the $(wc -l <"$work/rights") rights that calls name are those they need"
[ "$(wc -l <"$work/ran")" -ge 300 ] || wc -l "$work/ran" >"$work/wrong"
none "there are $(wc -l <"$work/ran") cases"
finish
