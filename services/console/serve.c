/* SPDX-License-Identifier: BSD-2-Clause */
#include "console.h"

#include <nexus/syscalls.h>

nx_status_t console_serve_write(struct console *console,
				struct service_request *request,
				const uint8_t *text, size_t text_bytes)
{
	const char *bytes = (const char *)text;

	(void)request;
	if (text_bytes == 0)
		return NX_OK;
	if (console->reader_count && !console->line_open)
		editor_hide(&console->editor);
	console_put(console, bytes, text_bytes);
	console->line_open = bytes[text_bytes - 1] != '\n';
	if (console->reader_count && !console->line_open)
		editor_show(&console->editor);
	return NX_OK;
}

static bool is_reading(const struct console *console, uint32_t client)
{
	for (unsigned i = 0; i < console->reader_count; i++)
		if (console->readers[i].client == client)
			return true;
	return false;
}

nx_status_t console_serve_read_line(struct console *console,
				    struct service_request *request,
				    const uint8_t *prompt, size_t prompt_bytes,
				    uint8_t *out_line, size_t *out_line_bytes)
{
	struct reader *reader = &console->readers[console->reader_count];
	nx_status_t status;

	(void)out_line;
	(void)out_line_bytes;
	if (is_reading(console, request->client))
		return NX_ERR_BUSY;
	if (console->reader_count == READERS_MAX)
		return NX_ERR_OVER_BUDGET;
	status = service_defer(&reader->reply);
	if (status != NX_OK)
		return status;
	reader->client = request->client;
	reader->prompt_size = prompt_bytes;
	memcpy(reader->prompt, prompt, prompt_bytes);
	if (console->reader_count++ == 0)
		console_begin(console);
	console_feed(console);
	return SERVICE_LATER;
}

static void drop_interrupt(struct console *console)
{
	if (console->interrupt.handle != NX_HANDLE_NONE)
		nx_handle_close(console->interrupt.handle);
	console->interrupt.handle = NX_HANDLE_NONE;
}

nx_status_t console_serve_watch_interrupt(struct console *console,
					  struct service_request *request,
					  nx_event_t event, uint64_t bits)
{
	if (bits == 0 && request->client != console->interrupt_client)
		return NX_OK;
	drop_interrupt(console);
	if (bits == 0)
		return NX_OK;
	console->interrupt = event;
	console->interrupt_bits = bits;
	console->interrupt_client = request->client;
	request->caps[0] = NX_HANDLE_NONE; /* ours now */
	return NX_OK;
}

/* Whoever died while it waited: its reply handle answers nobody. */
static void drop_reader(struct console *console, unsigned index)
{
	nx_handle_close(console->readers[index].reply.handle);
	if (index == 0) {
		if (!console->line_open)
			editor_hide(&console->editor);
		console_next_reader(console);
		return;
	}
	console->reader_count--;
	memmove(console->readers + index, console->readers + index + 1,
		(console->reader_count - index) * sizeof(console->readers[0]));
}

nx_status_t console_serve_release_client(struct console *console,
					 struct service_request *request,
					 uint64_t client)
{
	(void)request;
	for (unsigned i = console->reader_count; i-- > 0;)
		if (console->readers[i].client == client)
			drop_reader(console, i);
	history_forget(&console->history, (uint32_t)client);
	if (console->interrupt_client == client)
		drop_interrupt(console);
	return NX_OK;
}
