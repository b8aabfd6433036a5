# SPDX-License-Identifier: BSD-2-Clause
# Reads syscalls.def, in front of a program that makes pages of it by
# page(macro, name, parts, n, first, text) for each call: the n parts of its
# row, of which those from `first` are registers, and the comment above it.
# A row is an identifier NX_*(...) that begins a line and may go on over
# several; a comment that begins with /** and stands before it is its text.

# IN(2, uint64_t, offset) as a C parameter.
function parameter(register_,    macro, p) {
	macro = macro_of(register_)
	split_row(inside(register_), p)
	if (macro == "IN") return p[2] " " p[3]
	if (macro == "IN_H") return "nx_" p[2] "_t " p[3]
	if (macro == "IN_P") return p[2] " *" p[3]
	if (macro == "OUT") return p[2] " *out_" p[3]
	return "nx_" p[2] "_t *out_" p[3]
}

function take_row(row, text,    macro, parts, n, first) {
	macro = macro_of(row)
	if (macro == "NX_CONTROL" || macro == "NX_RESERVED") return
	n = split_row(inside(row), parts)
	first = macro == "NX_OP" ? 5 : 4
	page(macro, "nx_" parts[first - 2], parts, n, first, text)
}

/^\/\*\*/ { text = ""; comment = 1 }
comment {
	line = $0
	last = line ~ /\*\//
	sub(/^\/\*\* ?/, "", line)
	sub(/^ \* ?/, "", line)
	sub(/ ?\*\/$/, "", line)
	text = text (text == "" ? "" : "\n") line
	if (last) comment = 0
	next
}
/^NX_/ { row = ""; open = 1 }
open {
	row = row " " trim($0)
	if (gsub(/\(/, "(", row) == gsub(/\)/, ")", row)) {
		open = 0
		take_row(trim(row), text)
		text = ""
	}
}
