# SPDX-License-Identifier: BSD-2-Clause
# One reference page per row of syscalls.def, from the row and the comment
# above it: awk -v out=DIR -f syscall-pages.awk syscalls.def
# A row is an identifier NX_*(...) that begins a line and may go on over
# several; a comment that begins with /** and stands before it is its text.

function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }

# Splits the arguments of a row at commas outside parentheses.
function split_row(text, parts,    i, c, depth, n) {
	delete parts
	n = 1
	parts[1] = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "(") depth++
		if (c == ")") depth--
		if (c == "," && depth == 0) { parts[++n] = ""; continue }
		parts[n] = parts[n] c
	}
	for (i = 1; i <= n; i++) parts[i] = trim(parts[i])
	return n
}

# IN(2, uint64_t, offset) as a C parameter.
function parameter(register_,    kind, inner, p) {
	kind = register_; sub(/\(.*/, "", kind)
	inner = register_; sub(/^[A-Z_]*\(/, "", inner); sub(/\)$/, "", inner)
	split_row(inner, p)
	if (kind == "IN") return p[2] " " p[3]
	if (kind == "IN_H") return "nx_" p[2] "_t " p[3]
	if (kind == "IN_P") return p[2] " *" p[3]
	if (kind == "OUT") return p[2] " *out_" p[3]
	return "nx_" p[2] "_t *out_" p[3]
}

function registers_line(register_,    kind, inner, p) {
	kind = register_; sub(/\(.*/, "", kind)
	inner = register_; sub(/^[A-Z_]*\(/, "", inner); sub(/\)$/, "", inner)
	split_row(inner, p)
	return "| a" p[1] " | " (kind ~ /^IN/ ? "in" : "out") " | " p[3] " |"
}

function page(row, text,    name, parts, n, i, first, macro, args, file, c) {
	macro = row; sub(/\(.*/, "", macro)
	args = row; sub(/^[A-Z_]*\(/, "", args); sub(/\)$/, "", args)
	n = split_row(args, parts)
	if (macro == "NX_CONTROL" || macro == "NX_RESERVED") return
	first = macro == "NX_OP" ? 5 : 4
	name = macro == "NX_OP" ? parts[3] : parts[2]
	file = out "/nx_" name ".md"
	print "# nx_" name "\n" > file
	c = "nx_status_t nx_" name "("
	if (macro == "NX_MESSAGE")
		c = c "nx_" parts[4] "_t to, struct nx_message *message"
	else if (n < first) c = c "void"
	else for (i = first; i <= n; i++)
		c = c (i > first ? ", " : "") parameter(parts[i])
	print "```c\n" c ");\n```\n" > file
	print text "\n" > file
	if (macro == "NX_OP")
		print "Operation " parts[2] " of call " parts[1] "." > file
	else
		print "Call " parts[1] "." > file
	print "Since version 0." parts[macro == "NX_OP" ? 4 : 3] ".\n" > file
	if (macro != "NX_MESSAGE" && n >= first) {
		print "| register | | |\n|---|---|---|" > file
		for (i = first; i <= n; i++)
			print registers_line(parts[i]) > file
	}
	close(file)
	index_[++count] = "- [nx_" name "](nx_" name ".md)"
}

/^\/\*\*/ { text = ""; comment = 1 }
comment {
	line = $0
	last = line ~ /\*\//
	sub(/^\/\*\* ?/, "", line); sub(/^ \* ?/, "", line)
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
		page(trim(row), text)
		text = ""
	}
}
END {
	file = out "/README.md"
	print "# The calls\n\nGenerated from syscalls.def.\n" > file
	for (i = 1; i <= count; i++) print index_[i] > file
}
