# SPDX-License-Identifier: BSD-2-Clause
# docs/performance.md out of what was recorded:
#   awk -f aims.awk -f performance.awk baseline.tsv rows.tsv performance.md.in
# "@FIGURES@" is replaced by one table for each section of rows.tsv,
# "@RECORDED@" by the remarks of baseline.tsv.
BEGIN {
	FS = "\t"
}

FILENAME == ARGV[1] {
	if (substr($0, 1, 2) == "# " && $0 !~ /SPDX/)
		recorded = recorded "- " substr($0, 3) "\n"
	else if (NF == 3) {
		value[$1] = $2
		unit[$1] = $3
	}
	next
}

# thousands(n): 1234567 as 1,234,567, both ends of a range; what is no whole
# number as it is.
function thousands(n,	text, ends)
{
	if (split(n, ends, /[.][.]/) == 2)
		return thousands(ends[1]) " to " thousands(ends[2])
	if (n !~ /^[0-9]+$/)
		return n
	for (text = ""; length(n) > 3; n = substr(n, 1, length(n) - 3))
		text = "," substr(n, length(n) - 2) text
	return n text
}

function verdict(have, aim)
{
	if (aim == "-")
		return ""
	return meets(have, aim) ? "met" : sprintf("%.1f x", have / aim)
}

FILENAME == ARGV[2] {
	if (substr($0, 1, 3) == "## ") {
		tables = tables "\n## " substr($0, 4) "\n\n" \
			"| what | Nexus | unit | aim | | seL4 | Linux |\n" \
			"|---|---:|---|---:|---|---:|---:|\n"
	} else if (substr($0, 1, 1) != "#" && NF == 5 && $1 in value) {
		tables = tables sprintf("| %s | **%s** | %s | %s | %s | %s | %s |\n",
			$2, thousands(value[$1]), unit[$1], thousands($3),
			verdict(value[$1], $3), thousands($4), thousands($5))
		if ($3 != "-") {
			aims++
			missed += !meets(value[$1], $3)
		}
	}
	next
}

$0 == "@FIGURES@" {
	printf "Of %d aims %d are met and %d not yet.\n%s", aims,
		aims - missed, missed, tables
	next
}

$0 == "@RECORDED@" {
	printf "%s", recorded
	next
}

{
	print
}
