/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include "options.h"
#include "policy.h"
#include "report.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_general_help(void)
{
	printf("Usage: %s COMMAND [OPTION...] ...\n\nCommands:\n",
	       this_tool.name);
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++)
		printf("  %-14s %s\n", command->name, command->summary);
	printf("\n%s COMMAND --help explains a command; %s --version tells "
	       "the versions.\n"
	       "Exit status: 0 ok, 1 usage, 2 invalid package, 3 signature "
	       "policy,\n4 incompatible, 5 input, output or budget, 6 not "
	       "found, 7 busy.\n",
	       this_tool.name, this_tool.name);
}

static void print_command_help(const struct tool_command *command)
{
	printf("Usage: %s %s [OPTION...] %s\n\n%c%s.\n\nOptions:\n",
	       this_tool.name, command->name, command->operands,
	       (char)(command->summary[0] - 'a' + 'A'), command->summary + 1);
	options_help(command->bit);
}

static const struct tool_command *find_command(const char *name)
{
	const struct tool_command *command = this_tool.commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command->name ? command : NULL;
}

static bool run(const struct tool_command *command, struct options *options,
		int argc, char **argv)
{
	if (!options_parse(options, command, argc, argv))
		return false;
	if (options->help) {
		print_command_help(command);
		return true;
	}
	if (options->operand_count < command->operands_min ||
	    options->operand_count > command->operands_max)
		return usage_error(options, "%s takes %s", command->name,
				   command->operands);
	if ((command->bit & this_tool.readers) && !policy_load(options))
		return false;
	return command->run(options);
}

static int run_command(int argc, char **argv)
{
	struct options options = { .command = argv[1] };
	const struct tool_command *command = find_command(argv[1]);

	if (!command) {
		options.command = "";
		usage_error(&options, "there is no command \"%s\"", argv[1]);
		return report_exit_code();
	}
	run(command, &options, argc - 1, argv + 1);
	report_flush(&options);
	options_fini(&options);
	return report_exit_code();
}

/* Who starts us without one of the three gets one that refuses to be read or
 * written: the next file that is opened is not to be taken for it. */
static void fill_streams(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(5);
	}
}

int tool_main(int argc, char **argv)
{
	const struct options none = { .command = "" };

	fill_streams();
	setlocale(LC_MESSAGES, "");
	if (argc < 2) {
		print_general_help();
		return 1;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		print_general_help();
	else if (strcmp(argv[1], "--version") == 0)
		this_tool.print_version();
	else if (strcmp(argv[1], "--completion") == 0 && argc == 3 &&
		 completion_print(argv[2]))
		return report_flush(&none) ? 0 : report_exit_code();
	else
		return run_command(argc, argv);
	report_flush(&none);
	return report_exit_code();
}
