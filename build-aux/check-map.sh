#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the symbol map, the headers and the shared object name the same set.
#   MAP      the version script
#   HEADERS  public headers as they are included, e.g. epk/epk.h
#   INCLUDES -I flags; INCLUDE the folder that holds HEADERS
#   SHARED   the shared object
#   NOT_EXPORTED  declared here, defined by whoever uses the library
# Every function that a public header declares is exported, and no other: a
# prototype at file scope that is neither static nor a typedef.
set -u
: "${MAP:?}" "${HEADERS:?}" "${INCLUDES:?}" "${INCLUDE:?}" "${SHARED:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
echo 1..2

# Names between "global:" and "local:".
sed -e 's,/\*.*\*/,,' "$MAP" | awk '
	/global:/ { on = 1; sub(/.*global:/, "") }
	/local:/ { on = 0 }
	on && !/^#/ {
		gsub(/[;{}]/, " ")
		for (i = 1; i <= NF; i++)
			print $i
	}
' | sort -u >"$work/map"

for header in $HEADERS; do
	echo "#include <$header>"
done >"$work/all.c"
# shellcheck disable=SC2086 # a list of flags
${CC:-cc} -E $INCLUDES "$work/all.c" >"$work/all.i" || exit 99
# Line markers tell whose line it is; bodies and initialisers go by counting
# braces; attributes and literals go by substitution.
awk -v mine="$INCLUDE/" '
	/^# [0-9]+ "/ { own = index($3, mine) > 0; next }
	/^#/ || !own { next }
	{
		gsub(/"[^"]*"/, "")
		gsub(/__attribute__ *\(\([^()]*(\([^()]*\))?[^()]*\)\)/, "")
		gsub(/extern +\{/, "")
		n = split($0, c, "")
		for (i = 1; i <= n; i++) {
			if (c[i] == "{") {
				depth++
			} else if (c[i] == "}") {
				if (depth > 0 && --depth == 0 && text ~ /\)[ ]*$/)
					text = ""
			} else if (depth == 0 && c[i] == ";") {
				print text
				text = ""
			} else if (depth == 0) {
				text = text c[i]
			}
		}
		text = text " "
	}
' "$work/all.i" |
	sed -n -e '/^ *typedef /d' -e '/^ *static /d' \
		-e 's/^[^(]*[ *]\([A-Za-z_0-9]*\) *(.*/\1/p' |
	sort -u >"$work/declared"
printf '%s\n' ${NOT_EXPORTED:-} | sort -u >"$work/elsewhere"
comm -23 "$work/declared" "$work/elsewhere" >"$work/headers"

compare()
{
	if diff "$work/$1" "$work/$2" >"$work/diff"; then
		echo "ok $3"
	else
		sed "s/^</# only in the $1:/;s/^>/# only in the $2:/;s/^[0-9]/# &/" \
			"$work/diff"
		echo "not ok $3"
	fi
}
compare map headers "1 - the map exports what the headers declare"
if [ -f "$SHARED" ]; then
	nm -D --defined-only "$SHARED" |
		awk '$2 ~ /[TDRBVW]/ { sub(/@.*/, "", $3); print $3 }' |
		sort -u >"$work/object"
	compare map object "2 - the shared object exports what the map says"
else
	echo "ok 2 # SKIP no shared object"
fi
