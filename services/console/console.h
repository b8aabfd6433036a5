/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H
/** @file console.h
 * The state of the console service: one terminal, whoever waits for a line,
 * what was typed ahead, who is told of Ctrl-C. */
#include "editor.h"
#include "history.h"

#include <crt/program.h>
#include <lib/service.h>
#include <proto/console.h>

#define READERS_MAX 16
#define WATCHERS_MAX 16
#define TYPED_MAX 1024

struct reader {
	uint32_t client;
	nx_reply_t reply;
	size_t prompt_size;
	char prompt[CONSOLE_PROMPT_MAX];
};

/** Who wants to know of Ctrl-C. */
struct watcher {
	uint32_t client;
	nx_event_t event;
	uint64_t bits;
};

struct console {
	struct service service;
	struct service_watch watch;
	struct program *program;
	nx_trace_t trace;
	struct editor editor;
	struct history history;
	/** In order; the editor belongs to the first. */
	struct reader readers[READERS_MAX];
	unsigned reader_count;
	/** Typed while nobody read. */
	uint8_t typed[TYPED_MAX];
	size_t typed_count;
	/** The last text did not end its line: the editor's line comes back
	 * when one does, or when something is typed. */
	bool line_open;
	bool after_return; /* the LF of a CR LF is skipped */
	/** One for each client at most; the newest, the last, is told. */
	struct watcher watchers[WATCHERS_MAX];
	unsigned watcher_count;
};

/** Text to the debug line, in pieces it takes. */
void console_put(struct console *console, const char *text, size_t size_bytes);
/** Something was typed: take it all. */
void console_typed(struct console *console);
/** Feed what was typed ahead to whoever reads now. */
void console_feed(struct console *console);
/** The first reader's line begins, on a line of its own. */
void console_begin(struct console *console);
/** The first reader got its line, or is gone: the next one begins. */
void console_next_reader(struct console *console);

#define PROTO_NAME console
#define PROTO_TABLE <proto/console.def>
#define PROTO_STATE console
#define PROTO_PROTOTYPES
#include <proto/server.h>
#endif /* CONSOLE_CONSOLE_H */
