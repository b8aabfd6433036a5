#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: an installed Nexus is complete. See README.md.
#   top_srcdir top_builddir prefix libdir bindir mandir MAKE CC
#   BUILD_TARGET TARGET_CC NEXUS_KERNEL
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${libdir:?}" "${bindir:?}" \
	"${prefix:?}"
. "$top_srcdir/tests/support/tap.sh"
root=$work/root
make=${MAKE:-make}
echo 1..10

$make -C "$top_builddir" install DESTDIR="$root" >"$work/log" 2>&1
ok $? "make install with a DESTDIR succeeds"

missing=
for library in libnexus-abi libnexus-vmo libepk; do
	for kind in so a; do
		[ -e "$root$libdir/$library.$kind" ] ||
			missing="$missing $library.$kind"
	done
done
echo "missing:$missing" >"$work/log"
[ -z "$missing" ]
ok $? "every library is there, shared and static"

# The files say where we shall be; the root goes in front of that.
PKG_CONFIG_LIBDIR=$root$libdir/pkgconfig:$(pkg-config --variable pc_path \
	pkg-config)
export PKG_CONFIG_LIBDIR
flags=$(pkg-config --cflags --libs nexus-abi nexus-vmo libepk)
flags=$(printf '%s' "$flags" | sed "s,-\([IL]\)$prefix/,-\1$root$prefix/,g")
# shellcheck disable=SC2086 # lists of flags
${CC:-cc} ${SANITIZE:-} -o "$work/host" "$top_srcdir/tests/install/host.c" \
	$flags >"$work/log" 2>&1 &&
	LD_LIBRARY_PATH=$root$libdir "$work/host" >>"$work/log" 2>&1
ok $? "a host program builds with pkg-config and runs"
unset PKG_CONFIG_LIBDIR

epk=$root$bindir/epk
if [ -x "$epk" ]; then
	for tool in epk package; do
		LD_LIBRARY_PATH=$root$libdir "$root$bindir/$tool" --help &&
			ls "$root$mandir/man1/$tool.1"* || break
		good=$tool
	done >"$work/log" 2>&1
	[ "${good:-}" = package ]
	ok $? "epk and package are installed, run and have their pages"
else
	skip "no epk yet"
fi

if [ "${BUILD_TARGET:-no}" != yes ]; then
	for _ in 5 6 7 8 9 10; do
		skip "the target is not built"
	done
	exit 0
fi
$make -C "$top_builddir" install-sdk DESTDIR="$root" >"$work/log" 2>&1
ok $? "make install-sdk with a DESTDIR succeeds"

# Where it was installed to does not matter.
mkdir "$work/user"
cp -R "$top_srcdir/examples/hello" "$top_srcdir/examples/driver-skeleton" \
	"$top_srcdir/examples/driver-entropy" "$work/user"
chmod -R u+w "$work/user"
mv "$root$libdir/nexus-riscv64" "$work/sdk"
PKG_CONFIG_LIBDIR=$work/sdk/lib/pkgconfig
export PKG_CONFIG_LIBDIR
$make -C "$work/user/hello" -f hello.mk CC="$TARGET_CC" >"$work/log" 2>&1
ok $? "the sample program builds from the SDK"
$make -C "$work/user/driver-skeleton" -f driver.mk CC="$TARGET_CC" \
	>"$work/log" 2>&1
ok $? "the driver builds from the SDK with pkg-config nexus-vmo alone"
$make -C "$work/user/driver-entropy" -f driver.mk CC="$TARGET_CC" \
	>"$work/log" 2>&1
ok $? "so does one with a device, with pkg-config nexus-program"
printf '#include <sodium.h>\n#include <zlib.h>\nint main(void) { return crypto_hash_sha256_bytes() != 32 || zlibVersion() == 0; }\n' \
	>"$work/user/ports.c"
# shellcheck disable=SC2046
"$TARGET_CC" -o "$work/user/ports.elf" "$work/user/ports.c" \
	$(pkg-config --cflags --libs libsodium zlib nexus-program) \
	>"$work/log" 2>&1
ok $? "the ports are part of the SDK"

if [ -f "$NEXUS_KERNEL" ] && [ -x "$epk" ] &&
	command -v "${QEMU:-qemu-system-riscv64}" >/dev/null 2>&1; then
	LD_LIBRARY_PATH=$root$libdir sh "$top_srcdir/build-aux/pack-boot.sh" \
		-e "$epk" -o "$work/driver.epk" \
		-v "$work/sdk/include/nexus/version.h" \
		init="$work/user/driver-skeleton/driver.elf" >"$work/log" 2>&1 &&
		sh "$top_srcdir/build-aux/run-qemu.sh" "$work/driver.epk" \
			>>"$work/log" 2>&1 &&
		grep -q '^1\.\.6$' "$work/log" &&
		[ "$(grep -c '^ok ' "$work/log")" -eq 6 ] &&
		! grep -qE '^not ok|^Bail out!' "$work/log"
	ok $? "the driver boots as the first program and sees six things"
else
	skip "no machine to boot"
fi
