# SPDX-License-Identifier: BSD-2-Clause
# Rows of the tables (NAME(a, b, ...)) taken apart; for the programs that make
# pages of them: awk -f rows.awk -f service-pages.awk ...

function trim(s) { gsub(/^[ \t\n]+|[ \t\n]+$/, "", s); return s }

# Splits a row at commas outside of brackets and strings.
function split_row(text, parts,    i, c, depth, quoted, n) {
	delete parts
	n = 1
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\"") quoted = !quoted
		if (!quoted && c == "(") depth++
		if (!quoted && c == ")") depth--
		if (c == "," && depth == 0 && !quoted) { n++; continue }
		parts[n] = parts[n] c
	}
	for (i = 1; i <= n; i++) parts[i] = trim(parts[i])
	return n
}

# What is between the brackets of a row.
function inside(s) {
	sub(/^[A-Za-z_]+\(/, "", s)
	sub(/\)[ \t]*;?[ \t]*$/, "", s)
	return s
}

# "one " "text" as one string.
function text_of(s) {
	gsub(/"[ \t\n]*"/, "", s)
	gsub(/^"|"$/, "", s)
	return s
}

# The identifier that a row begins with.
function macro_of(s) { sub(/\(.*/, "", s); return s }
