#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# examples/package and examples/memory, built as a user would and run. The
# examples together use every public header of both libraries.
. "${top_srcdir:?}/tests/tools/support.sh"
includes="-I$top_srcdir/libepk/include -I$top_srcdir/libvmo/include"
includes="$includes -I$top_srcdir/libnexusabi/include"
vmo=$top_builddir/libvmo/.libs
abi=$top_builddir/libnexusabi/.libs
LD_LIBRARY_PATH=$top_builddir/libepk/.libs:$vmo:$abi
export LD_LIBRARY_PATH

for name in package memory; do
	cp -R "$top_srcdir/examples/$name" .
	chmod -R u+w $name
	holds "$name builds without a warning" \
		"${MAKE:-make}" -C $name -f $name.mk CC="${CC:-cc}" \
		CFLAGS="-O2 -Wall -Wextra -Werror ${SANITIZE:-}" \
		EPK_CFLAGS="$includes" \
		EPK_LIBS="-L$top_builddir/libepk/.libs -lepk" \
		VMO_CFLAGS="$includes" \
		VMO_LIBS="-L$vmo -lnexus-vmo -L$abi -lnexus-abi"
done
for source in "$top_srcdir"/examples/*/*.c; do
	case $source in
	*/hello/* | */driver-*/*) continue ;;
	esac
	# shellcheck disable=SC2086 # a list of flags
	"${CC:-cc}" $includes -M "$source"
done | tr -s ' \\\n' '\n' | sed -n 's,.*/include/\(\(epk\|vmo\)/.*\),\1,p' |
	sort -u >used
for header in "$top_srcdir"/libepk/include/epk/*.h \
	"$top_srcdir"/libvmo/include/vmo/*.h; do
	echo "${header#*/include/}"
done | grep -vxFf used >unused
[ ! -s unused ]
ok $? "every public header has a user among them"
sed 's/^/# /' unused

holds "memory shares, seals and lends" memory/memory
[ "$(sed -n 's/^ring: //p; s/^slice: //p' .out | tr '\n' ';')" = \
	'1000 numbers through 64 places;"written once", write gives SEALED;' ]
ok $? "and says so"
holds "pack makes a package" package/pack v.epk v.pub
holds "epk believes its signature" "$epk" verify -q --deep --key v.pub v.epk
holds "read reads it" package/read v.epk v.pub
cat >wanted <<'END'
org.example.verse 1.0.0 for any
444 poem/first: Roses are red,
444 poem/fourth: and names have one too.
444 poem/second: violets are blue,
444 poem/third: blocks have a digest
cache: 1 hits, 1 misses
END
cmp -s wanted .out
ok $? "with manifest, files and digests"
cmp -s wanted .out || diff wanted .out | sed 's/^/# /'
"$epk" keygen other >/dev/null
package/read v.epk other.pub >out 2>err
[ $? -eq 2 ] && grep -q SIGPOLICY err && [ ! -s out ]
ok $? "read refuses it with another key, before anything is shown"
finish
