/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H
/* A tool is a table of commands and a table of options. Parsing, --help, the
 * completions of shells and the test of its page are made from them. */
#include <stdbool.h>
#include <stdint.h>

struct options;

struct tool_command {
	const char *name;
	const char *operands; /* as help shows them */
	const char *summary;
	bool (*run)(struct options *options);
	unsigned bit;
	uint32_t operands_min;
	uint32_t operands_max;
	bool words_follow; /* behind the first operand all are operands */
};

struct option_row {
	bool (*apply)(struct options *options, const char *argument);
	const char *name;
	const char *argument; /* its name in help; NULL: takes none */
	const char *help;
	unsigned commands; /* their bits */
	char letter;	   /* 0: has none */
};

struct tool {
	const char *name;
	const struct tool_command *commands; /* the last has no name */
	unsigned readers; /* commands under a signature policy */
	void (*print_version)(void);
};

/* Each tool defines its own. option_rows are those of its options.def; the
 * last has no name. */
extern const struct tool this_tool;
extern const struct option_row option_rows[];
void options_fini(struct options *options);

/** Rows of the tool's options.def. */
#define OPTION_ROW(function, short_name, long_name, argument_name, bits, text) \
	{                                                                      \
		.apply = apply_##function, .name = (long_name),                \
		.argument = (argument_name), .help = (text),                   \
		.commands = (bits), .letter = (short_name)                     \
	}

/** main() of the tool: its exit status. */
int tool_main(int argc, char **argv);

/**
 * Read argv[1..] of one command into options.
 *
 * @return true; else an error was reported.
 */
bool options_parse(struct options *options, const struct tool_command *command,
		   int argc, char **argv);

/** Calls visit for each option of these commands. */
void options_each(unsigned command_bits,
		  void (*visit)(const struct option_row *option,
				const void *context),
		  const void *context);

/** Print the lines of --help about the options of these commands. */
void options_help(unsigned command_bits);

/** Print the completion for "bash", "zsh" or "fish"; false: another one. */
bool completion_print(const char *shell);

#endif /* TOOLS_TOOL_H */
