/* SPDX-License-Identifier: BSD-2-Clause
 * The machine's side of the start: what picolibc needs before the first
 * line of C that is not ours (thread-local storage, constructors).
 */
#include <crt/program.h>

#include <picotls.h>
#include <stdint.h>

extern char __tls_block[];
extern void (*const __preinit_array_start[])(void);
extern void (*const __preinit_array_end[])(void);
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

int program_main(struct program *program);
struct program *crt_program(void);
_Noreturn void crt_start(nx_handle_t startup, nx_uaddr_t buffer);

/* The one process of this program: for libc, which has no other way to
 * find the heap and the debug line. Services never use it. */
static struct program *the_program;

struct program *crt_program(void)
{
	return the_program;
}

static void run_all(void (*const *from)(void), void (*const *end)(void))
{
	for (; from < end; from++)
		(*from)();
}

static int begin(struct program *program)
{
	the_program = program;
	run_all(__preinit_array_start, __preinit_array_end);
	run_all(__init_array_start, __init_array_end);
	return program_main(program);
}

_Noreturn void crt_start(nx_handle_t startup, nx_uaddr_t buffer)
{
	_init_tls(__tls_block);
	_set_tls(__tls_block);
	program_enter(begin, startup, buffer);
}
