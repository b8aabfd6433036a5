# SPDX-License-Identifier: BSD-2-Clause
# How text becomes lines of a manual page (mdoc); for the programs that make
# pages: awk -f rows.awk -f mdoc.awk -f header-pages.awk ...
# Pages are ASCII: every other character that is used has its escape here,
# and the test of the pages finds those that have none.

# Characters of running text and of code; no line structure.
function escape(s) {
	gsub(/\\/, "\\e", s)
	gsub(/≤/, "\\(<=", s)
	gsub(/≥/, "\\(>=", s)
	gsub(/×/, "\\(mu", s)
	gsub(/→/, "\\(->", s)
	gsub(/−/, "\\(mi", s)
	gsub(/·/, "\\(pc", s)
	gsub(/–/, "\\(en", s)
	gsub(/…/, "...", s)
	return s
}

# A line that begins like a request would be one.
function guard(s) { return s ~ /^[.']/ ? "\\&" s : s }

# `code`, **strong** and *stress*; only in text between backquotes nothing is
# special.
function marks(s,    n, i, part, r, open, a, b) {
	n = split(s, part, "`")
	if (n % 2 == 0) return escape(s)
	r = ""
	for (i = 1; i <= n; i++) {
		s = escape(part[i])
		if (i % 2 == 0) {
			# No end of a sentence.
			if (s ~ /[.!?]$/) s = s "\\&"
			r = r "\\fB" s "\\fP"
			continue
		}
		while (match(s, /\*\*[^*]+\*\*/))
			s = substr(s, 1, RSTART - 1) "\\fB" \
				substr(s, RSTART + 2, RLENGTH - 4) "\\fP" \
				substr(s, RSTART + RLENGTH)
		while (match(s, /\*[A-Za-z][^*]*\*/))
			s = substr(s, 1, RSTART - 1) "\\fI" \
				substr(s, RSTART + 1, RLENGTH - 2) "\\fP" \
				substr(s, RSTART + RLENGTH)
		r = r functions_of(s)
	}
	return r
}

# name() in bold.
function functions_of(s,    r) {
	r = ""
	while (match(s, /[a-z_0-9]+\(\)/)) {
		r = r substr(s, 1, RSTART - 1) "\\fB" \
			substr(s, RSTART, RLENGTH - 2) "\\fP()"
		s = substr(s, RSTART + RLENGTH)
	}
	return r s
}

# Running text: a new sentence on a new line, lines of at most 76 bytes.
function prose(s,    n, i, word, line, r) {
	s = marks(trim(s))
	n = split(s, word, /[ \t\n]+/)
	line = r = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && (length(line) + length(word[i]) > 75 ||
		    (line ~ /[.!?][)]?$/ && word[i] ~ /^[^a-z]/))) {
			r = r guard(line) "\n"
			line = word[i]
		} else
			line = line (line == "" ? "" : " ") word[i]
	}
	return r guard(line)
}

# A block as it stands.
function literal(s,    n, i, line, r) {
	n = split(s, line, "\n")
	r = ".Bd -literal\n"
	for (i = 1; i <= n; i++) r = r (line[i] == "" ? "\\&" : guard(escape(line[i]))) "\n"
	return r ".Ed"
}

function page_head(name, section, date) {
	return ".\\\" SPDX-License-Identifier: BSD-2-Clause\n.Dd " date \
		"\n.Dt " toupper(name) " " section "\n.Os\n.Sh NAME"
}
