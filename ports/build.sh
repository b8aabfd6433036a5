#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build the ports into a sysroot: build.sh PORT...
# Only bring their sources into a folder: build.sh --fetch DIR PORT...
#   SYSROOT          folder to fill (include/, lib/, lib/pkgconfig/)
#   TARGET_CC TARGET_AR TARGET_RANLIB TARGET_FLAGS
#   PORTS_DIR        folder with Debian source packages; empty: the network
#
# What a port gives is a function of its recipe, the compiler and the flags;
# it is kept under that key in $XDG_CACHE_HOME/nexus-ports, and another build
# takes it from there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jobs=$(nproc 2>/dev/null || echo 1)
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/nexus-ports
work=
trap '[ -z "$work" ] || rm -rf "$work"' 0
trap 'exit 99' 1 2 15

die()
{
	echo "ports: $*" >&2
	exit 1
}

# -- what a recipe may call, in the unpacked source --

# compile_all FLAGS FILE...: objects beside the sources.
compile_all()
{
	flags=$1
	shift
	printf '%s\n' "$@" | xargs -P "$jobs" -I '{}' sh -c \
		"$TARGET_CC $TARGET_FLAGS -w $flags -c -o '{}.o' '{}'"
}

# archive NAME: all objects, in a fixed order.
archive()
{
	mkdir -p "$out/lib"
	# shellcheck disable=SC2046
	"$TARGET_AR" rcsD "$out/lib/$1" $(find . -name '*.c.o' | LC_ALL=C sort)
}

# install_headers FROM TO FILE...
install_headers()
{
	from=$1 to=$2
	shift 2
	for h; do
		mkdir -p "$(dirname "$out/$to/$h")"
		cp "$from/$h" "$out/$to/$h"
	done
}

# write_pc NAME DESCRIPTION LIBS [CFLAGS]
write_pc()
{
	mkdir -p "$out/lib/pkgconfig"
	cat >"$out/lib/pkgconfig/$1.pc" <<-END
		prefix=\${pcfiledir}/../..
		Name: $1
		Description: $2 (Nexus on riscv64)
		Version: $port_version
		Libs: -L\${prefix}/lib $3
		Cflags: -I\${prefix}/include ${4:-}
	END
}

# -- where sources come from --

# An index of the source packages of the machine's own Debian mirrors, in a
# private place: nothing of the system's package lists is touched.
apt_source()
{
	mkdir -p "$work/parts" "$work/lists/partial"
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
		name=$work/parts/$(basename "$list")
		case $list in
		*.sources)
			grep -q debian "$list" || continue
			sed 's/^Types:.*/Types: deb-src/' "$list" >"$name"
			;;
		*.list)
			[ -f "$list" ] || continue
			sed -n '/debian/s/^deb /deb-src /p' "$list" >"$name"
			;;
		esac
	done
	options="-o APT::Sandbox::User=$(id -un)
		-o Dir::Etc::sourcelist=/dev/null
		-o Dir::Etc::sourceparts=$work/parts
		-o Dir::State::lists=$work/lists
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
	# shellcheck disable=SC2086
	[ -f "$work/updated" ] || apt-get -qq $options update >&2 || :
	: >"$work/updated"
	# update succeeds offline as well; the next line tells.
	# shellcheck disable=SC2086
	(cd "$work/dsc" && apt-get -qq $options source --download-only "$1" >&2)
}

# Unpack $port_source into $work/src.
unpack()
{
	mkdir -p "$work/dsc"
	if [ -n "${PORTS_DIR:-}" ]; then
		from=$PORTS_DIR
	else
		apt_source "$port_source" || die "cannot fetch the Debian source" \
			"of $port_source; give --with-ports-dir=DIR (see HACKING.md)"
		from=$work/dsc
	fi
	rm -rf "$work/src"
	dsc=
	for f in "$from/${port_source}_$port_version"*.dsc; do
		[ ! -f "$f" ] || dsc=$f
	done
	[ -n "$dsc" ] || die "no ${port_source}_$port_version*.dsc in $from"
	# With its .dsc a source has Debian's security patches.
	dpkg-source --no-check -x "$dsc" "$work/src" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		die "cannot unpack $dsc"
	}
}

# Fill the folder $1 with port $port.
build_port()
{
	unpack
	out=$work/out
	mkdir -p "$out"
	(cd "$work/src" && set -e && port_build) ||
		die "$port does not build"
	cp -R "$out/." "$1"
}

fetch_all()
{
	work=$(mktemp -d)
	to=$1
	shift
	for port; do
		# shellcheck source=/dev/null
		. "$here/$port.sh"
		mkdir -p "$work/dsc"
		apt_source "$port_source" || die "cannot fetch the Debian source" \
			"of $port_source"
	done
	mkdir -p "$to"
	cp "$work"/dsc/* "$to"
}

if [ "${1:-}" = --fetch ]; then
	shift
	fetch_all "$@"
	exit 0
fi
: "${SYSROOT:?}" "${TARGET_CC:?}" "${TARGET_AR:?}" "${TARGET_RANLIB:?}"
compiler=$($TARGET_CC --version | head -n 1)
for port; do
	recipe=$here/$port.sh
	[ -f "$recipe" ] || die "no recipe $recipe"
	key=$({ cat "$recipe" "$0"; echo "$compiler $TARGET_FLAGS"; } |
		sha256sum | cut -c1-16)
	# shellcheck source=/dev/null
	. "$recipe"
	mark=$SYSROOT/.port-$port
	[ "$(cat "$mark" 2>/dev/null)" != "$key" ] || continue
	kept=$cache/$port-$port_version-$key
	mkdir -p "$SYSROOT"
	if [ -d "$kept" ]; then
		echo "  PORT     $port $port_version (kept)"
		cp -R "$kept/." "$SYSROOT"
	else
		echo "  PORT     $port $port_version"
		[ -n "$work" ] || work=$(mktemp -d)
		rm -rf "$work/out"
		build_port "$SYSROOT"
		# Whole or not at all: a second build may look at any time.
		if mkdir -p "$cache" 2>/dev/null &&
			fresh=$(mktemp -d "$cache/.new-XXXXXX" 2>/dev/null); then
			chmod 755 "$fresh"
			cp -R "$work/out/." "$fresh"
			mv -T "$fresh" "$kept" 2>/dev/null || rm -rf "$fresh"
		fi
	fi
	echo "$key" >"$mark"
done
