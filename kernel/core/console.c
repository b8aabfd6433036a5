/* SPDX-License-Identifier: BSD-2-Clause */
/* What was typed at the debug line, until somebody takes it. While the ring
 * is full the machine keeps what comes, or drops it as its line does. */
#include <kernel/console.h>

#include <kernel/arch.h>
#include <kernel/event.h>
#include <kernel/hart.h>
#include <kernel/string.h>

static struct {
	char ring[CONSOLE_SIZE];
	uint32_t first;
	uint32_t count;
	struct event_watch watch;
	uint64_t bits;
} console GUARDED;

void console_init(void)
{
	/* Who watched in a former run is gone. */
	memset(&console, 0, sizeof(console));
}

void console_input(void)
{
	int byte;

	while (console.count < CONSOLE_SIZE &&
	       (byte = arch_console_read()) >= 0) {
		console.ring[(console.first + console.count) % CONSOLE_SIZE] =
			(char)byte;
		console.count++;
	}
	if (console.count > 0 && console.watch.event != NULL)
		event_signal(console.watch.event, console.bits);
}

void console_watch(struct event *event, uint64_t bits)
{
	event_watch_set(&console.watch, event);
	console.bits = bits;
	if (event != NULL && console.count > 0)
		event_signal(event, bits);
}

uint32_t console_peek(char *to, uint32_t count_max)
{
	uint32_t i;

	for (i = 0; i < count_max && i < console.count; i++)
		to[i] = console.ring[(console.first + i) % CONSOLE_SIZE];
	return i;
}

void console_consume(uint32_t count)
{
	console.first = (console.first + count) % CONSOLE_SIZE;
	console.count -= count;
	console_input();
}
