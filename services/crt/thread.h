/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRT_THREAD_H
#define CRT_THREAD_H
/** @file thread.h
 * More threads in a program. The heap belongs to the first thread; another
 * one uses system calls and what it was given, nothing else. */
#include <crt/program.h>

/** What a thread runs; it ends when this returns. */
struct program_thread {
	void (*run)(void *argument, struct nx_message_buffer *buffer);
	void *argument;
};

/**
 * Start a thread.
 *
 * @param what  read by the new thread: must live as long as it does.
 * @return NX_OK, NX_ERR_NO_MEMORY, or what thread_create() said.
 */
nx_status_t program_thread_start(struct program *program,
				 const struct program_thread *what);
#endif /* CRT_THREAD_H */
