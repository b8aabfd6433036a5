# SPDX-License-Identifier: BSD-2-Clause
# A symbols file from a version script:
#	awk -v library=libepk -f symbols.awk libepk.map >libepk0.symbols
# A node says since which version its symbols are there: LIBEPK_0.1 is 0.1.0.
BEGIN {
	print library ".so.0 " library "0 #MINVER#"
	print "* Build-Depends-Package: " library "-dev"
}
/^[A-Z_]+_[0-9.]+ \{/ {
	node = since = $1
	sub(/.*_/, "", since)
	print " " node "@" node " " since ".0"
}
/local:/ { node = "" }
node != "" && /^\t\t[a-z_0-9]+;$/ {
	gsub(/[\t;]/, "")
	print " " $0 "@" node " " since ".0"
}
