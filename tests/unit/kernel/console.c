/* SPDX-License-Identifier: BSD-2-Clause */
/* What was typed: kept in order, told to the watch, left in the machine
 * while there is no room. */
#include "support/tap.h"

#include <core/console.c>

static const char *typed = "";
static uint64_t signalled;

int arch_console_read(void)
{
	return *typed != '\0' ? (unsigned char)*typed++ : -1;
}

void event_signal(struct event *event, uint64_t bits)
{
	(void)event;
	signalled |= bits;
}

bool kernel_lock_is_held(void)
{
	return true;
}

static void in_order(void)
{
	char bytes[8];

	console_init();
	is_u64(console_peek(bytes, 8), 0, "nothing was typed at first");
	typed = "hello";
	console_input();
	is_u64(console_peek(bytes, 3), 3, "as many come as are wanted");
	is_mem(bytes, "hel", 3, "the oldest first");
	is_u64(console_peek(bytes, 8), 5, "to look takes nothing");
	console_consume(4);
	is_u64(console_peek(bytes, 8), 1, "to consume does");
	is_mem(bytes, "o", 1, "and the rest stays");
}

static void full(void)
{
	static char many[CONSOLE_SIZE + 10], bytes[CONSOLE_SIZE];

	memset(many, 'x', CONSOLE_SIZE);
	memset(many + CONSOLE_SIZE - 1, 'y', 10);
	console_consume(1);
	typed = many;
	console_input();
	is_u64(console_peek(bytes, CONSOLE_SIZE), CONSOLE_SIZE,
	       "the ring holds its size, wherever it begins");
	ok(bytes[CONSOLE_SIZE - 2] == 'x' && bytes[CONSOLE_SIZE - 1] == 'y',
	   "and the first of what was typed");
	is_u64(strlen(typed), 9, "the machine keeps what has no room");
	console_consume(CONSOLE_SIZE);
	is_u64(console_peek(bytes, CONSOLE_SIZE), 9, "until there is some");
	console_consume(9);
	is_u64(console_peek(bytes, 1), 0, "then it is empty");
}

static void watched(void)
{
	static struct event first, second;

	list_init(&first.watches);
	list_init(&second.watches);
	console_watch(&first, 4);
	is_u64(signalled, 0, "nothing typed, nothing told");
	typed = "a";
	console_input();
	is_u64(signalled, 4, "the watch is told");
	signalled = 0;
	console_watch(&second, 8);
	is_u64(signalled, 8, "a new watch learns of what waits already");
	ok(list_is_empty(&first.watches) && !list_is_empty(&second.watches),
	   "one event watches");
	console_watch(NULL, 0);
	ok(list_is_empty(&second.watches), "or none");
	signalled = 0;
	typed = "b";
	console_input();
	is_u64(signalled, 0, "and nobody is told");
}

int main(void)
{
	plan(17);
	in_order();
	full();
	watched();
	return done();
}
