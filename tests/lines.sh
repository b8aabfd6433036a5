#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the kernel is small enough to be read by whoever must trust it. What is
# counted are lines of code: of *.c, *.h, *.S and *.def below kernel/, those
# on which anything is left without comments. Not how it is built, and not
# what a build makes in kernel/target.
#   top_srcdir  the source; a git checkout or an unpacked tarball
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
most=15000

# lines_of FILE...: how many lines of code they have together.
lines_of()
{
	awk '
	FNR == 1 {
		inside = 0
	}
	{
		left = $0
		code = ""
		while (left != "") {
			if (inside) {
				at = index(left, "*/")
				if (at == 0)
					break
				left = substr(left, at + 2)
				inside = 0
				continue
			}
			at = match(left, /\/[*\/]/)
			if (at == 0) {
				code = code left
				break
			}
			code = code substr(left, 1, at - 1)
			if (substr(left, at, 2) == "//")
				break
			left = substr(left, at + 2)
			inside = 1
		}
		if (FILENAME ~ /[.]S$/ && code ~ /^[ \t]*#[ \t]/)
			code = ""
		count += code ~ /[^ \t]/
	}
	END {
		print count + 0
	}' "$@"
}

echo 1..2
cat >"$work/sample.c" <<'END'
/* One line. */
int a; /* code before
	  and none here */

int b; // code
	// none
/* none */ int c; /* code */
	/* none */	/* nor here */
END
cat >"$work/sample.S" <<'END'
#define A 1
# none
	li	t0, A
END
[ "$(lines_of "$work/sample.c" "$work/sample.S")" -eq 5 ]
ok $? "comments and blank lines are no code"
cd "$top_srcdir/kernel" || exit 99
# shellcheck disable=SC2046 # no name here has a blank
count=$(lines_of $(find . -path ./target -prune -o -type f \
	\( -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.def' \) -print))
[ "$count" -gt 1000 ] && [ "$count" -le $most ]
ok $? "the kernel has $count lines of code, at most $most"
