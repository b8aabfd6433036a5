/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONSOLE_EDITOR_H
#define CONSOLE_EDITOR_H
/** @file editor.h
 * One line of text under a cursor: bytes typed go in, terminal text comes
 * out, at the end stands a line. Knows neither messages nor clients. UTF-8
 * passes through; a character is taken to be one column wide. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDITOR_LINE_MAX 1024
#define EDITOR_PROMPT_MAX 128

enum editor_result {
	EDITOR_MORE,	  /* go on typing */
	EDITOR_LINE,	  /* the line is complete */
	EDITOR_INTERRUPT, /* Ctrl-C */
	EDITOR_END	  /* Ctrl-D on an empty line */
};

struct editor {
	/** Puts text on the terminal. */
	void (*put)(void *context, const char *text, size_t size_bytes);
	/** The line `back` steps ago (1 is the last); false if there is
	 * none. `line` has EDITOR_LINE_MAX bytes of room. */
	bool (*recall)(void *context, unsigned back, char *line,
		       size_t *out_size);
	void *context;

	char prompt[EDITOR_PROMPT_MAX];
	size_t prompt_size;
	char line[EDITOR_LINE_MAX];
	size_t size;
	size_t cursor;	 /* byte offset, at the start of a character */
	unsigned back;	 /* 0: the line itself, else steps into history */
	unsigned escape; /* 0, 1 behind ESC, 2 behind ESC [, 3 behind O */
	unsigned number; /* of an escape sequence */
};

/** Begin a line: shows the prompt. The first three members are set. */
void editor_begin(struct editor *editor, const char *prompt,
		  size_t prompt_size);
enum editor_result editor_feed(struct editor *editor, uint8_t byte);
/** Take the line off the terminal, and put it back. */
void editor_hide(struct editor *editor);
void editor_show(struct editor *editor);
#endif /* CONSOLE_EDITOR_H */
