# SPDX-License-Identifier: BSD-2-Clause
# Build the driver from an installed SDK; no file of the project is read:
#   PKG_CONFIG_LIBDIR=SDK/lib/pkgconfig make -f driver.mk
CC = riscv64-unknown-elf-gcc
PKG_CONFIG = pkg-config
here := $(dir $(lastword $(MAKEFILE_LIST)))
flags := $(shell $(PKG_CONFIG) --cflags nexus-program)
libs := $(shell $(PKG_CONFIG) --libs nexus-program)

driver.elf: $(here)driver.c
	$(CC) -O2 -Wall $(flags) -o $@ $< $(libs)
