# SPDX-License-Identifier: BSD-2-Clause
# One manual page of section 2 for each call, from its row in syscalls.def
# and the comment above it:
#	awk -v out=DIR -v date=... -f rows.awk -f mdoc.awk -f call-rows.awk \
#	    -f call-pages.awk syscalls.def
# DIR/nx_vmo_create.2 is a page; DIR/pages2 gets its name. syscall-pages.awk
# makes the same in Markdown.

function registers(parts, first, n,    i, p, macro) {
	if (n < first) return
	print ".Sh REGISTERS\n.Bl -tag -width Ds -compact" > file
	for (i = first; i <= n; i++) {
		macro = macro_of(parts[i])
		split_row(inside(parts[i]), p)
		print ".It a" p[1] "\n" (macro ~ /^IN/ ? "in: " : "out: ") \
			p[3] > file
	}
	print ".El" > file
}

function body(text,    at, errors) {
	at = index(text, "Errors:")
	errors = at ? substr(text, at + 7) : ""
	if (at) text = substr(text, 1, at - 1)
	print prose(text) > file
	print ".Sh RETURN VALUES\nThe status, in t0:\n.Dv NX_OK" > file
	print "or a negative one, and then no output is written." > file
	print ".Sh ERRORS" > file
	if (errors != "") print prose(errors) "\n.Pp" > file
	print "For every handle that is taken: BAD_HANDLE, WRONG_KIND," > file
	print "ACCESS_DENIED.\nThe names begin with\n.Dv NX_ERR_ ;" > file
	print ".Xr nx_errors 3\nsays what they mean." > file
}

function page(macro, name, parts, n, first, text,    i) {
	file = out "/" name ".2"
	print page_head(name, 2, date) > file
	print ".Nm " name "\n.Nd call of the Nexus kernel" > file
	print ".Sh SYNOPSIS\n.In nexus/syscalls.h" > file
	print ".Ft nx_status_t\n.Fo " name > file
	if (macro == "NX_MESSAGE")
		print ".Fa \"nx_" parts[4] "_t to\"\n" \
			".Fa \"struct nx_message *message\"" > file
	else if (n < first)
		print ".Fa void" > file
	else for (i = first; i <= n; i++)
		print ".Fa \"" parameter(parts[i]) "\"" > file
	print ".Fc\n.Sh DESCRIPTION" > file
	body(text)
	if (macro != "NX_MESSAGE") registers(parts, first, n)
	print ".Sh SEE ALSO\n.Xr nx_syscalls 3 ,\n.Xr nexus 7" > file
	if (macro == "NX_OP")
		print ".Sh HISTORY\nOperation " parts[2] " of call " \
			parts[1] ", since version 0." parts[4] "." > file
	else
		print ".Sh HISTORY\nCall " parts[1] ", since version 0." \
			parts[3] "." > file
	close(file)
	print name > (out "/pages2")
}
