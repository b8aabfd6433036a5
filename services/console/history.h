/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONSOLE_HISTORY_H
#define CONSOLE_HISTORY_H
/** @file history.h
 * The last lines typed, each for the client that read it. Bounded in lines
 * and through them in bytes; the oldest goes first. */
#include <crt/heap.h>

#define HISTORY_LINES 64

struct history_line {
	uint32_t client;
	uint32_t size;
	char *text;
};

struct history {
	struct heap *heap;
	struct history_line lines[HISTORY_LINES];
	unsigned next;
};

/** Remember a line, unless it is empty or the same as the last. A line for
 * which there is no memory is not remembered. */
void history_add(struct history *history, uint32_t client, const char *text,
		 size_t size_bytes);
/** The line `back` lines ago (1 is the last) of a client, or NULL. */
const struct history_line *history_get(const struct history *history,
				       uint32_t client, unsigned back);
/** Forget the lines of the clients `first` to `last`. */
void history_forget(struct history *history, uint32_t first, uint32_t last);
#endif /* CONSOLE_HISTORY_H */
