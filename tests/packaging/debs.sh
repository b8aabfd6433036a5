#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: what a user of the Debian packages has. See README.md.
#   DEBS      folder with the packages ("make deb"); empty: skip all
#   DEBS_AGAIN  the same, built once more somewhere else; empty: skip that
#   top_srcdir CC MAKE TARGET_CC NEXUS_KERNEL QEMU
set -u
: "${top_srcdir:?}"
. "$top_srcdir/tests/support/tap.sh"
debs=${DEBS:-}
[ -n "$debs" ] && ls "$debs"/epk_*.deb >/dev/null 2>&1 ||
	skip_all 'no packages: "make deb" builds them'
mounted=
trap '[ -z "$mounted" ] || fusermount3 -u "$mounted"; rm -rf "$work"' 0
root=$work/root
make=${MAKE:-make}
cc=${CC:-cc}
echo 1..18

# -- the packages --

names='epk libepk-dev libepk0 libnexus-abi-dev libnexus-abi0'
names="$names libnexus-vmo-dev libnexus-vmo0 nexus-sdk-riscv64"
mkdir "$root"
for name in $names; do
	set -- "$debs/$name"_*.deb
	[ $# -eq 1 ] && dpkg-deb -x "$1" "$root" || echo "no $name"
done >"$work/log" 2>&1
[ ! -s "$work/log" ]
ok $? "all eight packages are there and unpack into a private root"

if command -v lintian >/dev/null 2>&1; then
	as_root=
	[ "$(id -u)" -ne 0 ] || as_root=--allow-root
	lintian $as_root --fail-on error,warning "$debs"/nexus_*.changes \
		>"$work/log" 2>&1
	ok $? "lintian has no error and no warning"
else
	skip "no lintian"
fi

if [ -n "${DEBS_AGAIN:-}" ]; then
	for file in "$debs"/*.deb; do
		cmp "$file" "$DEBS_AGAIN/${file##*/}" || echo "differs"
	done >"$work/log" 2>&1
	[ ! -s "$work/log" ]
	ok $? "built again, in another folder, they are the same bytes"
else
	skip "built once only"
fi

# A real installation into a database of its own; nothing is configured, for
# what they depend on is not in that root.
mkdir -p "$work/dpkg/var/lib/dpkg/updates" "$work/dpkg/var/lib/dpkg/info"
: >"$work/dpkg/var/lib/dpkg/status"
if [ "$(id -u)" -eq 0 ]; then
	dpkg --root="$work/dpkg" --force-depends --unpack "$debs"/lib*0_*.deb \
		"$debs"/*-dev_*.deb "$debs"/epk_*.deb "$debs"/nexus-sdk*.deb \
		>"$work/log" 2>&1 &&
		[ "$(dpkg --root="$work/dpkg" -S bin/epk)" = "epk: /usr/bin/epk" ]
	ok $? "dpkg unpacks all of them side by side"
else
	skip "dpkg wants root"
fi

# -- a program of the host --

lib=$(dirname "$(find "$root/usr/lib" -name libepk.so.0 | head -n 1)")
LD_LIBRARY_PATH=$lib
export LD_LIBRARY_PATH
# What the root does not have comes from the system.
usual=$(pkg-config --variable pc_path pkg-config)
installed()
{
	env PKG_CONFIG_LIBDIR="$lib/pkgconfig:$usual" pkg-config \
		--define-variable=prefix="$root/usr" \
		--define-variable=libdir="$lib" \
		--define-variable=includedir="$root/usr/include" "$@"
}
# shellcheck disable=SC2046 # lists of flags
$cc -O2 -Wall -Wextra -Werror -o "$work/host" \
	"$top_srcdir/tests/install/host.c" \
	$(installed --cflags --libs nexus-abi nexus-vmo libepk) \
	>"$work/log" 2>&1 && "$work/host" >>"$work/log" 2>&1
ok $? "a program builds from the -dev packages and runs"
# shellcheck disable=SC2046
$cc -O2 -static-libgcc -o "$work/static" "$top_srcdir/tests/install/host.c" \
	$(installed --cflags nexus-abi nexus-vmo libepk) "$lib/libepk.a" \
	"$lib/libnexus-vmo.a" "$lib/libnexus-abi.a" \
	$(pkg-config --libs zlib gnutls libdeflate) >"$work/log" 2>&1 &&
	"$work/static" >>"$work/log" 2>&1
ok $? "and from the static libraries"

docs=$root/usr/share/doc
mkdir "$work/examples"
cp -R "$docs"/libepk-dev/examples/* "$docs"/libnexus-vmo-dev/examples/* \
	"$work/examples"
for recipe in "$work"/examples/*/*.mk; do
	$make -C "$(dirname "$recipe")" -f "$(basename "$recipe")" CC="$cc" \
		EPK_CFLAGS="$(installed --cflags libepk)" \
		EPK_LIBS="$(installed --libs libepk)" \
		VMO_CFLAGS="$(installed --cflags nexus-vmo)" \
		VMO_LIBS="$(installed --libs nexus-vmo)" || echo "failed"
done >"$work/log" 2>&1
! grep -q '^failed\|warning' "$work/log"
ok $? "the examples in them build without a warning"

# -- the tools --

epk=$root/usr/bin/epk
cd "$work" || exit 99
mkdir tree
cp "$epk" tree/tool
cp "$top_srcdir/COPYING" tree/text
cat >manifest.toml <<'END'
name = "org.example.tree"
version = "1.0.0"
arch = "any"
kernel_api = "0.1"
END
"$epk" keygen key >log 2>&1 &&
	"$epk" pack -q -m manifest.toml --map exec -o tree.epk tree >>log 2>&1 &&
	"$epk" sign -q --key key.key tree.epk >>log 2>&1 &&
	"$epk" verify -q --deep --key key.pub tree.epk >>log 2>&1 &&
	"$epk" extract -q tree.epk out >>log 2>&1 && cmp tree/text out/text
ok $? "epk makes, signs, verifies and extracts a package"
package=$root/usr/bin/package
"$package" add --store store tree.epk >log 2>&1 &&
	"$package" list --store store 2>>log | grep -q org.example.tree &&
	"$package" verify --store store org.example.tree >>log 2>&1
ok $? "package keeps it in a store"
mkdir m
if [ -e /dev/fuse ] && command -v fusermount3 >/dev/null 2>&1; then
	"$epk" mount tree.epk m >log 2>&1 && mounted=$work/m &&
		cmp m/tool tree/tool >>log 2>&1 &&
		"$epk" umount m >>log 2>&1 && mounted=
	ok $? "and mounts it"
else
	skip "no /dev/fuse"
fi
! readelf -d "$epk" "$lib"/*.so.* | grep -E 'RPATH|RUNPATH' >log
ok $? "no program and no library has a path of its build in it"

share=$root/usr/share
for file in bash-completion/completions/epk zsh/vendor-completions/_epk \
	fish/vendor_completions.d/epk.fish bash-completion/completions/package \
	zsh/vendor-completions/_package fish/vendor_completions.d/package.fish; do
	[ -s "$share/$file" ] || echo "no $file"
done >log
bash -n "$share/bash-completion/completions/epk" >>log 2>&1
[ ! -s log ]
ok $? "completions of three shells are where these look"
if command -v man >/dev/null 2>&1; then
	for page in '1 epk' '1 package' '2 nx_vmo_create' '3 epk_probe' '3 vmo_map' \
		'3 nx_status_name' '5 epk' '7 nexus' '7 epk-trust'; do
		# shellcheck disable=SC2086
		man -M "$share/man" -w $page || echo "no $page"
	done 2>&1 | grep '^no' >log
	[ ! -s log ]
	ok $? "man finds pages of every section in them"
else
	skip "no man"
fi

# -- a program of the machine --

[ -d "$root/usr/lib/nexus-riscv64" ] &&
	command -v "${TARGET_CC:-riscv64-unknown-elf-gcc}" >/dev/null 2>&1 || {
	for _ in 1 2 3 4 5; do
		skip "no cross compiler"
	done
	exit 0
}
sdk=$root/usr/lib/nexus-riscv64
export PKG_CONFIG_LIBDIR="$sdk/lib/pkgconfig"
cp -R "$docs/nexus-sdk-riscv64/examples" user
for name in hello driver; do
	folder=$(dirname "$(find user -name "$name.mk")")
	$make -C "$folder" -f "$name.mk" \
		CC="${TARGET_CC:-riscv64-unknown-elf-gcc}" >log 2>&1
	ok $? "$name builds from the SDK"
done
printf '#include <sodium.h>\n#include <zlib.h>\nint main(void) { return crypto_hash_sha256_bytes() != 32 || zlibVersion() == 0; }\n' \
	>ports.c
# shellcheck disable=SC2046
"${TARGET_CC:-riscv64-unknown-elf-gcc}" -o ports.elf ports.c \
	$(pkg-config --cflags --libs libsodium zlib nexus-program) >log 2>&1
ok $? "the ports are part of the SDK"
! find "$sdk" -name '*.a' -exec readelf -SW '{}' + 2>&1 |
	grep -m 1 ' \.debug_info' >log
ok $? "its libraries are stripped"
if [ -f "${NEXUS_KERNEL:-}" ] &&
	command -v "${QEMU:-qemu-system-riscv64}" >/dev/null 2>&1; then
	sh "$top_srcdir/build-aux/pack-boot.sh" -e "$epk" -o driver.epk \
		-v "$sdk/include/nexus/version.h" \
		init="$(find user -name driver.elf)" >log 2>&1 &&
		sh "$top_srcdir/build-aux/run-qemu.sh" driver.epk >>log 2>&1 &&
		grep -q '^1\.\.6$' log && [ "$(grep -c '^ok ' log)" -eq 6 ] &&
		! grep -qE '^not ok|^Bail out!' log
	ok $? "the driver boots as the first program and sees six things"
else
	skip "no machine to boot"
fi
