/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_COMPLETION_H
#define EPK_TOOL_COMPLETION_H
/* Completions of shells, made from the tables of commands and options when
 * the tool is built. */
#include <stdbool.h>
#include <stddef.h>

struct completion_command {
	const char *name;
	const char *summary;
	unsigned bit; /* FOR_* */
};

/** Print the completion for "bash", "zsh" or "fish"; false: another one. */
bool completion_print(const char *shell,
		      const struct completion_command *commands, size_t count);

#endif /* EPK_TOOL_COMPLETION_H */
