/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include <stdio.h>
#include <string.h>

/** Within single quotes of any of the shells; zsh's specs reserve more. */
static void print_quoted(const char *text, const char *reserved)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(reserved, *text))
			putchar('\\');
		putchar(*text);
	}
}

/** "store|zlib" is a choice, "FILE" and "GLOB|exec" are not. */
static bool is_choice(const char *argument)
{
	if (!argument || !strchr(argument, '|'))
		return false;
	for (; *argument; argument++) {
		if (*argument >= 'A' && *argument <= 'Z')
			return false;
	}
	return true;
}

static void print_choices(const char *argument)
{
	for (; *argument; argument++)
		putchar(*argument == '|' ? ' ' : *argument);
}

static void bash_option(const struct option_row *option, const void *context)
{
	(void)context;
	printf(" --%s", option->name);
	if (option->letter)
		printf(" -%c", option->letter);
}

static void bash_argument(const struct option_row *option, const void *context)
{
	(void)context;
	if (!is_choice(option->argument))
		return;
	printf("\t--%s)\n\t\tmapfile -t COMPREPLY < <(compgen -W '",
	       option->name);
	print_choices(option->argument);
	printf("' -- \"$cur\")\n\t\treturn\n\t\t;;\n");
}

static void print_bash(void)
{
	printf("# bash completion of %s\n_%s()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} options=\n"
	       "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tif ((COMP_CWORD == 1)); then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W '--help --version",
	       this_tool.name, this_tool.name);
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++)
		printf(" %s", command->name);
	printf("' -- \"$cur\")\n\t\treturn\n\tfi\n\tcase $prev in\n");
	options_each(~0u, bash_argument, NULL);
	printf("\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++) {
		printf("\t%s) options='", command->name);
		options_each(command->bit, bash_option, NULL);
		printf("' ;;\n");
	}
	printf("\tesac\n\tif [[ $cur == -* ]]; then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- "
	       "\"$cur\")\n"
	       "\telse\n\t\tcompopt -o filenames 2>/dev/null\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	       "\tfi\n}\ncomplete -F _%s %s\n",
	       this_tool.name, this_tool.name);
}

/** Spec of _arguments: '--name=[help]:WHAT:action'. */
static void zsh_spec(const struct option_row *option, const char *dashes,
		     const char *equals)
{
	printf("\t\t'*%s", dashes);
	if (dashes[1])
		fputs(option->name, stdout);
	else
		putchar(option->letter);
	printf("%s[", option->argument ? equals : "");
	print_quoted(option->help, "[]:\\");
	putchar(']');
	if (option->argument) {
		putchar(':');
		print_quoted(option->argument, "[]:\\");
		if (is_choice(option->argument)) {
			fputs(":(", stdout);
			print_choices(option->argument);
			putchar(')');
		} else {
			fputs(":_files", stdout);
		}
	}
	fputs("' \\\n", stdout);
}

static void zsh_option(const struct option_row *option, const void *context)
{
	(void)context;
	zsh_spec(option, "--", "=");
	if (option->letter)
		zsh_spec(option, "-", "+");
}

static void print_zsh(void)
{
	printf("#compdef %s\n_%s()\n{\n\tlocal -a commands\n\tcommands=(\n",
	       this_tool.name, this_tool.name);
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++) {
		printf("\t\t'%s:", command->name);
		print_quoted(command->summary, ":\\");
		printf("'\n");
	}
	printf("\t)\n\tif ((CURRENT == 2)); then\n"
	       "\t\t_describe command commands\n\t\treturn\n\tfi\n"
	       "\tlocal command=$words[2]\n\tshift words\n"
	       "\t((CURRENT--))\n\tcase $command in\n");
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++) {
		printf("\t%s)\n\t\t_arguments -s \\\n", command->name);
		options_each(command->bit, zsh_option, NULL);
		printf("\t\t'*:file:_files'\n\t\t;;\n");
	}
	printf("\tesac\n}\n_%s \"$@\"\n", this_tool.name);
}

static void fish_option(const struct option_row *option, const void *context)
{
	const struct tool_command *command = context;

	printf("complete -c %s -n '__fish_seen_subcommand_from %s' -l %s",
	       this_tool.name, command->name, option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (is_choice(option->argument)) {
		printf(" -x -a '");
		print_choices(option->argument);
		printf("'");
	} else if (option->argument) {
		printf(" -r");
	}
	printf(" -d '");
	print_quoted(option->help, "");
	printf("'\n");
}

static void print_fish(void)
{
	printf("# fish completion of %s\n", this_tool.name);
	for (const struct tool_command *command = this_tool.commands;
	     command->name; command++) {
		printf("complete -c %s -n __fish_use_subcommand -f -a %s "
		       "-d '",
		       this_tool.name, command->name);
		print_quoted(command->summary, "");
		printf("'\n");
		options_each(command->bit, fish_option, command);
	}
}

bool completion_print(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		print_bash();
	else if (strcmp(shell, "zsh") == 0)
		print_zsh();
	else if (strcmp(shell, "fish") == 0)
		print_fish();
	else
		return false;
	return true;
}
