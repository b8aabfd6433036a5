# SPDX-License-Identifier: BSD-2-Clause
# A manual page from a document in Markdown:
#	awk -v name=epk -v section=5 -v date=... -v about="one line" \
#	    -v see="epk 1" -f rows.awk -f mdoc.awk -f document-page.awk DOCUMENT.md
# Known are: paragraphs, headings with ##, lists with - and 1., tables, code
# between fences, and within text `code`, *stress* and **strong**. The title
# (#) gives way to the page's own. A line that begins with nothing of this
# goes on the paragraph or the item above.

function flush(    s) {
	s = text
	text = ""
	if (trim(s) == "") return
	if (kind == "item") { print ".It\n" prose(s); return }
	if (!fresh) print ".Pp"
	print prose(s)
	fresh = 0
}

function end_list() {
	flush()
	if (list != "") print ".El"
	list = ""
	kind = ""
}

function begin_item(which, s) {
	flush()
	if (list != which) {
		end_list()
		print ".Bl -" which
	}
	list = which
	kind = "item"
	text = s
	fresh = 0
}

# Cells between bars; a bar in code would be one too, so there is none.
function cells(line, cell,    n, i) {
	line = trim(line)
	sub(/^\|/, "", line)
	sub(/\|$/, "", line)
	n = split(line, cell, "|")
	for (i = 1; i <= n; i++) cell[i] = trim(cell[i])
	return n
}

# In a narrow column a line may also break behind a bracket or a slash.
function breaks(s) {
	if (columns > 4) gsub(/[(\/]/, "&\\:", s)
	return guard(s)
}

function as_list(    r, cell) {
	print ".Bl -tag -width Ds"
	for (r = 2; r <= rows; r++) {
		cells(row[r], cell)
		print ".It " escape(cell[1]) "\n" marks(cell[2])
	}
	print ".El"
	fresh = rows = 0
}

function end_table(    r, i, n, cell, long, format) {
	if (rows == 0) return
	n = cells(row[1], cell)
	columns = n
	for (r = 1; r <= rows; r++) {
		cells(row[r], cell)
		for (i = 1; i <= columns; i++)
			if (length(cell[i]) > (columns > 4 ? 9 : 22) &&
			    cell[i] ~ / /)
				long[i] = 1
	}
	# A line of a page has no room for a digest beside something.
	if (n == 2 && length(cell[2]) > 60 && cell[2] !~ / /) {
		as_list()
		return
	}
	for (i = 1; i <= columns; i++)
		format = format (i > 1 ? " " : "") (long[i] ? "lx" : "l")
	if (!fresh) print ".Pp"
	print ".TS\nnokeep;\n" format "."
	for (r = 1; r <= rows; r++) {
		n = cells(row[r], cell)
		if (r == 1 && row[1] ~ /^[| ]*$/) continue
		for (i = 1; i <= columns; i++) {
			printf "%s", (i > 1 ? "\t" : "")
			if (long[i] && cell[i] != "")
				printf "T{\n%s\nT}", breaks(marks(cell[i]))
			else
				printf "%s", guard(marks(cell[i]))
		}
		print ""
		if (r == 1) print "_"
	}
	print ".TE"
	fresh = 0
	rows = 0
}

BEGIN {
	print "'\\\" t"
	print page_head(name, section, date)
	print ".Nm " name "\n.Nd " about "\n.Sh DESCRIPTION"
	fresh = 1
}
/^```/ {
	if (fence) print literal(code)
	else { flush(); code = "" }
	fence = !fence
	next
}
fence { code = code (code == "" ? "" : "\n") $0; next }
/^<!--/ || /^# / { next }
/^##+ / {
	end_table()
	end_list()
	sub(/^##+ /, "")
	print ".Sh " toupper(escape($0))
	fresh = 1
	next
}
/^\|/ {
	if (rows == 0) end_list()
	if ($0 ~ /^\|[-| :]+$/) next
	row[++rows] = $0
	next
}
/^- / { end_table(); begin_item("bullet", substr($0, 3)); next }
/^[0-9]+\. / { end_table(); sub(/^[0-9]+\. /, ""); begin_item("enum", $0); next }
/^[ \t]*$/ { end_table(); flush(); if (list != "") after_item = 1; next }
{
	end_table()
	if (after_item && $0 !~ /^ /) end_list()
	after_item = 0
	text = text (text == "" ? "" : "\n") $0
}
END {
	end_table()
	end_list()
	print ".Sh SEE ALSO"
	n = split(see, part, ",")
	for (i = 1; i <= n; i++)
		print ".Xr " trim(part[i]) (i < n ? " ," : "")
}
