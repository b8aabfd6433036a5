# SPDX-License-Identifier: BSD-2-Clause
# make -f splice.mk: both programs, with what pkg-config says about libepk.
CFLAGS ?= -O2 -Wall -Wextra
EPK_CFLAGS := $(shell pkg-config --cflags libepk)
EPK_LIBS := $(shell pkg-config --libs libepk)

all: server client
server: server.c message.h
	$(CC) $(CFLAGS) $(EPK_CFLAGS) -o $@ server.c $(LDFLAGS) $(EPK_LIBS)
client: client.c message.h
	$(CC) $(CFLAGS) $(EPK_CFLAGS) -o $@ client.c $(LDFLAGS) $(EPK_LIBS)
clean:
	rm -f server client
.PHONY: all clean
