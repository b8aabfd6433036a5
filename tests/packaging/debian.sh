#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: packaging/ agrees with what the project is and installs. Nothing is
# built here; see debs.sh. See README.md.
#   top_srcdir top_builddir prefix libdir MAKE BUILD_TARGET VERSION
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${prefix:?}" "${libdir:?}"
. "$top_srcdir/tests/support/tap.sh"
debian=$top_srcdir/packaging/debian
spec=$top_srcdir/packaging/rpm/nexus.spec
make=${MAKE:-make}
echo 1..8

# "PACKAGE FIELD" for each field of each stanza; the first is the source's.
awk '/^Source: /{ p = "source" } /^Package: /{ p = $2 }
	/^[A-Za-z-]+:/ { sub(/:.*/, ""); print p, $0 }
	!/^$/ && !/^ / && !/^[A-Za-z-]+$/ { print "?", $0 }' "$debian/control" \
	>"$work/fields"
names='epk libepk-dev libepk0 libnexus-abi-dev libnexus-abi0'
names="$names libnexus-vmo-dev libnexus-vmo0 nexus-sdk-riscv64"
{
	for p in $names; do
		for field in Architecture Depends Description Section; do
			grep -qx "$p $field" "$work/fields" ||
				echo "$p has no $field"
		done
	done
	sed -n 's/ Architecture$//p' "$work/fields" | while read -r p; do
		case " $names " in
		*" $p "*) ;;
		*) echo "unknown package $p" ;;
		esac
		[ -f "$debian/$p.install" ] || echo "no $p.install"
	done
	grep '^?' "$work/fields"
} >"$work/wrong"
none "debian/control has the packages, each with its fields"

changelog=$(sed -n '1s/^nexus (\([^)]*\)-[^)-]*) .*/\1/p' "$debian/changelog")
[ "$changelog" = "${VERSION:?}" ] && : >"$work/wrong" ||
	echo "changelog $changelog, project $VERSION" >"$work/wrong"
none "debian/changelog has the version of the project"

for library in nexusabi:nexus-abi vmo:nexus-vmo epk:epk; do
	folder=lib${library%:*} name=lib${library#*:}
	awk -v library="$name" -f "$debian/symbols.awk" \
		"$top_srcdir/$folder"/*.map >"$work/$name.symbols"
	nm -D --defined-only "$top_builddir/$folder/.libs/$name.so" |
		sed -n 's/^[0-9a-f]* [TDRBVWA] \([^@]*\).*/\1/p' | sort >"$work/has"
	sed -n 's/^ \([^@]*\)@.* [0-9.]*$/\1/p' "$work/$name.symbols" |
		sort | diff "$work/has" - | sed -n "s/^[<>]/$name: &/p"
	[ -s "$work/has" ] || echo "$name exports nothing"
	current=$(sed -n 's/^LIBVERSION=\([0-9]*\):[0-9]*:\([0-9]*\)$/\1-\2/p' \
		"$top_srcdir/$folder/configure.ac")
	[ $((${current%-*} - ${current#*-})) -eq 0 ] ||
		echo "$name is not .so.0 any more"
done >"$work/wrong"
none "the symbols files will have what the libraries export"

awk '/^Build-Depends/ { on = 1; sub(/^[^:]*:/, "") }
	/^[A-Z]/ { if (!/^Build/) on = 0 }
	on { gsub(/\([^)]*\)|,/, " "); for (i = 1; i <= NF; i++) print $i }' \
	"$debian/control" >"$work/needs"
awk '/^PACKAGES=/ { on = 1 } on { gsub(/PACKAGES=|\047/, "") ; print }
	on && /[^\\]\047$/ { exit } /^$/ { on = 0 }' "$top_srcdir/quickstart" |
	tr -s ' \t\n' '\n' >"$work/known"
{
	grep -vxF -e debhelper-compat -e pkgconf "$work/needs" |
		grep -vxFf "$work/known"
	grep -vxFf "$work/needs" "$work/known" | grep -vx dpkg-dev |
		grep -e '-dev$' -e '^gcc-' -e '^picolibc'
	[ -s "$work/needs" ] || echo "none found"
} >"$work/wrong"
none "Build-Depends are what quickstart installs to build"

# -- what is installed, and whose it is --

root=$work/root
for part in libnexusabi libvmo libepk utils docs; do
	$make -C "$top_builddir/$part" install DESTDIR="$root" || exit 99
done >"$work/log" 2>&1
[ "${BUILD_TARGET:-no}" != yes ] || $make -C "$top_builddir" install-sdk \
	DESTDIR="$root" >>"$work/log" 2>&1 || exit 99
# As debian/rules has it: other folders than those of this build.
(cd "$root" && find . \( -type f -o -type l \) -print) | sed -e 's/^\.//' \
	-e "s,^$libdir/nexus-riscv64,/usr/lib/nexus-riscv64," \
	-e "s,^$libdir,/usr/lib/ARCH," -e "s,^$prefix,/usr," \
	-e 's,zsh/site-functions,zsh/vendor-completions,' \
	-e 's,share/doc/nexus,share/doc/libnexus-abi-dev,' \
	-e 's,^/,,' | LC_ALL=C sort >"$work/installed"
for list in "$debian"/*.install "$debian/not-installed"; do
	package=$(basename "$list" .install)
	# A star of debhelper is no slash.
	sed "s,usr/lib/\*/,usr/lib/ARCH/,; s/^/$package /" "$list"
done >"$work/claims"
# A pattern is a file, some files, or a folder with all in it.
while read -r file; do
	owners=
	while read -r package pattern; do
		# shellcheck disable=SC2254 # patterns are meant
		case $file in
		$pattern | $pattern/*) owners="$owners $package" ;;
		esac
	done <"$work/claims"
	# shellcheck disable=SC2086
	set -- $owners
	[ $# -eq 1 ] || echo "$file: ${owners:-no package}"
done <"$work/installed" >"$work/wrong"
[ "$(wc -l <"$work/installed")" -gt 150 ] || echo "few files" >>"$work/wrong"
none "each installed file is in one package"

while read -r package pattern; do
	[ "$package" != nexus-sdk-riscv64 ] || [ "${BUILD_TARGET:-no}" = yes ] ||
		continue
	# shellcheck disable=SC2254
	found=$(while read -r file; do
		case $file in
		$pattern | $pattern/*)
			echo yes
			break
			;;
		esac
	done <"$work/installed")
	[ -n "$found" ] || echo "$package: $pattern"
done <"$work/claims" >"$work/wrong"
none "each line of debian/*.install names something that is installed"

grep -q "^Version: *$VERSION\$" "$spec" && : >"$work/wrong" ||
	echo "the spec has another version than $VERSION" >"$work/wrong"
none "the rpm spec has the version of the project"

if command -v rpmspec >/dev/null 2>&1; then
	rpmspec -q --builtrpms --qf '%{NAME}\n' "$spec" >"$work/rpm" 2>"$work/wrong" ||
		echo "rpmspec fails" >>"$work/wrong"
	[ "$(wc -l <"$work/rpm")" -eq 8 ] || cat "$work/rpm" >>"$work/wrong"
	none "rpm reads the spec and finds eight packages"
else
	skip "no rpmspec"
fi
