/* SPDX-License-Identifier: BSD-2-Clause
 * From the debug line to the line of a reader. Bytes typed while nobody
 * reads wait, bounded; Ctrl-C never waits.
 */
#include "console.h"

#include <nexus/syscalls.h>

#define CTRL_C 3

void console_put(struct console *console, const char *text, size_t size_bytes)
{
	while (size_bytes) {
		size_t part = size_bytes < NX_DEBUG_WRITE_MAX
				      ? size_bytes
				      : NX_DEBUG_WRITE_MAX;

		nx_debug_write(console->trace, text, part);
		text += part;
		size_bytes -= part;
	}
}

void console_begin(struct console *console)
{
	const struct reader *reader = &console->readers[0];

	if (console->line_open)
		console_put(console, "\n", 1);
	console->line_open = false;
	editor_begin(&console->editor, reader->prompt, reader->prompt_size);
}

void console_next_reader(struct console *console)
{
	console->reader_count--;
	memmove(console->readers, console->readers + 1,
		console->reader_count * sizeof(console->readers[0]));
	if (console->reader_count)
		console_begin(console);
}

static void finish_reader(struct console *console, nx_status_t status)
{
	const struct reader *reader = &console->readers[0];
	const struct editor *editor = &console->editor;

	if (status == NX_OK)
		history_add(&console->history, reader->client, editor->line,
			    editor->size);
	service_answer(console->program, reader->reply, status, editor->line,
		       status == NX_OK ? editor->size : 0);
	console_next_reader(console);
}

static void feed_reader(struct console *console, uint8_t byte)
{
	bool skip = byte == '\n' && console->after_return;

	console->after_return = byte == '\r';
	if (skip)
		return;
	if (console->line_open) {
		console->line_open = false;
		console_put(console, "\n", 1);
		editor_show(&console->editor);
	}
	switch (editor_feed(&console->editor, byte)) {
	case EDITOR_LINE:
		finish_reader(console, NX_OK);
		break;
	case EDITOR_INTERRUPT:
		finish_reader(console, NX_ERR_CANCELED);
		break;
	case EDITOR_END:
		finish_reader(console, NX_ERR_NOT_FOUND);
		break;
	case EDITOR_MORE:
	default:
		break;
	}
}

void console_feed(struct console *console)
{
	size_t used = 0;

	while (console->reader_count && used < console->typed_count)
		feed_reader(console, console->typed[used++]);
	console->typed_count -= used;
	memmove(console->typed, console->typed + used, console->typed_count);
}

static void interrupt(struct console *console)
{
	const struct watcher *newest;

	console->typed_count = 0;
	if (console->watcher_count == 0)
		return;
	newest = &console->watchers[console->watcher_count - 1];
	console_put(console, "^C\n", 3);
	nx_signal(newest->event, newest->bits);
}

static void typed_byte(struct console *console, uint8_t byte)
{
	if (console->reader_count)
		feed_reader(console, byte);
	else if (byte == CTRL_C)
		interrupt(console);
	else if (console->typed_count < TYPED_MAX)
		console->typed[console->typed_count++] = byte;
	else
		console_put(console, "\a", 1);
}

void console_typed(struct console *console)
{
	uint8_t bytes[64];
	uint64_t count = 0;

	while (nx_debug_read(console->trace, bytes, sizeof(bytes), &count) ==
		       NX_OK &&
	       count)
		for (uint64_t i = 0; i < count; i++)
			typed_byte(console, bytes[i]);
}
