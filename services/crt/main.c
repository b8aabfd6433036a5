/* SPDX-License-Identifier: BSD-2-Clause
 * For programs that are plain C: a main() and no PROGRAM() line. In an
 * archive of its own, so that it is linked only when nothing else is the
 * program.
 */
#include <crt/program.h>

#include <stdint.h>

int main(int argc, char **argv);
int program_main(struct program *program);

int program_main(struct program *program)
{
	/* C says that main may write its strings; they are our copy. */
	char **args = (char **)(uintptr_t)program->args;

	return main((int)program->arg_count, args);
}
