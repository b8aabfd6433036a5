/* SPDX-License-Identifier: BSD-2-Clause
 * What picolibc and the ports ask of a system: memory from the program's
 * heap, standard output in whole lines on the console or else the debug line,
 * no input, no signals. Programs that hold neither print nothing.
 */
#include <crt/program.h>

#include <errno.h>
#include <lib/roles.h>
#include <nexus/syscalls.h>
#include <proto/console.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct program *crt_program(void);
int raise(int number);

void *malloc(size_t size_bytes)
{
	void *block = heap_allocate(&crt_program()->heap, size_bytes);

	if (!block)
		errno = ENOMEM;
	return block;
}

void *calloc(size_t count, size_t size_bytes)
{
	void *block =
		heap_allocate_zero(&crt_program()->heap, count, size_bytes);

	if (!block)
		errno = ENOMEM;
	return block;
}

void *realloc(void *block, size_t size_bytes)
{
	void *grown = heap_resize(&crt_program()->heap, block, size_bytes);

	if (!grown)
		errno = ENOMEM;
	return grown;
}

void free(void *block)
{
	heap_free(&crt_program()->heap, block);
}

/* Standard output: a line at a time, so that programs do not mix. */
static struct {
	char text[NX_DEBUG_WRITE_MAX];
	size_t size;
} line;

static int flush_line(FILE *file)
{
	struct program *program = crt_program();
	const nx_trace_t trace = { program_handle(program, NX_ROLE_TRACE) };
	const nx_client_t console = { program_handle(program, ROLE_CONSOLE) };

	(void)file;
	if (line.size && console.handle != NX_HANDLE_NONE)
		console_write(program->buffer, console, line.text, line.size);
	else if (line.size && trace.handle != NX_HANDLE_NONE)
		nx_debug_write(trace, line.text, line.size);
	line.size = 0;
	return 0;
}

static int put_line(char letter, FILE *file)
{
	line.text[line.size++] = letter;
	if (letter == '\n' || line.size == sizeof(line.text))
		flush_line(file);
	return (unsigned char)letter;
}

static FILE output =
	FDEV_SETUP_STREAM(put_line, NULL, flush_line, _FDEV_SETUP_WRITE);
FILE *const stdin = &output;
FILE *const stdout = &output;
FILE *const stderr = &output;

_Noreturn void _exit(int code)
{
	flush_line(&output);
	for (;;)
		nx_exit(code, 1);
}

int raise(int number)
{
	_exit(-1000 - number);
}

long sysconf(int name)
{
	if (name == _SC_PAGESIZE)
		return (long)NX_PAGE_SIZE;
	errno = EINVAL;
	return -1;
}
