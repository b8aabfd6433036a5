/* SPDX-License-Identifier: BSD-2-Clause
 * The console service: owns the debug line of the machine.
 */
#include "console.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>

#define PROTO_NAME console
#define PROTO_TABLE <proto/console.def>
#define PROTO_STATE console
#include <proto/server.h>

#define BIT_TYPED UINT64_C(1)

static void console_event(void *state, uint64_t bits)
{
	(void)bits;
	console_typed(state);
}

static const struct service_table console_table = {
	.name = "console",
	.methods = console_methods,
	.count = sizeof(console_methods) / sizeof(console_methods[0]),
	.event = console_event,
};

static void editor_output(void *context, const char *text, size_t size_bytes)
{
	console_put(context, text, size_bytes);
}

static bool editor_recall(void *context, unsigned back, char *line,
			  size_t *out_size)
{
	const struct console *console = context;
	const struct history_line *found = history_get(
		&console->history, console->readers[0].client, back);

	if (!found)
		return false;
	memcpy(line, found->text, found->size);
	*out_size = found->size;
	return true;
}

static void console_init(struct console *console, struct program *program)
{
	console->program = program;
	console->trace.handle = program_handle(program, NX_ROLE_TRACE);
	console->history.heap = &program->heap;
	console->editor.put = editor_output;
	console->editor.recall = editor_recall;
	console->editor.context = console;
	console->service.program = program;
	console->service.port.handle = program_handle(program, ROLE_PORT);
	console->service.table = &console_table;
	console->service.state = console;
}

static nx_status_t watch_line(struct console *console)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	struct service_watch *watch = &console->watch;
	nx_status_t status = nx_event_create(job, &watch->event);

	watch->mask = BIT_TYPED;
	if (status == NX_OK)
		status = service_watch(&console->service, watch);
	if (status == NX_OK)
		status =
			nx_debug_watch(console->trace, watch->event, BIT_TYPED);
	return status;
}

static int console_main(struct program *program)
{
	struct console *console =
		heap_allocate_zero(&program->heap, 1, sizeof(*console));
	nx_status_t status;

	if (!console)
		return NX_ERR_NO_MEMORY;
	console_init(console, program);
	status = watch_line(console);
	if (status == NX_OK) {
		console_typed(console);
		program_print(program, "console: ready\n");
		status = service_run(&console->service);
	}
	program_print(program, "console: ends, %s\n", nx_status_name(status));
	return status;
}

PROGRAM(console)
