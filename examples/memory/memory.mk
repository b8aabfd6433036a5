# SPDX-License-Identifier: BSD-2-Clause
# make -f memory.mk: with what pkg-config says about nexus-vmo.
CFLAGS ?= -O2 -Wall -Wextra
VMO_CFLAGS := $(shell pkg-config --cflags nexus-vmo)
VMO_LIBS := $(shell pkg-config --libs nexus-vmo)

memory: memory.c
	$(CC) $(CFLAGS) $(VMO_CFLAGS) -o $@ memory.c $(LDFLAGS) $(VMO_LIBS)
clean:
	rm -f memory
.PHONY: clean
