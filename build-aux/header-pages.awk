# SPDX-License-Identifier: BSD-2-Clause
# One manual page of section 3 for each public header, from the comments that
# state its contracts:
#	awk -v out=DIR -v library=libepk -v prefix=epk -v root=INCLUDE \
#	    -v package=libepk -v date=... -v pages="NAME ..." \
#	    -v sections="epk 5" -f rows.awk -f mdoc.awk -f header-pages.awk \
#	    INCLUDE/epk/reader.h ...
# DIR/epk_reader.3 is the page, and has its line in DIR/pages; DIR/links
# gets a line "epk_probe epk_reader" for every function. `pages` are the names of all pages of the library;
# `sections` is the document whose sections the comments speak of, if any.
#
# A function's comment begins with /** and stands before it, or before the
# first of several without a blank line between. The comment with @file is
# the introduction. A table that is included (.def) is listed. Everything
# else is shown as it stands.

function page_name(path) {
	sub(/.*\//, "", path)
	sub(/\.h$/, "", path)
	return path == library_short ? path : prefix "_" path
}

function begin_page() {
	page = page_name(FILENAME)
	include = substr(FILENAME, length(root) + 2)
	intro = types = values = pending = block = ""
	functions = 0
	state = ""
	skip_cplusplus = guards = depth = 0
	delete macro_prefix
	delete macro_column
	delete shown_prefix
}

# -- functions --

function take_function(text, doc,    name, args, n, part, i, returns) {
	gsub(/\/\*[^*]*\*\//, "", text)
	gsub(/[ \t\n]+/, " ", text)
	sub(/\{.*/, "", text)
	gsub(/EPK_API |static inline |__attribute__.*$/, "", text)
	sub(/ *;? *$/, "", text)
	text = trim(text)
	name = text
	sub(/ *\(.*/, "", name)
	returns = name
	sub(/[A-Za-z_0-9]+$/, "", returns)
	name = substr(name, length(returns) + 1)
	for (i = 1; i <= functions; i++)
		if (function_name[i] == name) return
	args = substr(text, length(returns name) + 1)
	sub(/^ *\(/, "", args)
	sub(/\)$/, "", args)
	n = split_row(args, part)
	functions++
	function_name[functions] = name
	function_doc[functions] = doc
	text = ".Ft " trim(returns) "\n.Fo " name
	for (i = 1; i <= n; i++)
		text = text "\n.Fa \"" part[i] "\""
	function_lines[functions] = text "\n.Fc"
}

# -- comments --

# The text of a comment without its stars.
function comment_text(raw,    n, i, line, r) {
	sub(/^\/\*\*?/, "", raw)
	sub(/\*\/[ \t]*$/, "", raw)
	n = split(raw, line, "\n")
	for (i = 1; i <= n; i++) {
		sub(/^[ \t]*\* ?/, "", line[i])
		if (i == 1) sub(/^ /, "", line[i])
		r = r (i > 1 ? "\n" : "") line[i]
	}
	return r
}

function print_paragraph() {
	if (trim(paragraph) == "") return
	if (begun) print ".Pp" > file
	print prose(paragraph) > file
	begun = 1
	paragraph = ""
}

function print_item() {
	if (item_tag == "") return
	if (!in_list) print ".Bl -tag -width Ds" > file
	in_list = begun = 1
	print ".It " (item_dv ? "Dv" : "Fa") " " item_tag > file
	print prose(item_text) > file
	item_tag = item_text = ""
}

function end_list() {
	print_item()
	if (in_list) print ".El" > file
	in_list = 0
}

# A status and, behind two blanks or more, when it is returned.
function status_line(line) {
	return line ~ /^ *[A-Z][A-Z0-9_]+(, [A-Z][A-Z0-9_]+)*  +[a-z]/ ||
		line ~ /^ +(EPK|NX)_ERR_[A-Z_]+ [a-z]/
}

function print_doc(text,    n, i, line, s, mode, at) {
	n = split(text, line, "\n")
	paragraph = item_tag = item_text = ""
	in_list = begun = 0
	for (i = 1; i <= n; i++) {
		s = line[i]
		if (s ~ /^@param/) {
			print_paragraph()
			if (mode == "status") end_list()
			print_item()
			mode = "param"
			item_dv = 0
			sub(/^@param +/, "", s)
			item_tag = s
			sub(/[ \t].*/, "", item_tag)
			item_text = substr(s, length(item_tag) + 1)
		} else if (s ~ /^@return/) {
			print_paragraph()
			end_list()
			mode = "return"
			sub(/^@return */, "", s)
			paragraph = "Returns " s
		} else if (s ~ /^@since/) {
			print_paragraph()
			end_list()
			mode = ""
			sub(/^@since */, "", s)
			paragraph = "Since version " trim(s) "."
		} else if (trim(s) == "") {
			print_paragraph()
			end_list()
			mode = ""
		} else if ((mode == "return" || mode == "status") &&
			   status_line(s)) {
			print_paragraph()
			print_item()
			mode = "status"
			item_dv = 1
			at = s
			sub(/^ */, "", at)
			indent = length(s) - length(at)
			if (match(at, /  +/)) {
				item_tag = substr(at, 1, RSTART - 1)
				item_text = substr(at, RSTART + RLENGTH)
			} else {
				item_tag = at
				sub(/ .*/, "", item_tag)
				item_text = substr(at, length(item_tag) + 2)
			}
			gsub(/,/, " ,", item_tag)
		} else if (mode == "status" && match(s, /[^ ]/) &&
			   RSTART - 1 <= indent) {
			end_list()
			mode = "return"
			paragraph = "Or: " s
		} else if (mode == "status" || mode == "param") {
			item_text = item_text " " s
		} else {
			paragraph = paragraph " " s
		}
	}
	print_paragraph()
	end_list()
}

# -- tables that are included --

function take_table(path,    row, line, parts, n, name, macro, text) {
	if (block == "") return
	row = ""
	while ((getline line < (root "/" path)) > 0) {
		if (row == "" && line !~ /^[A-Z_]+\(/) continue
		row = row line "\n"
		text = row
		if (gsub(/\(/, "", text) != gsub(/\)/, "", text)) continue
		macro = row
		sub(/\(.*/, "", macro)
		if (macro in macro_prefix) {
			n = split_row(inside(trim(row)), parts)
			name = macro_prefix[macro] parts[macro_column[macro]]
			if (parts[n] ~ /^"/)
				values = values ".It Dv " name "\n" \
					prose(text_of(parts[n]) ".") "\n"
		}
		row = ""
	}
	close(root "/" path)
	for (macro in macro_prefix)
		if ( !shown_prefix[macro_prefix[macro]]++)
			block = block "\n\t/* " macro_prefix[macro] \
				"*: a value for each row of <" path "> */"
}

# #define ROW(value, name, text) PREFIX_##name = (value),
function take_row_macro(text,    macro, args, n, part, i, word) {
	gsub(/[ \t]*\\\n[ \t]*/, " ", text)
	if (text !~ /\) *[A-Z_]+##[a-z]+ = /) return
	macro = text
	sub(/^#define /, "", macro)
	args = macro
	sub(/\(.*/, "", macro)
	sub(/^[A-Z_]*\(/, "", args)
	sub(/\).*/, "", args)
	n = split_row(args, part)
	sub(/^[^)]*\) */, "", text)
	macro_prefix[macro] = text
	sub(/##.*/, "", macro_prefix[macro])
	word = text
	sub(/^[A-Z_]*##/, "", word)
	sub(/ .*/, "", word)
	for (i = 1; i <= n; i++)
		if (part[i] == word) macro_column[macro] = i
}

# -- the lines of a header --

function show(text) { types = types (types == "" ? "" : "\n") text }

# One whole declaration with the comment before it.
function declaration(text, comment,    plain) {
	plain = text
	gsub(/\/\*[^*]*\*\//, "", plain)
	if (plain ~ /^static inline/ ||
	    (plain !~ /^typedef|\{/ && plain ~ /\)[ \t\n]*;[ \t\n]*$/)) {
		if (comment == "" && last_doc != "" && !blank)
			comment = last_doc
		take_function(text, comment)
		last_doc = comment
		if (comment !~ /^\/\*/) last_doc = ""
		return
	}
	last_doc = ""
	show((comment == "" ? "" : comment "\n") text)
}

function directive(line,    path) {
	if (line ~ /^#include .*\.def>/) {
		path = line
		gsub(/^#include <|>.*/, "", path)
		take_table(path)
		return
	}
	if (line ~ /^#undef/) {
		delete macro_prefix[substr(line, 8)]
		return
	}
	if (line ~ /^#define/ && line ~ /##/) { take_row_macro(line); return }
	if (line !~ /^#define/ || line ~ /^#define [A-Z_]+_H$/) return
	if (block != "") return
	# A macro with parameters is the header's own, unless it is explained.
	if (line ~ /^#define [A-Za-z_0-9]+\(/ && pending !~ /^\/\*\*/) {
		pending = ""
		return
	}
	show((pending == "" ? "" : pending "\n") line)
	pending = ""
}

function take_line(line,    c) {
	if (state == "comment") {
		pending = pending "\n" line
		if (line ~ /\*\//) end_comment()
		return
	}
	if (state == "macro") {
		block_macro = block_macro "\n" line
		if (line !~ /\\$/) {
			state = ""
			directive(block_macro)
		}
		return
	}
	if (line ~ /^#/ && line ~ /\\$/) {
		block_macro = line
		state = "macro"
		return
	}
	if (line ~ /^#ifdef __cplusplus/) { skip_cplusplus = 1; return }
	if (skip_cplusplus) { if (line ~ /^#endif/) skip_cplusplus = 0; return }
	if (line ~ /^#else/) { skip_else = 1; return }
	if (line ~ /^#endif/) { skip_else = 0; return }
	if (skip_else) return
	if (line ~ /^#/) { directive(line); return }
	if (line ~ /^[A-Z]+_(BEGIN|END)_DECLS$/) return
	if (depth == 0 && block == "" && line ~ /^\/\*/) {
		pending = line
		state = "comment"
		if (line ~ /\*\//) end_comment()
		return
	}
	if (block == "" && trim(line) == "") {
		if (pending != "" && pending !~ /^\/\* ----/ &&
		    pending !~ /SPDX/) show(pending)
		if (types != "" && types !~ /\n$/) show("")
		pending = ""
		blank = 1
		return
	}
	block = block (block == "" ? "" : "\n") line
	c = line
	gsub(/\/\*.*\*\//, "", c)
	depth += gsub(/\{/, "", c) - gsub(/\}/, "", c)
	if (depth == 0 && (line ~ /;[ \t]*(\/\*.*)?$/ ||
	    (block ~ /^static inline/ && line ~ /^\}/))) {
		c = block
		block = ""
		declaration(c, pending)
		pending = ""
		blank = 0
	}
}

function end_comment() {
	state = ""
	if (pending ~ /@file/) {
		intro = comment_text(pending)
		sub(/^[ \n]*@file [^\n]*\n?/, "", intro)
		pending = ""
	} else if (pending ~ /SPDX/)
		pending = ""
}

# -- the page --

function first_sentence(s) {
	s = trim(s)
	sub(/[:.]( |\n).*/, "", s)
	sub(/[.:]$/, "", s)
	gsub(/[ \t\n]+/, " ", s)
	gsub(/`/, "", s)
	return tolower(substr(s, 1, 1)) substr(s, 2)
}

function end_page(    i, n, other, shown, name) {
	if (page == "") return
	file = out "/" page ".3"
	print page_head(page, 3, date) > file
	if (functions == 0) print ".Nm " page > file
	for (i = 1; i <= functions; i++) {
		print ".Nm " function_name[i] (i < functions ? " ," : "") > file
		if (function_name[i] != page)
			print function_name[i], page >> (out "/links")
	}
	print ".Nd " escape(first_sentence(intro)) > file
	print ".Sh LIBRARY\n" library " (pkg-config " package ")" > file
	print ".Sh SYNOPSIS\n.In " include > file
	for (i = 1; i <= functions; i++) print function_lines[i] > file
	print ".Sh DESCRIPTION" > file
	n = split(intro, part_of_intro, /\n[ \t]*\n/)
	for (i = 1; i <= n; i++) {
		# What is set off by a tab is kept as it is.
		if (part_of_intro[i] ~ /^\t/) {
			print literal(part_of_intro[i]) > file
			continue
		}
		if (i > 1) print ".Pp" > file
		print prose(part_of_intro[i]) > file
	}
	shown = intro
	for (i = 1; i <= functions; i++) shown = shown function_doc[i]
	if (sections != "" && shown ~ /section(s)? [0-9]/)
		print ".Pp\nSections are those of\n.Xr " sections " ." > file
	for (i = 1; i <= functions; i++) {
		name = function_name[i]
		while (i < functions && function_doc[i + 1] != "" &&
		       function_doc[i + 1] == function_doc[i])
			name = name ", " function_name[++i]
		if (function_doc[i] == "") continue
		print ".Ss " name > file
		print_doc(comment_text(function_doc[i])) > file
	}
	gsub(/^\n+|\n+$/, "", types)
	while (gsub(/\n\n\n/, "\n\n", types)) ;
	if (types != "")
		print ".Sh TYPES AND CONSTANTS\n" literal(types) > file
	if (values != "")
		print ".Sh VALUES\n.Bl -tag -width Ds\n" values ".El" > file
	print ".Sh SEE ALSO" > file
	n = split(pages, other, " ")
	for (i = 1; i <= n; i++)
		if (other[i] != page) print ".Xr " other[i] " 3 ," > file
	if (sections != "") print ".Xr " sections " ," > file
	print ".Xr nexus 7" > file
	close(file)
	print page >> (out "/pages")
}

BEGIN { library_short = library; sub(/^lib(nexus-)?/, "", library_short) }
FNR == 1 { end_page(); begin_page() }
{ take_line($0) }
END { end_page() }
