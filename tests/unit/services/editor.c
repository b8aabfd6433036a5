/* SPDX-License-Identifier: BSD-2-Clause
 * The console's line editor: keys in, a line out. The terminal is a small
 * model that understands what the editor puts out.
 */
#include "console/editor.h"

#include "support/tap.h"

/** One row of a terminal; enough for carriage return, erase and left. */
static struct {
	char row[256];
	size_t cursor;
	size_t size;
	unsigned bells;
} screen;

static void put_byte(char byte)
{
	if (byte == '\r') {
		screen.cursor = 0;
	} else if (byte == '\n') {
		screen.cursor = screen.size = 0;
	} else if (byte == '\a') {
		screen.bells++;
	} else if (screen.cursor < sizeof(screen.row)) {
		screen.row[screen.cursor++] = byte;
		if (screen.cursor > screen.size)
			screen.size = screen.cursor;
	}
}

static void screen_put(void *context, const char *text, size_t size_bytes)
{
	(void)context;
	for (size_t i = 0; i < size_bytes; i++) {
		unsigned number = 0;

		if (text[i] != '\033') {
			put_byte(text[i]);
			continue;
		}
		for (i += 2; text[i] >= '0' && text[i] <= '9'; i++)
			number = number * 10 + (unsigned)(text[i] - '0');
		if (text[i] == 'K')
			screen.size = screen.cursor;
		else if (text[i] == 'D')
			screen.cursor -= number;
	}
}

static bool screen_recall(void *context, unsigned back, char *line,
			  size_t *out_size)
{
	static const char *const lines[] = { "last", "one before" };

	(void)context;
	if (back > 2)
		return false;
	*out_size = strlen(lines[back - 1]);
	memcpy(line, lines[back - 1], *out_size);
	return true;
}

static struct editor editor;

static enum editor_result type(const char *keys)
{
	enum editor_result result = EDITOR_MORE;

	memset(&screen, 0, sizeof(screen));
	editor_begin(&editor, "> ", 2);
	while (*keys && result == EDITOR_MORE)
		result = editor_feed(&editor, (uint8_t)*keys++);
	return result;
}

static void gives(const char *keys, const char *line, const char *sentence)
{
	type(keys);
	ok(editor.size == strlen(line) &&
		   memcmp(editor.line, line, editor.size) == 0 &&
		   screen.size == editor.size + 2 &&
		   memcmp(screen.row + 2, line, editor.size) == 0 &&
		   screen.cursor == editor.cursor + 2,
	   "%s", sentence);
	if (editor.size != strlen(line) ||
	    memcmp(editor.line, line, editor.size) != 0)
		diag("got \"%.*s\"", (int)editor.size, editor.line);
}

static void test_keys(void)
{
	gives("abc", "abc", "letters are a line");
	gives("abc\x7f\b", "a", "rub out, both ways");
	gives("\x7f\x7f"
	      "a",
	      "a", "rub out at the start is nothing");
	gives("ac\033[Db", "abc", "left and insert");
	gives("ac\033[D\033[D\033[D\033[C"
	      "b",
	      "abc", "right");
	gives("bc\033[Ha\033[Fd", "abcd", "home and end");
	gives("bc\033[1~a\033[4~d", "abcd", "home and end as numbers");
	gives("bc\033OHa\033OFd", "abcd", "home and end of another kind");
	gives("bc\x01"
	      "a\x05"
	      "d",
	      "abcd", "Ctrl-A and Ctrl-E");
	gives("abc\x02\x02\x06"
	      "x",
	      "abxc", "Ctrl-B and Ctrl-F");
	gives("abc\x01\033[3~", "bc", "delete");
	gives("abc\x01\x04", "bc", "Ctrl-D in a line is delete");
	gives("one two \x17", "one ", "Ctrl-W takes a word");
	gives("abc\x02\x15", "c", "Ctrl-U takes all before");
	gives("abc\x02\x0b", "ab", "Ctrl-K takes all behind");
	gives("x\033[A", "last", "up recalls");
	gives("\033[A\033[A\033[A", "one before", "up stops at the first");
	gives("\033[A\033[A\033[B", "last", "down goes forward");
	gives("\033[A\033[B", "", "down from the last is an empty line");
	gives("\x10\x10\x0e", "last", "Ctrl-P and Ctrl-N");
	gives("a\033[99;5~\033[zb\033\033q\x13", "abq",
	      "unknown keys are nothing");
}

static void test_ends(void)
{
	is_u64(type("abc\r"), EDITOR_LINE, "return ends a line");
	is_u64(type("\n"), EDITOR_LINE, "line feed ends a line");
	is_u64(type("abc\x03"), EDITOR_INTERRUPT, "Ctrl-C interrupts");
	is_u64(type("a\033\r"), EDITOR_LINE,
	       "return behind escape ends a line");
	is_u64(type("a\033[1;\003"), EDITOR_INTERRUPT,
	       "Ctrl-C interrupts in the middle of a key");
	is_u64(type("\x04"), EDITOR_END, "Ctrl-D on an empty line is the end");
}

static void test_text(void)
{
	char keys[EDITOR_LINE_MAX + 3];

	type("a\xc3\xbc"
	     "b\x02\x02\x7f");
	ok(editor.size == 3 && memcmp(editor.line,
				      "\xc3\xbc"
				      "b",
				      3) == 0,
	   "a character of two bytes is passed over whole");
	type("a\xc3\xbc\x7f");
	ok(editor.size == 1, "and rubbed out whole");
	memset(keys, 'x', sizeof(keys) - 1);
	keys[sizeof(keys) - 1] = '\0';
	type(keys);
	ok(editor.size == EDITOR_LINE_MAX && screen.bells == 2,
	   "behind the longest line there is a bell");
}

static void test_hide(void)
{
	type("abc\033[D");
	editor_hide(&editor);
	is_u64(screen.size, 0, "a hidden line is off the terminal");
	editor_show(&editor);
	ok(screen.size == 5 && screen.cursor == 4 &&
		   memcmp(screen.row, "> abc", 5) == 0,
	   "and comes back with its cursor");
}

int main(void)
{
	plan(32);
	editor.put = screen_put;
	editor.recall = screen_recall;
	test_keys();
	test_ends();
	test_text();
	test_hide();
	return done();
}
