#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the manual pages are complete and without a warning. See README.md.
#   top_srcdir top_builddir
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/support/tap.sh"
echo 1..6
mkdir "$work/man"
cp "$top_builddir"/docs/man/*.[235] "$top_srcdir"/docs/manual/*.7 \
	"$top_srcdir"/utils/*/*.1 "$work/man" || exit 99
links=$top_builddir/docs/man/links

for map in "$top_srcdir"/lib*/*.map; do
	sed -n 's/^\t\t\([a-z_0-9]*\);$/\1/p' "$map"
done | sort >"$work/exported"
{
	cut -d' ' -f1 "$links"
	ls "$work/man" | sed 's/\.[0-9]$//'
} | sort -u >"$work/named"
{
	comm -23 "$work/exported" "$work/named"
	[ "$(wc -l <"$work/exported")" -gt 100 ] || echo "no functions found"
} >"$work/wrong"
none "every function of a library has a page"

while read -r name page; do
	[ -f "$work/man/$page.3" ] || echo "$name: no $page"
	grep -q "^\.Nm $name\( ,\)\{0,1\}\$" "$work/man/$page.3" ||
		echo "$page does not name $name"
	[ ! -e "$work/man/$name.3" ] || echo "$name is a page too"
done <"$links" >"$work/wrong"
none "every further name is one of its page"

# Pages of others are not ours to find.
for file in "$work"/man/*; do
	sed -n 's/^\.Xr \([A-Za-z0-9_-]*\) \([0-9]\).*/\1.\2/p' "$file" |
		while read -r to; do
		case $to in
		epk* | nexus* | nx_* | package* | vmo*) ;;
		*) continue ;;
		esac
		[ -f "$work/man/$to" ] || grep -q "^${to%.3} " "$links" ||
			echo "${file##*/} names $to"
	done
done >"$work/wrong"
none "every page of ours that a page names exists"

LC_ALL=C grep -n '[^	 -~]' "$work"/man/* >"$work/wrong"
none "the pages are ASCII"

if command -v man >/dev/null 2>&1 && command -v groff >/dev/null 2>&1; then
	for file in "$work"/man/*; do
		MANWIDTH=80 MANROFFSEQ='' LC_ALL=C.UTF-8 man --warnings \
			-E UTF-8 -l "$file" 2>&1 >/dev/null |
			sed "s,^,${file##*/}: ,"
	done >"$work/wrong"
	none "man shows every page without a warning"
else
	skip "no man or groff"
fi
if command -v mandoc >/dev/null 2>&1; then
	# Whether a page exists was asked above, in the right place.
	# Two streams in one pipe would tear each other's lines.
	mandoc -T lint "$work"/man/* >"$work/lint" 2>"$work/errors"
	grep -hv -e 'referenced manual not found' -e 'mandoc\.db' \
		"$work/lint" "$work/errors" >"$work/wrong"
	none "mandoc has nothing to say about them"
else
	skip "no mandoc"
fi
