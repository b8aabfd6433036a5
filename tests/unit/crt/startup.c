/* SPDX-License-Identifier: BSD-2-Clause
 * The startup record of a program: each field wrong by one is refused.
 */
#include <crt/program.h>

#include <nexus/errors.h>

#include "support/tap.h"

static struct program program;

/* A sound record: two handles, the arguments "a" and "bc". */
static struct nx_startup *sound_record(void)
{
	struct nx_startup *record = &program.startup.record;

	memset(&program, 0, sizeof(program));
	record->magic = NX_STARTUP_MAGIC;
	record->version = NX_STARTUP_VERSION;
	record->handle_count = 2;
	record->args_offset = sizeof(*record);
	record->arg_count = 2;
	record->size_bytes = sizeof(*record) + 5;
	memcpy(program.startup.bytes + sizeof(*record), "a\0bc", 5);
	record->handles[0] = (struct nx_startup_handle){ 1, 0x100001 };
	record->handles[1] = (struct nx_startup_handle){ 64, 0x100002 };
	return record;
}

#define REFUSED(change, sentence)                                              \
	do {                                                                   \
		struct nx_startup *record = sound_record();                    \
                                                                               \
		change;                                                        \
		ok(program_decode(&program, NX_STARTUP_SIZE_MAX) ==            \
			   NX_ERR_MALFORMED,                                   \
		   sentence);                                                  \
	} while (0)

int main(void)
{
	plan(15);
	sound_record();
	ok(program_decode(&program, NX_STARTUP_SIZE_MAX) == NX_OK,
	   "a sound record is taken");
	ok(program.arg_count == 2 && strcmp(program.args[0], "a") == 0 &&
		   strcmp(program.args[1], "bc") == 0 && !program.args[2],
	   "the arguments are found");
	ok(program_handle(&program, 64) == 0x100002, "a role has its handle");
	ok(program_handle(&program, 65) == NX_HANDLE_NONE,
	   "a role that was not given has none");
	ok(program_decode(&program, sizeof(struct nx_startup) - 1) ==
		   NX_ERR_MALFORMED,
	   "fewer bytes than the record are refused");
	REFUSED(record->magic++, "another magic is refused");
	REFUSED(record->version++, "another version is refused");
	REFUSED(record->handle_count = NX_STARTUP_HANDLES_MAX + 1,
		"a handle too many is refused");
	REFUSED(record->size_bytes = sizeof(*record) - 1,
		"a size below the record is refused");
	REFUSED(record->size_bytes = NX_STARTUP_SIZE_MAX + 1,
		"a size over the page is refused");
	REFUSED(record->args_offset = sizeof(*record) - 1,
		"arguments inside the record are refused");
	REFUSED(record->args_offset = record->size_bytes + 1,
		"arguments behind the record are refused");
	REFUSED(record->arg_count = PROGRAM_ARGS_MAX + 1,
		"an argument too many is refused");
	REFUSED(record->arg_count = 3, "an argument that is not there");
	REFUSED(program.startup.bytes[record->size_bytes - 1] = 'x',
		"an argument without end is refused");
	return done();
}
