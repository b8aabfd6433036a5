#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Complete a distribution: dist-rest.sh SOURCE DISTDIR copies what belongs to
# the source and is in no list of a Makefile.am (private headers, pages,
# scripts). In a checkout that is what git tracks, elsewhere what has the
# name of a source.
set -eu
source=$1
dist=$(cd "$2" && pwd)
cd "$source"
# An unpacked tarball may lie inside somebody's checkout: nothing is tracked.
if [ -n "$(git ls-files 2>/dev/null | head -n 1)" ]; then
	git ls-files
else
	find . \( -name _build -o -name _inst -o -name build -o -name .git \
		-o -name sysroot -o -name 'nexus-[0-9]*' -o -name 'lib*-[0-9]*' \
		-o -name obj \) -prune -o -type f \( -name '*.[chS1]' \
		-o -name '*.def' -o -name '*.ld' -o -name '*.md' -o -name '*.am' \
		-o -name '*.sh' -o -name '*.map' -o -name '*.abi' -o -name '*.mk' \
		-o -name '*.awk' -o -name '*.txt' -o -name '*.tsv' \) -print |
		sed 's,^\./,,'
fi | while read -r file; do
	[ -f "$file" ] && [ ! -e "$dist/$file" ] || continue
	mkdir -p "$dist/$(dirname "$file")"
	cp -p "$file" "$dist/$file"
	chmod u+w "$dist/$file"
done
