#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each library alone: distcheck-libs.sh LIBRARY... (in the build folder, in
# the order of their dependencies). libtool links again at installation and
# then looks for installed libraries only, so each is unpacked from its own
# tarball, checked and installed for the ones after it.
set -eu
: "${MAKE:=make}"
top=$(pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' 0
trap 'exit 1' 1 2 15
PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$work/prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH
# Nothing of the build around us may get into the ones below.
unset MAKEFLAGS MFLAGS MAKELEVEL
for library; do
	rm -f "$top/$library/"*.tar.gz
	$MAKE -s -C "$top/$library" dist-gzip
	tarball=$(echo "$top/$library/"*.tar.gz)
	mkdir "$work/$library"
	gzip -dc "$tarball" | (cd "$work/$library" && tar xf -)
	rm -f "$tarball"
	cd "$work/$library"/*/
	./configure --prefix="$work/prefix" >"$work/log" 2>&1 &&
		$MAKE -s distcheck >>"$work/log" 2>&1 &&
		$MAKE -s install >>"$work/log" 2>&1 || {
		tail -n 40 "$work/log"
		echo "distcheck-libs: $library failed" >&2
		exit 1
	}
	cd "$top"
	echo "distcheck-libs: $library is complete"
done
