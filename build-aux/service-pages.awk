# SPDX-License-Identifier: BSD-2-Clause
# One reference page per protocol table, a section per method:
# awk -v out=DIR -f rows.awk -f service-pages.awk services/proto/<name>.def...
# A row is METHOD(...) that begins a line and goes on to its last bracket; the
# comment in front of the first row, behind the licence, is the introduction.

function right_of(s) {
	if (s == "0") return "none"
	gsub(/PROTO_/, "", s)
	return tolower(s)
}

function line_of(row,    kind, p) {
	kind = macro_of(row)
	split_row(inside(row), p)
	if (kind == "IN" || kind == "OUT")
		return "| " (kind == "IN" ? "request" : "answer") " | word " \
			p[1] " | `" p[2] " " p[3] "` |"
	if (kind == "DATA_IN")
		return "| request | frame, " p[1] " to " p[2] " bytes | `" \
			p[3] "` |"
	if (kind == "DATA_OUT")
		return "| answer | frame, up to " p[1] " bytes | `" p[2] "` |"
	if (kind == "CAP_IN") {
		gsub(/NX_RIGHT_/, "", p[4])
		gsub(/[ \t\n]*\|[ \t\n]*/, ", ", p[4])
		return "| request | capability " p[1] ", " p[2] ", at most " \
			p[4] " | `" p[3] "` |"
	}
	return "| answer | capability " p[1] ", " p[2] " | `" p[3] "` |"
}

function method(row,    parts, n, i) {
	n = split_row(inside(row), parts)
	print "\n## " parts[2] "\n" > file
	print text_of(parts[5]) "\n" > file
	print "Method " parts[1] ", since " parts[3] ", right: " \
		right_of(parts[4]) ".\n" > file
	if (n < 6) return
	print "| in the | place | what |\n|---|---|---|" > file
	for (i = 6; i <= n; i++) print line_of(parts[i]) > file
}

FNR == 1 {
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.def$/, "", name)
	file = out "/" name ".md"
	print "# Protocol " name "\n" > file
	row = ""
	next
}
row == "" && /^ \* / { print substr($0, 4) > file; next }
/^METHOD\(/ { row = "" }
/^METHOD\(/ || row != "" {
	row = row $0 "\n"
	if ($0 ~ /\)$/ && split_row(row, p) == 1) {
		method(trim(row))
		row = ""
	}
}
