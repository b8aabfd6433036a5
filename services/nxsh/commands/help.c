/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <crt/text.h>

int shell_help(struct shell *shell, unsigned count, char **words)
{
	bool found = count == 1;

	for (unsigned i = 0; i < shell_command_count; i++) {
		const struct shell_command *command = &shell_commands[i];

		if (count == 2 && !text_equals(words[1], command->name))
			continue;
		shell_print(shell, "%-26s %s\n", command->usage, command->text);
		found = true;
	}
	if (!found)
		shell_print(shell, "help: no command %s\n", words[1]);
	return found ? 0 : 1;
}
