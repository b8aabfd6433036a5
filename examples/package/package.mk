# SPDX-License-Identifier: BSD-2-Clause
# make -f package.mk: both programs, with what pkg-config says about libepk.
CFLAGS ?= -O2 -Wall -Wextra
EPK_CFLAGS := $(shell pkg-config --cflags libepk)
EPK_LIBS := $(shell pkg-config --libs libepk)

all: pack read
pack: pack.c
	$(CC) $(CFLAGS) $(EPK_CFLAGS) -o $@ pack.c $(LDFLAGS) $(EPK_LIBS)
read: read.c
	$(CC) $(CFLAGS) $(EPK_CFLAGS) -o $@ read.c $(LDFLAGS) $(EPK_LIBS)
clean:
	rm -f pack read
.PHONY: all clean
