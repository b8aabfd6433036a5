/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: positions that never change their meaning, what is lost when it
 * wraps, and lines that are too long. */
#include "support/tap.h"

#include <core/log.c>

uint64_t counters[NX_COUNTER_END];
static char console[3 * LOG_SIZE];
static size_t console_bytes;

void arch_console_write(const char *text, size_t size_bytes)
{
	if (size_bytes > sizeof(console) - console_bytes)
		size_bytes = sizeof(console) - console_bytes;
	memcpy(console + console_bytes, text, size_bytes);
	console_bytes += size_bytes;
}

bool kernel_lock_is_held(void)
{
	return true;
}

/* Read all from a position; returns the position behind the last byte. */
static uint64_t read_from(uint64_t position, char *to, size_t *out_bytes)
{
	uint64_t piece_bytes;
	const char *piece;

	*out_bytes = 0;
	while (piece = log_at(&position, &piece_bytes), piece_bytes > 0) {
		memcpy(to + *out_bytes, piece, piece_bytes);
		*out_bytes += piece_bytes;
		position += piece_bytes;
	}
	return position;
}

static void lines(void)
{
	static char all[LOG_SIZE];
	size_t bytes;
	uint64_t next;

	log_init();
	is_u64(read_from(0, all, &bytes), 0, "a new log is at position 0");
	is_u64(bytes, 0, "and is empty");
	klog("%s is %d", "one", 1);
	next = read_from(0, all, &bytes);
	is_mem(all, "one is 1\n", 9, "a line is kept");
	is_u64(next, 9, "its end is a position");
	is_mem(console, "one is 1\n", 9, "and goes to the debug line");
	klog("two");
	read_from(next, all, &bytes);
	is_mem(all, "two\n", 4, "reading goes on from there");
	is_u64(read_from(1000, all, &bytes), 13, "the future is the end");
	is_u64(bytes, 0, "and has nothing");
	klog("%300d", 7);
	next = read_from(13, all, &bytes);
	is_u64(bytes, LOG_LINE_MAX - 1, "a line that is too long is cut");
	ok(all[bytes - 1] == '\n', "and still ends");
}

static void wrap(void)
{
	static char all[LOG_SIZE];
	size_t bytes;

	log_init();
	memset(counters, 0, sizeof(counters));
	console_bytes = 0;
	for (unsigned i = 0; i < 3000; i++)
		klog("line %06u", i);
	is_u64(read_from(0, all, &bytes), 3000 * 12,
	       "positions count all bytes");
	is_u64(bytes, LOG_SIZE, "the log holds its size");
	is_mem(all, console + 3000 * 12 - LOG_SIZE, LOG_SIZE,
	       "which are the last bytes that were written");
	is_u64(counters[NX_COUNTER_LOG_DROPPED], 3000 * 12 - LOG_SIZE,
	       "what was overwritten is counted");
}

int main(void)
{
	plan(14);
	lines();
	wrap();
	return done();
}
