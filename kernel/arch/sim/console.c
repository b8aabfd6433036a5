/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug line: everything printed is kept, and a script types. A text of
 * the script may arrive once what it waits for was printed; when and in which
 * pieces is up to the seed. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was printed, and the room for it, which stays from run to run. */
static char *text_kept;
static size_t room_bytes;
static struct {
	size_t size_bytes;
	size_t seen;	  /* printed before this was waited for already */
	size_t input;	  /* entry of the script */
	size_t input_at;  /* bytes of it that arrived */
	size_t input_end; /* bytes of it that were read */
	bool released;	  /* what the entry waits for was printed */
} console;

static void keep(const char *text, size_t size_bytes)
{
	if (console.size_bytes + size_bytes + 1 > room_bytes) {
		room_bytes = 2 * (console.size_bytes + size_bytes) + 64;
		text_kept = realloc(text_kept, room_bytes);
		if (!text_kept)
			abort();
	}
	memcpy(text_kept + console.size_bytes, text, size_bytes);
	console.size_bytes += size_bytes;
	text_kept[console.size_bytes] = '\0';
	machine.result->console = text_kept;
	machine.result->console_bytes = console.size_bytes;
}

void console_prepare(void)
{
	memset(&console, 0, sizeof(console));
	keep("", 0);
}

void arch_console_write(const char *text, size_t size_bytes)
{
	keep(text, size_bytes);
	if (machine.options->verbose)
		fwrite(text, 1, size_bytes, stderr);
}

static const struct sim_input *current_input(void)
{
	if (console.input >= machine.options->input_count)
		return NULL;
	return &machine.options->inputs[console.input];
}

static bool is_released(const struct sim_input *input)
{
	const char *found;

	if (console.released || !input->wait_for)
		return true;
	found = strstr(text_kept + console.seen, input->wait_for);
	if (!found)
		return false;
	console.seen = (size_t)(found - text_kept) + strlen(input->wait_for);
	console.released = true;
	return true;
}

bool console_expects(void)
{
	const struct sim_input *input = current_input();

	return input && is_released(input) && input->text[console.input_at];
}

bool console_arrives(uint32_t permille)
{
	const struct sim_input *input = current_input();
	size_t rest;

	if (!console_expects() || !machine_chance(permille))
		return false;
	rest = strlen(input->text + console.input_at);
	console.input_at += 1 + sim_random() % rest;
	return true;
}

int arch_console_read(void)
{
	const struct sim_input *input = current_input();
	int byte;

	if (!input || console.input_end >= console.input_at)
		return -1;
	byte = (unsigned char)input->text[console.input_end++];
	if (input->text[console.input_end] == '\0') {
		console.input++;
		console.input_at = 0;
		console.input_end = 0;
		console.released = false;
	}
	return byte;
}
