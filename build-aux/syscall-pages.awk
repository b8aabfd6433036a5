# SPDX-License-Identifier: BSD-2-Clause
# One reference page per row of syscalls.def, from the row and the comment
# above it:
#	awk -v out=DIR -f rows.awk -f call-rows.awk -f syscall-pages.awk \
#	    syscalls.def

function registers_line(register_,    p) {
	split_row(inside(register_), p)
	return "| a" p[1] " | " (register_ ~ /^IN/ ? "in" : "out") " | " p[3] " |"
}

function page(macro, name, parts, n, first, text,    i, file, c) {
	file = out "/" name ".md"
	print "# " name "\n" > file
	c = "nx_status_t " name "("
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
	print "Since version 0." parts[first - 1] ".\n" > file
	if (macro != "NX_MESSAGE" && n >= first) {
		print "| register | | |\n|---|---|---|" > file
		for (i = first; i <= n; i++)
			print registers_line(parts[i]) > file
	}
	close(file)
	index_[++count] = "- [" name "](" name ".md)"
}

END {
	file = out "/README.md"
	print "# The calls\n\nGenerated from syscalls.def.\n" > file
	for (i = 1; i <= count; i++) print index_[i] > file
}
