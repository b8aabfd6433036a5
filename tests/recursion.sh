#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No function calls itself, not by way of others either: nothing in an image,
# an archive, a request or a tree of files decides how deep the stack is. The
# compiler tells who calls whom. Calls through a pointer it does not follow:
# each of those is made by a loop over a table, or tells a caller's function
# of something, and what is told does not call back into the one that tells.
#   top_srcdir CC
set -u
top=${top_srcdir:?}
. "$top/tests/support/tap.sh"
CC=${CC:-gcc}
cd "$work" || exit 99

echo 'int f(int n); int f(int n) { return n ? f(n - 1) : 0; }' >probe.c
$CC -fcallgraph-info -S -o probe.s probe.c >/dev/null 2>&1
[ -s probe.ci ] || skip_all "$CC does not tell who calls whom"

others=$(pkg-config --cflags gnutls zlib jansson 2>/dev/null)
for package in libdeflate fuse3 libarchive; do
	if pkg-config --exists $package 2>/dev/null; then
		others="$others $(pkg-config --cflags $package)"
	fi
done
includes="-I$top/libnexusabi/include -I$top/libvmo/include
	-I$top/libepk/include -I$top/libepk/src -I$top/libvmo/src
	-I$top/kernel/include -I$top/kernel/arch/sim/include -I$top/kernel
	-I$top/services"
flags="-w -O0 -D_GNU_SOURCE= -DNX_ARCH_SIM=1 -DLIBRARY_VERSION=\"\"
	-DNEXUS_VERSION=\"\" -DEPK_SYSTEM_TRUST=\"\" $others"

# calls NAME FOLDER-OF-OPTIONS FILE...: who calls whom, as pairs in NAME.
# A file that does not compile here is another system's; at least half must.
# `with` names the pairs of a library that these files are used with.
calls()
{
	name=$1
	own=$2
	shift 2
	mkdir "$name"
	files=0
	told=0
	for file; do
		files=$((files + 1))
		at=$name/$(echo "${file#"$top"/}" | tr / -)
		# shellcheck disable=SC2086 # lists of flags
		$CC $flags ${own:+-I"$top/$own"} -I"$top/utils/common" \
			-I"$top/utils/mount" $includes \
			-fcallgraph-info -S -o "$at.s" "$file" 2>>"$name.err"
		if [ -e "$at.ci" ]; then
			told=$((told + 1))
		else
			echo "${file#"$top"/}" >>"$name.not"
		fi
	done
	cat "$name"/*.ci | sed -n \
		's/^edge: { sourcename: "\([^"]*\)" targetname: "\([^"]*\)".*/\1 \2/p' |
		cat - ${with:-} | LC_ALL=C sort -u >"$name.pairs"
}

# Circles that end by themselves: CALLER CALLED, and why.
# object_free object_unref: steps->running; inside a step the second call
#	only puts the object on the list that the first one works through
# kernel_lock_assert panic: panic() makes the assertion true before it writes
#	to the log, and does not begin twice
cat >allowed <<'END'
kernel_lock_assert panic
object_free object_unref
END

# flat NAME SENTENCE: the pairs of NAME have no circle.
flat()
{
	awk 'FILENAME == "allowed" { allowed[$0]; next }
		{ from = $1; to = $2
		  sub(/.*:/, "", from); sub(/.*:/, "", to) }
		!((from " " to) in allowed)' allowed "$1.pairs" >left
	{
		awk '$1 == $2 { print $1, "calls itself" }' left
		awk '$1 != $2' left | tsort 2>&1 >/dev/null |
			sed 's/^tsort: //'
		[ $((told * 2)) -gt $files ] || head -n 20 "$1.err"
	} | sed "s,$top/,," >wrong
	none "$2 ($told files, $(wc -l <"$1.pairs") calls)"
	[ ! -e "$1.not" ] || sed 's/^/# not looked at: /' "$1.not"
}

with=
# The test itself: a circle of two is seen.
printf 'int f(int n); int g(int n);\nint f(int n) { return g(n - 1); }\n%s\n' \
	'int g(int n) { return n ? f(n) : 0; }' >circle.c
calls circle "" circle.c
! awk '$1 != $2' circle.pairs | tsort >/dev/null 2>&1
ok $? "a circle is seen"

library=$(ls "$top"/libepk/src/*.c)
shared=$(ls "$top"/utils/common/*.c "$top"/utils/mount/*.c)
# shellcheck disable=SC2046,SC2086 # lists of files
{
	calls libepk "" $library
	flat libepk "libepk"
	with=libepk.pairs
	calls epk utils/epk $shared $(ls "$top"/utils/epk/*.c)
	flat epk "epk and its library"
	calls package utils/package $shared $(ls "$top"/utils/package/*.c)
	flat package "package and its library"
	with=
	calls vmo "" $(ls "$top"/libvmo/src/*.c "$top"/libnexusabi/src/*.c)
	flat vmo "libvmo and libnexusabi"
	calls kernel "" $(find "$top/kernel" -name '*.c' \
		! -path '*/riscv64/*' | LC_ALL=C sort)
	flat kernel "the kernel, on the simulator's machine"
	calls services "" $(find "$top/services" -name '*.c' |
		LC_ALL=C sort)
	flat services "the services"
}
finish
