/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include "options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

static const struct option_row *find_long(const char *name, size_t size)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (strlen(row->name) == size &&
		    memcmp(row->name, name, size) == 0)
			return row;
	}
	return NULL;
}

/** The command's own meaning of a letter, or somebody's. */
static const struct option_row *find_letter(char letter, unsigned command_bit)
{
	const struct option_row *found = NULL;

	for (const struct option_row *row = option_rows; row->name; row++) {
		if (row->letter == '\0' || row->letter != letter)
			continue;
		if (!found || row->commands & command_bit)
			found = row;
	}
	return found;
}

/** The words of one command, and how far they are read. */
struct words {
	char **argv;
	int argc;
	int at;
	const struct tool_command *command;
	bool only_operands;
};

static bool apply_row(struct options *options, struct words *words,
		      const struct option_row *row, const char *argument)
{
	const char *word = words->argv[words->at];

	if (!row || !(row->commands & words->command->bit))
		return usage_error(options, "%s is no option of %s %s", word,
				   this_tool.name, options->command);
	if (!row->argument && argument)
		return usage_error(options, "--%s takes no argument",
				   row->name);
	if (row->argument && !argument) {
		if (words->at + 1 == words->argc)
			return usage_error(options, "--%s needs %s", row->name,
					   row->argument);
		argument = words->argv[++words->at];
	}
	if (!row->apply(options, argument))
		return usage_error(options, "--%s: \"%s\" is not %s", row->name,
				   argument, row->argument);
	return true;
}

static bool parse_long(struct options *options, struct words *words)
{
	const char *name = words->argv[words->at] + 2;
	const char *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);

	return apply_row(options, words, find_long(name, size),
			 equals ? equals + 1 : NULL);
}

/** -l, -qj2, -j 2. */
static bool parse_letters(struct options *options, struct words *words)
{
	const char *letters = words->argv[words->at] + 1;

	for (; *letters; letters++) {
		const struct option_row *row =
			find_letter(*letters, words->command->bit);
		const char *rest = letters[1] ? letters + 1 : NULL;

		if (row && row->argument)
			return apply_row(options, words, row, rest);
		if (!apply_row(options, words, row, NULL))
			return false;
	}
	return true;
}

/** One word; those it takes are skipped. */
static bool parse_word(struct options *options, struct words *words)
{
	const char *word = words->argv[words->at];

	if (words->only_operands || word[0] != '-' || word[1] == '\0') {
		options->operands[options->operand_count++] = word;
		words->only_operands |= words->command->words_follow;
		return true;
	}
	if (strcmp(word, "--") == 0)
		return words->only_operands = true;
	return word[1] == '-' ? parse_long(options, words)
			      : parse_letters(options, words);
}

bool options_parse(struct options *options, const struct tool_command *command,
		   int argc, char **argv)
{
	struct words words = {
		.argv = argv,
		.argc = argc,
		.at = 1,
		.command = command,
	};

	options->operands = calloc((size_t)argc + 1, sizeof(char *));
	if (!options->operands)
		return memory_error(options, NULL);
	for (; words.at < argc; words.at++) {
		if (!parse_word(options, &words))
			return false;
	}
	return true;
}
