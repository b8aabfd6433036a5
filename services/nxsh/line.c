/* SPDX-License-Identifier: BSD-2-Clause
 * From a line to a command. Words are parted by blanks; quotes keep blanks
 * together; there is nothing else.
 */
#include "shell.h"

#include <crt/text.h>

const struct shell_command shell_commands[] = {
#define COMMAND(title, low, high, form, what)                                  \
	{                                                                      \
		.name = #title,                                                \
		.least = (low),                                                \
		.most = (high),                                                \
		.usage = (form),                                               \
		.text = (what),                                                \
		.run = shell_##title,                                          \
	},
#include "commands.def"
#undef COMMAND
};
const unsigned shell_command_count =
	sizeof(shell_commands) / sizeof(shell_commands[0]);

/* Cut one word off; NULL when there is none. `*bad` is set when a quote
 * does not end. */
static char *cut_word(char **rest, bool *bad)
{
	char *at = *rest;
	char *start;
	char stop = ' ';

	while (*at == ' ' || *at == '\t')
		at++;
	if (!*at)
		return NULL;
	if (*at == '"' || *at == '\'')
		stop = *at++;
	start = at;
	while (*at && *at != stop && !(stop == ' ' && *at == '\t'))
		at++;
	*bad = stop != ' ' && !*at;
	if (*at)
		*at++ = '\0';
	*rest = at;
	return start;
}

static int run_words(struct shell *shell, unsigned count, char **words)
{
	for (unsigned i = 0; i < shell_command_count; i++) {
		const struct shell_command *command = &shell_commands[i];

		if (!text_equals(words[0], command->name))
			continue;
		if (count < command->least || count > command->most) {
			shell_print(shell, "usage: %s\n", command->usage);
			return 2;
		}
		return command->run(shell, count, words);
	}
	shell_print(shell, "%s: no such command; try help\n", words[0]);
	return 127;
}

int shell_line(struct shell *shell, char *line)
{
	char *words[SHELL_WORDS_MAX + 1];
	unsigned count = 0;
	bool bad = false;
	char *word;

	while ((word = cut_word(&line, &bad)) && !bad) {
		if (count == SHELL_WORDS_MAX) {
			shell_print(shell, "too many words\n");
			return 2;
		}
		words[count++] = word;
	}
	if (bad) {
		shell_print(shell, "a quote does not end\n");
		return 2;
	}
	words[count] = NULL;
	return count ? run_words(shell, count, words) : shell->code;
}
