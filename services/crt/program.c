/* SPDX-License-Identifier: BSD-2-Clause
 * The same on the machine and in the simulator: from the two arguments of
 * the first thread to a running NAME_main().
 */
#include <crt/program.h>
#include <crt/text.h>

#include <nexus/syscalls.h>
#include <string.h>

/** A heap may grow so far, if the job's pages allow it. */
#define HEAP_LIMIT_BYTES ((size_t)64 << 20)

static nx_status_t read_startup(struct program *program, nx_handle_t startup)
{
	const nx_vmo_t vmo = { startup };
	nx_status_t status;

	status = nx_vmo_read(vmo, 0, program->startup.bytes,
			     NX_STARTUP_SIZE_MAX);
	if (status != NX_OK)
		return status;
	nx_handle_close(startup);
	return program_decode(program, NX_STARTUP_SIZE_MAX);
}

_Noreturn void program_enter(program_main_function main, nx_handle_t startup,
			     nx_uaddr_t buffer)
{
	struct program program;
	nx_status_t status;
	int code;

	program.buffer = (struct nx_message_buffer *)(uintptr_t)buffer;
	heap_init(&program.heap, &heap_vmo_ops, NULL, HEAP_LIMIT_BYTES);
	status = read_startup(&program, startup);
	code = status == NX_OK ? main(&program) : status;
	heap_fini(&program.heap);
	for (;;)
		nx_exit(code, 1);
}

void program_print(const struct program *program, const char *format, ...)
{
	const nx_trace_t trace = { program_handle(program, NX_ROLE_TRACE) };
	char text[NX_DEBUG_WRITE_MAX];
	va_list list;
	size_t size;

	if (trace.handle == NX_HANDLE_NONE)
		return;
	va_start(list, format);
	size = text_format_list(text, sizeof(text), format, list);
	va_end(list);
	nx_debug_write(trace, text, size);
}

uint64_t program_now_ns(const struct program *program)
{
	uint64_t rate = program->startup.record.ticks_per_second;
	uint64_t ticks = nx_ticks();

	if (rate == 0)
		return 0;
	return ticks / rate * UINT64_C(1000000000) +
	       ticks % rate * UINT64_C(1000000000) / rate;
}
