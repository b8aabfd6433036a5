#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# host-table.sh ROWS FIGURES [PAGE]: tables in Markdown of host.sh's figures,
# and beside the aims of ROWS; with PAGE, that page with these tables between
# its two marks. What is missed is told on standard error too.
set -eu
tables()
{
	awk -F '\t' '
	FNR == NR {
		split($0, part, " ")
		if ($0 ~ /^#/)
			print "- " substr($0, 3)
		else
			value[part[1]] = part[2]
		next
	}
	/^#/ { next }
	# times TREE TOOL: wall seconds with their spread, processor, memory.
	function times(tree, tool,	name) {
		name = "host." tree "." tool
		if (!((name ".wall") in value))
			return "– | – | –"
		return sprintf("%s (%s–%s) | %.4g | %.0f", value[name ".wall"],
			value[name ".least"], value[name ".most"],
			value[name ".user"] + value[name ".system"],
			value[name ".memory"])
	}
	function first(	i, count, part) {
		print ""
		print "| | small: wall s | CPU s | MiB | big: wall s | CPU s | MiB |"
		print "|---|---|---|---|---|---|---|"
		count = split("pack epk pack, with reading back|pack1 epk pack -j 1|" \
			"mksquashfs mksquashfs gzip|gensquashfs gensquashfs gzip|" \
			"pigz tar + pigz|deep epk verify --deep|" \
			"sha256sum sha256sum of all files|" \
			"extract epk extract, every digest checked|" \
			"unsquashfs unsquashfs", part, "|")
		for (i = 1; i <= count; i++) {
			tool = part[i]
			sub(/ .*/, "", tool)
			sub(/^[^ ]* /, "", part[i])
			print "| " part[i] " | " times("small", tool) " | " \
				times("big", tool) " |"
		}
		print ""
		print "| | against | wanted small / big | small | big |"
		print "|---|---|---|---|---|"
	}
	# judged TREE AIM: the figure, and whether it is missed.
	function judged(tree, aim,	name, figure, missed) {
		name = "host." tree "." $1
		if (!(name in value))
			return "–"
		figure = value[name] + 0
		if (aim == "")
			return figure
		missed = $6 == "least" ? figure < aim : figure > aim
		if (missed)
			print "missed: " $2 ($3 == "" ? "" : " against " $3) \
				", " tree ": " figure ", wanted " aim \
				>"/dev/stderr"
		return figure (missed ? ", missed" : "")
	}
	{
		if (!head++)
			first()
		aims = $4 == $5 ? $4 : $4 == "" ? $5 : $4 " / " $5
		small = judged("small", $4)
		big = judged("big", $5)
		if (small == "–" && big == "–")
			print "not measured: " $2 >"/dev/stderr"
		print "| " $2 " | " $3 " | " aims " | " small " | " big " |"
	}' "$2" "$1"
}
if [ $# -lt 3 ]; then
	tables "$1" "$2"
	exit
fi
new=$(mktemp)
trap 'rm -f "$new"' 0
tables "$1" "$2" >"$new"
awk -v new="$new" '
/^<!-- end of the figures -->/ { skip = 0 }
!skip { print }
/^<!-- figures of make bench-host-update -->/ {
	skip = 1
	while ((getline line <new) > 0)
		print line
}' "$3"
