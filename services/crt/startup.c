/* SPDX-License-Identifier: BSD-2-Clause
 * The startup record: checked once, as a whole, before anything is used.
 */
#include <crt/program.h>

#include <nexus/errors.h>
#include <string.h>

nx_handle_t program_handle_nth(const struct program *program, uint32_t role,
			       unsigned skip)
{
	const struct nx_startup *record = &program->startup.record;

	for (unsigned i = 0; i < record->handle_count; i++)
		if (record->handles[i].role == role && skip-- == 0)
			return record->handles[i].handle;
	return NX_HANDLE_NONE;
}

nx_handle_t program_handle(const struct program *program, uint32_t role)
{
	return program_handle_nth(program, role, 0);
}

const char *program_option(const struct program *program, const char *name)
{
	size_t size = strlen(name);

	for (uint32_t i = 1; i < program->arg_count; i++) {
		const char *text = program->args[i];

		if (strncmp(text, name, size) != 0)
			continue;
		if (text[size] == '\0')
			return text + size;
		if (text[size] == '=')
			return text + size + 1;
	}
	return NULL;
}

static bool record_sound(const struct nx_startup *record, uint64_t size_bytes)
{
	return size_bytes >= sizeof(*record) &&
	       record->magic == NX_STARTUP_MAGIC &&
	       record->version == NX_STARTUP_VERSION &&
	       record->handle_count <= NX_STARTUP_HANDLES_MAX &&
	       record->size_bytes >= sizeof(*record) &&
	       record->size_bytes <= size_bytes &&
	       record->args_offset >= sizeof(*record) &&
	       record->args_offset <= record->size_bytes &&
	       record->arg_count <= PROGRAM_ARGS_MAX;
}

nx_status_t program_decode(struct program *program, uint64_t size_bytes)
{
	const struct nx_startup *record = &program->startup.record;
	uint32_t at;

	program->arg_count = 0;
	if (!record_sound(record, size_bytes))
		return NX_ERR_MALFORMED;
	at = record->args_offset;
	for (uint32_t i = 0; i < record->arg_count; i++) {
		const char *text = program->startup.bytes + at;
		const char *end = memchr(text, 0, record->size_bytes - at);

		if (!end)
			return NX_ERR_MALFORMED;
		program->args[i] = text;
		at += (uint32_t)(end - text) + 1;
	}
	program->arg_count = record->arg_count;
	program->args[program->arg_count] = NULL;
	return NX_OK;
}
