/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed bytes reach a program that waits, all and in order, also when more
 * come than the kernel has room for while nobody reads. typing.sh types. */
#include <crt/program.h>

#include "support/tap.h"

#include <nexus/syscalls.h>

#define TYPED_BIT 1u
#define LINE_BYTES 900u

static char line[LINE_BYTES + 1];

static void sleep_ns(const struct program *program, uint64_t ns)
{
	uint64_t end = program_now_ns(program) + ns;

	while (program_now_ns(program) < end)
		nx_yield();
}

/* Read up to Enter; waits on the event whenever there is nothing. */
static uint64_t read_line(nx_trace_t trace, nx_event_t event)
{
	uint64_t length = 0, count, bits;

	for (;;) {
		nx_status_t status = nx_debug_read(
			trace, line + length, sizeof(line) - length, &count);

		if (status == NX_ERR_WOULD_BLOCK)
			status = nx_wait(event, TYPED_BIT, NX_DEADLINE_NEVER,
					 &bits);
		else if (status == NX_OK)
			length += count;
		if (status != NX_OK || length == sizeof(line))
			return length;
		if (length > 0 && line[length - 1] == '\r')
			return length;
	}
}

static bool is_counted(uint64_t length)
{
	for (uint64_t i = 0; i + 1 < length; i++)
		if (line[i] != (char)('0' + i % 10))
			return false;
	return true;
}

static int typed_main(struct program *program)
{
	const nx_trace_t trace = { program_handle(program, NX_ROLE_TRACE) };
	const nx_job_t job = { program_handle(program, NX_ROLE_JOB) };
	nx_event_t event = { NX_HANDLE_NONE };
	uint64_t length, bits;

	plan(5);
	is_i64(nx_event_create(job, &event), NX_OK, "an event is made");
	is_i64(nx_debug_watch(trace, event, TYPED_BIT), NX_OK,
	       "typing signals the event");
	printf("# type now\n");
	is_i64(nx_wait(event, TYPED_BIT, NX_DEADLINE_NEVER, &bits), NX_OK,
	       "a byte that is typed ends the wait");
	sleep_ns(program, 500000000);
	length = read_line(trace, event);
	is_u64(length, LINE_BYTES + 1, "all bytes come, however late");
	ok(is_counted(length), "in the order in which they were typed");
	nx_job_reset(job, NX_RESET_SHUTDOWN, 0);
	return done();
}
PROGRAM(typed)
