/* SPDX-License-Identifier: BSD-2-Clause */
#include "console.h"

#include <nexus/syscalls.h>
#include <string.h>

/* Bytes that no terminal needs become `?`; escape sequences pass. */
static void clean(char *to, const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char byte = (char)text[i];
		bool shown = (text[i] >= 0x20 && text[i] != 0x7f) ||
			     (byte != '\0' && strchr("\a\b\t\n\r\033", byte));

		to[i] = shown ? byte : '?';
	}
}

nx_status_t console_serve_write(struct console *console,
				struct service_request *request,
				const uint8_t *text, size_t text_bytes)
{
	char bytes[CONSOLE_WRITE_MAX];

	(void)request;
	if (text_bytes == 0)
		return NX_OK;
	clean(bytes, text, text_bytes);
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
	clean(reader->prompt, prompt, prompt_bytes);
	if (console->reader_count++ == 0)
		console_begin(console);
	console_feed(console);
	return SERVICE_LATER;
}

static void drop_watcher(struct console *console, unsigned index)
{
	struct watcher *watcher = &console->watchers[index];

	nx_handle_close(watcher->event.handle);
	console->watcher_count--;
	memmove(watcher, watcher + 1,
		(console->watcher_count - index) * sizeof(*watcher));
}

nx_status_t console_serve_watch_interrupt(struct console *console,
					  struct service_request *request,
					  nx_event_t event, uint64_t bits)
{
	for (unsigned i = console->watcher_count; i-- > 0;)
		if (console->watchers[i].client == request->client)
			drop_watcher(console, i);
	if (bits == 0)
		return NX_OK;
	if (console->watcher_count == WATCHERS_MAX)
		return NX_ERR_OVER_BUDGET;
	console->watchers[console->watcher_count++] =
		(struct watcher){ request->client, event, bits };
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

/* The clients first to last; 0 is none. */
static nx_status_t release(struct console *console, uint64_t first,
			   uint64_t last)
{
	if (first == 0 || first > last || last > UINT32_MAX)
		return NX_ERR_INVALID_ARGS;
	for (unsigned i = console->reader_count; i-- > 0;)
		if (console->readers[i].client >= first &&
		    console->readers[i].client <= last)
			drop_reader(console, i);
	for (unsigned i = console->watcher_count; i-- > 0;)
		if (console->watchers[i].client >= first &&
		    console->watchers[i].client <= last)
			drop_watcher(console, i);
	history_forget(&console->history, (uint32_t)first, (uint32_t)last);
	return NX_OK;
}

nx_status_t console_serve_release_from(struct console *console,
				       struct service_request *request,
				       uint64_t first)
{
	(void)request;
	return release(console, first, UINT32_MAX);
}

nx_status_t console_serve_release_client(struct console *console,
					 struct service_request *request,
					 uint64_t client)
{
	(void)request;
	return release(console, client, client);
}
