# SPDX-License-Identifier: BSD-2-Clause
# zlib: deflate and inflate. Memory to memory only: no gz* functions, which
# would pull in file descriptors.
# shellcheck shell=sh disable=SC2034 # read by build.sh
port_source=zlib
port_version=1.2.13

# In the unpacked source; $out is the sysroot to fill.
port_build()
{
	compile_all "-I." adler32.c compress.c crc32.c \
		deflate.c infback.c inffast.c inflate.c inftrees.c trees.c \
		uncompr.c zutil.c
	archive libz.a
	install_headers . include zlib.h zconf.h
	write_pc zlib "deflate compression" "-lz"
}
