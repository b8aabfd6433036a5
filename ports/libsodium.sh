# SPDX-License-Identifier: BSD-2-Clause
# libsodium: digests, signatures, authenticated encryption; its minimal set
# in portable C. Its own configure run costs more than the compilation, so
# the list is read from its Makefile.am and the answers are given here.
# shellcheck shell=sh disable=SC2034,SC2154 # read and set by build.sh
port_source=libsodium
port_version=1.0.18

port_build()
{
	cd src/libsodium
	sed -e "s/@VERSION@/$port_version/" \
		-e 's/@SODIUM_LIBRARY_VERSION_MAJOR@/10/' \
		-e 's/@SODIUM_LIBRARY_VERSION_MINOR@/3/' \
		-e 's/@SODIUM_LIBRARY_MINIMAL_DEF@/#define SODIUM_LIBRARY_MINIMAL 1/' \
		include/sodium/version.h.in >include/sodium/version.h
	# The random numbers of the machine come from whoever links this: a
	# program without a generator must fail to link, not run without one.
	cat >nexus_random.h <<-'END'
		struct randombytes_implementation;
		extern struct randombytes_implementation nexus_randombytes;
		#define RANDOMBYTES_CUSTOM_IMPLEMENTATION 1
		#define RANDOMBYTES_DEFAULT_IMPLEMENTATION \
			((const randombytes_implementation *)&nexus_randombytes)
	END
	# The first list of its Makefile.am is what every configuration has.
	sources=$(awk '/^libsodium_la_SOURCES = /{ on = 1; next }
		on && /^$/ { exit }
		on && $1 ~ /\.c$/ { print $1 }' Makefile.am)
	[ -n "$sources" ] || return 1
	# shellcheck disable=SC2086 # a list of files
	compile_all "-Iinclude/sodium -Iinclude -include nexus_random.h \
		-DCONFIGURED=1 -DSODIUM_STATIC=1 -DNATIVE_LITTLE_ENDIAN=1 \
		-DMINIMAL=1 -DHAVE_TI_MODE=1 -DHAVE_WEAK_SYMBOLS=1 \
		-DHAVE_ATOMIC_OPS=1 -DHAVE_INLINE_ASM=1 \
		-fno-strict-aliasing -fwrapv" \
		$sources crypto_stream/salsa20/ref/salsa20_ref.c
	archive libsodium.a
	# shellcheck disable=SC2046
	install_headers include include sodium.h \
		$(cd include && ls sodium/*.h)
	write_pc libsodium "cryptography" "-lsodium" "-DSODIUM_STATIC=1"
}
