/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug line: everything printed is kept, and a script types. A text of
 * the script may arrive once what it waits for was printed; when and in which
 * pieces is up to the seed. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	char *text;
	size_t size_bytes;
	size_t room_bytes;
	size_t seen;	  /* printed before this was waited for already */
	size_t input;	  /* entry of the script */
	size_t input_at;  /* bytes of it that arrived */
	size_t input_end; /* bytes of it that were read */
	bool released;	  /* what the entry waits for was printed */
} console;

static void keep(const char *text, size_t size_bytes)
{
	if (console.size_bytes + size_bytes + 1 > console.room_bytes) {
		console.room_bytes = 2 * (console.size_bytes + size_bytes) + 64;
		console.text = realloc(console.text, console.room_bytes);
		if (!console.text)
			abort();
	}
	memcpy(console.text + console.size_bytes, text, size_bytes);
	console.size_bytes += size_bytes;
	console.text[console.size_bytes] = '\0';
	machine.result->console = console.text;
	machine.result->console_bytes = console.size_bytes;
}

void console_prepare(void)
{
	console.size_bytes = 0;
	console.seen = 0;
	console.input = 0;
	console.input_at = 0;
	console.input_end = 0;
	console.released = false;
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
	found = strstr(console.text + console.seen, input->wait_for);
	if (!found)
		return false;
	console.seen = (size_t)(found - console.text) + strlen(input->wait_for);
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
