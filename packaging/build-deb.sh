#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build the Debian packages from a tarball of "make dist", without root:
#	build-deb.sh [-p PORTS] [-s] TARBALL OUT
#   TARBALL  nexus-VERSION.tar.gz
#   OUT      folder for the packages, made if it is not there
#   -p       folder with the Debian sources of the ports; else the network
#   -s       also the source package
# The build takes place in OUT/build.
set -eu
ports=
what=--build=binary
while getopts p:s option; do
	case $option in
	p) ports=$(cd "$OPTARG" && pwd) ;;
	s) what=--build=full ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || {
	sed -n 's/^#	//p' "$0" >&2
	exit 2
}
tarball=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
name=$(basename "$tarball" .tar.gz)
version=${name#nexus-}
command -v dh >/dev/null 2>&1 || {
	echo "build-deb: debhelper is not installed" >&2
	exit 1
}

rm -rf "$out/build"
mkdir "$out/build"
cp "$tarball" "$out/build/nexus_$version.orig.tar.gz"
tar -xzf "$tarball" -C "$out/build"
source=$out/build/nexus-$version
if [ -z "$ports" ]; then
	ports=$out/ports-sources
	[ -d "$ports" ] || sh "$source/ports/build.sh" --fetch "$ports" \
		zlib libsodium
fi
mkdir "$source/ports-sources"
cp "$ports"/zlib_* "$ports"/libsodium_* "$source/ports-sources"
# The second tarball, the same for the same sources.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 \
	-C "$source" -cf - ports-sources | gzip -9n \
	>"$out/build/nexus_$version.orig-ports-sources.tar.gz"
cp -R "$source/packaging/debian" "$source/debian"
(cd "$source" && dpkg-buildpackage --no-sign "$what" \
	--jobs="$(nproc 2>/dev/null || echo 1)") >"$out/build.log" 2>&1 || {
	tail -n 40 "$out/build.log" >&2
	echo "build-deb: failed; all of it is in $out/build.log" >&2
	exit 1
}
find "$out" -maxdepth 1 \( -name '*.deb' -o -name 'nexus_*' \) -delete
find "$out/build" -maxdepth 1 -type f -exec mv '{}' "$out" \;
rm -rf "$out/build"
ls "$out"/*.deb
