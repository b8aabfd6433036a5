#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Services and test programs keep no mutable global: in the simulator many
# instances share one host process. Constants with addresses in them
# (.data.rel.ro) are none; what the compiler's checkers add is not theirs.
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
cd "${top_builddir:?}" || exit 99

# Symbols of an object or archive that can be written: name and section.
mutable()
{
	nm -f sysv "$1" 2>/dev/null | awk -F'|' '
		{ gsub(/ /, "", $1); gsub(/ /, "", $7) }
		$1 ~ /^(__odr_asan|__gcov|__asan|__sanitizer)/ { next }
		$1 ~ /^\.L/ { next }
		$7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
			$7 !~ /^\.data\.rel\.ro/ { print $1 " in " $7 }'
}

holds_none()
{
	if [ -f "$1" ]; then
		mutable "$1" >"$work/wrong"
	else
		echo "it is not built" >"$work/wrong"
	fi
	none "$2 keeps no mutable global"
}

# A guard that cannot bark is none.
echo 'int a = 1; int b; static int c; int *f(void) { return &c; }' \
	>"$work/bad.c"
${CC:-cc} -c -o "$work/bad.o" "$work/bad.c" || exit 99
[ "$(mutable "$work/bad.o" | wc -l)" -eq 3 ]
ok $? "a mutable global would be found"

holds_none services/libservices-sim.a 'the archive of services'
for object in tests/system/*.o; do
	holds_none "$object" "$object"
done
finish
