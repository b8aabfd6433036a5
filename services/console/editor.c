/* SPDX-License-Identifier: BSD-2-Clause
 * Each change redraws the line: back to its start, the text, erase the rest,
 * back to the cursor. Typing at the end, which is nearly always, only puts
 * the byte out.
 */
#include "editor.h"

#include <crt/text.h>
#include <string.h>

#define CTRL(letter) ((letter) - 'A' + 1)

static void put(struct editor *editor, const char *text, size_t size)
{
	if (size)
		editor->put(editor->context, text, size);
}

static void put_string(struct editor *editor, const char *text)
{
	put(editor, text, strlen(text));
}

static bool continues(char byte)
{
	return ((uint8_t)byte & 0xc0) == 0x80;
}

static size_t columns(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += !continues(text[i]);
	return count;
}

void editor_show(struct editor *editor)
{
	size_t behind = columns(editor->line + editor->cursor,
				editor->size - editor->cursor);
	char move[16];

	put_string(editor, "\r");
	put(editor, editor->prompt, editor->prompt_size);
	put(editor, editor->line, editor->size);
	put_string(editor, "\033[K");
	if (behind) {
		text_format(move, sizeof(move), "\033[%zuD", behind);
		put_string(editor, move);
	}
}

void editor_hide(struct editor *editor)
{
	put_string(editor, "\r\033[K");
}

void editor_begin(struct editor *editor, const char *prompt, size_t prompt_size)
{
	if (prompt_size > EDITOR_PROMPT_MAX)
		prompt_size = EDITOR_PROMPT_MAX;
	memcpy(editor->prompt, prompt, prompt_size);
	editor->prompt_size = prompt_size;
	editor->size = 0;
	editor->cursor = 0;
	editor->back = 0;
	editor->escape = 0;
	put(editor, editor->prompt, prompt_size);
}

static size_t step_left(const struct editor *editor)
{
	size_t at = editor->cursor;

	while (at > 0 && continues(editor->line[--at]))
		;
	return at;
}

static size_t step_right(const struct editor *editor)
{
	size_t at = editor->cursor;

	if (at < editor->size)
		at++;
	while (at < editor->size && continues(editor->line[at]))
		at++;
	return at;
}

static size_t word_left(const struct editor *editor)
{
	size_t at = editor->cursor;

	while (at > 0 && editor->line[at - 1] == ' ')
		at--;
	while (at > 0 && editor->line[at - 1] != ' ')
		at--;
	return at;
}

static void move_to(struct editor *editor, size_t at)
{
	if (at == editor->cursor)
		return;
	editor->cursor = at;
	editor_show(editor);
}

/* Take [from, to) away; the cursor stands at `from` then. */
static void erase(struct editor *editor, size_t from, size_t to)
{
	if (from == to)
		return;
	memmove(editor->line + from, editor->line + to, editor->size - to);
	editor->size -= to - from;
	editor->cursor = from;
	editor_show(editor);
}

static void insert(struct editor *editor, uint8_t byte)
{
	if (editor->size == EDITOR_LINE_MAX) {
		put_string(editor, "\a");
		return;
	}
	memmove(editor->line + editor->cursor + 1,
		editor->line + editor->cursor, editor->size - editor->cursor);
	editor->line[editor->cursor++] = (char)byte;
	editor->size++;
	if (editor->cursor == editor->size)
		put(editor, editor->line + editor->size - 1, 1);
	else if (byte < 0x80 || continues((char)byte))
		editor_show(editor);
}

/* What was typed before the first step back is not kept. */
static void recall(struct editor *editor, unsigned back)
{
	size_t size = 0;

	if (back > 0 &&
	    !editor->recall(editor->context, back, editor->line, &size))
		return;
	editor->back = back;
	editor->size = size;
	editor->cursor = size;
	editor_show(editor);
}

static void control_key(struct editor *editor, char letter)
{
	switch (letter) {
	case 'A':
		recall(editor, editor->back + 1);
		break;
	case 'B':
		if (editor->back > 0)
			recall(editor, editor->back - 1);
		break;
	case 'C':
		move_to(editor, step_right(editor));
		break;
	case 'D':
		move_to(editor, step_left(editor));
		break;
	case 'H':
		move_to(editor, 0);
		break;
	case 'F':
		move_to(editor, editor->size);
		break;
	case '~':
		if (editor->number == 1 || editor->number == 7)
			move_to(editor, 0);
		else if (editor->number == 4 || editor->number == 8)
			move_to(editor, editor->size);
		else if (editor->number == 3)
			erase(editor, editor->cursor, step_right(editor));
		break;
	default:
		break;
	}
}

static void feed_escape(struct editor *editor, uint8_t byte)
{
	if (editor->escape == 1) {
		editor->number = 0;
		editor->escape = byte == '[' ? 2 : byte == 'O' ? 3 : 0;
	} else if (byte >= '0' && byte <= '9') {
		if (editor->number < 100)
			editor->number = editor->number * 10 + (byte - '0');
	} else if (byte < '0' || byte == ';') {
		return; /* a parameter that means nothing to us */
	} else {
		editor->escape = 0;
		control_key(editor, (char)byte);
	}
}

static void feed_control(struct editor *editor, uint8_t byte)
{
	switch (byte) {
	case CTRL('A'):
		move_to(editor, 0);
		break;
	case CTRL('B'):
		move_to(editor, step_left(editor));
		break;
	case CTRL('D'):
		erase(editor, editor->cursor, step_right(editor));
		break;
	case CTRL('E'):
		move_to(editor, editor->size);
		break;
	case CTRL('F'):
		move_to(editor, step_right(editor));
		break;
	case CTRL('H'):
	case 0x7f:
		erase(editor, step_left(editor), editor->cursor);
		break;
	case CTRL('K'):
		erase(editor, editor->cursor, editor->size);
		break;
	case CTRL('L'):
		put_string(editor, "\033[H\033[2J");
		editor_show(editor);
		break;
	case CTRL('N'):
		control_key(editor, 'B');
		break;
	case CTRL('P'):
		control_key(editor, 'A');
		break;
	case CTRL('U'):
		erase(editor, 0, editor->cursor);
		break;
	case CTRL('W'):
		erase(editor, word_left(editor), editor->cursor);
		break;
	case CTRL('['):
		editor->escape = 1;
		break;
	default:
		break;
	}
}

enum editor_result editor_feed(struct editor *editor, uint8_t byte)
{
	/* A key that was cut short must not swallow return or Ctrl-C. */
	if (byte < 0x20 && byte != CTRL('['))
		editor->escape = 0;
	if (editor->escape) {
		feed_escape(editor, byte);
	} else if (byte == '\r' || byte == '\n') {
		put_string(editor, "\n");
		return EDITOR_LINE;
	} else if (byte == CTRL('C')) {
		put_string(editor, "^C\n");
		return EDITOR_INTERRUPT;
	} else if (byte == CTRL('D') && editor->size == 0) {
		put_string(editor, "\n");
		return EDITOR_END;
	} else if (byte < 0x20 || byte == 0x7f) {
		feed_control(editor, byte);
	} else {
		insert(editor, byte);
	}
	return EDITOR_MORE;
}
