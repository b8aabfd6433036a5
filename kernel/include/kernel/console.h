/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H
/** @file console.h
 * The ring of what was typed at the debug line. */
#include <kernel/lock.h>

#define CONSOLE_SIZE 256

struct event;

/** Forget what was typed and who watches. */
void console_init(void);
/** Take what the machine has and there is room for; tell the watch. */
HELD void console_input(void);
/** Signal bits of an event whenever something is there, for as long as it
 * lives; NULL: nobody. */
HELD void console_watch(struct event *event, uint64_t bits);
/** Copy the oldest bytes without taking them; how many there were. */
HELD uint32_t console_peek(char *to, uint32_t count_max);
/** Take the oldest bytes, at most those that were peeked; what the machine
 * held back comes in. */
HELD void console_consume(uint32_t count);
#endif /* KERNEL_CONSOLE_H */
