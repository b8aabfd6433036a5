/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRT_PROGRAM_H
#define CRT_PROGRAM_H
/** @file program.h
 * What every program is given: its startup record, arguments, message
 * buffer and heap, in one struct on the stack of its first thread.
 *
 * A program is one function NAME_main() and one line PROGRAM(NAME). On the
 * machine that makes it what the start files call; in the simulator, where
 * many programs and many instances share one process, it makes a row that
 * the simulator finds by name. A program therefore keeps no mutable global.
 */
#include <crt/heap.h>

#include <nexus/message.h>
#include <nexus/objects.h>
#include <nexus/startup.h>

#define PROGRAM_ARGS_MAX 64

struct program {
	/** A private copy: whoever started us cannot change it any more. */
	union {
		struct nx_startup record;
		char bytes[NX_STARTUP_SIZE_MAX];
	} startup;
	/** arg_count strings in the copy; the first is the program's name. */
	uint32_t arg_count;
	const char *args[PROGRAM_ARGS_MAX + 1];
	/** Of the first thread. */
	struct nx_message_buffer *buffer;
	struct heap heap;
};

typedef int (*program_main_function)(struct program *program);

/** How the simulator knows a program: its name, and what its first thread
 * begins with. */
struct program_row {
	const char *name;
	void (*start)(uint64_t startup, uint64_t buffer);
};

#if defined(__riscv)
#define PROGRAM(name)                                                          \
	int program_main(struct program *program);                             \
	int program_main(struct program *program)                              \
	{                                                                      \
		return name##_main(program);                                   \
	}
#else
#define PROGRAM(name)                                                          \
	static void program_start_##name(uint64_t startup, uint64_t buffer)    \
	{                                                                      \
		program_enter(name##_main, (nx_handle_t)startup, buffer);      \
	}                                                                      \
	extern const struct program_row program_row_##name;                    \
	const struct program_row program_row_##name = {                        \
		#name, program_start_##name                                    \
	};
#endif

/** First handle of a role, or NX_HANDLE_NONE. */
nx_handle_t program_handle(const struct program *program, uint32_t role);
/** The one behind so many others of the role. */
nx_handle_t program_handle_nth(const struct program *program, uint32_t role,
			       unsigned skip);
/** What follows "NAME=" in the first argument that begins so, or the empty
 * string for the argument NAME itself; NULL if there is none. */
const char *program_option(const struct program *program, const char *name);

/**
 * Check a startup record and make a program of it; nothing is mapped.
 *
 * @param size_bytes  how many bytes of program->startup were filled.
 * @return NX_OK, or NX_ERR_MALFORMED for a record that is not whole.
 */
nx_status_t program_decode(struct program *program, uint64_t size_bytes);

/**
 * What the first thread of every program does: read and check the startup
 * VMO, run `main`, exit the process with its result. A record that is
 * refused exits with the status.
 */
_Noreturn void program_enter(program_main_function main, nx_handle_t startup,
			     nx_uaddr_t buffer);

/** Text to the debug line, at most 256 bytes of it, if the program holds
 * the line; else nothing. The conversions are those of text_format(). */
void program_print(const struct program *program, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Nanoseconds since boot, from the time counter. */
uint64_t program_now_ns(const struct program *program);
#endif /* CRT_PROGRAM_H */
