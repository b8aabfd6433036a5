/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands as a table. */
#include "command.h"
#include "tool.h"

#include <stdio.h>

#ifndef NEXUS_VERSION
#define NEXUS_VERSION "unknown"
#endif

static const struct tool_command commands[] = {
	{ .name = "list",
	  .operands = "[NAME]",
	  .summary = "show the packages of the stores",
	  .run = command_list,
	  .bit = FOR_LIST,
	  .operands_max = 1 },
	{ .name = "add",
	  .operands = "FILE...",
	  .summary = "verify packages and put them into the store",
	  .run = command_add,
	  .bit = FOR_ADD,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
	{ .name = "remove",
	  .operands = "NAME[@VERSION]...",
	  .summary = "take packages out of the store",
	  .run = command_remove,
	  .bit = FOR_REMOVE,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
	{ .name = "verify",
	  .operands = "[NAME[@VERSION]|FILE]...",
	  .summary = "check every block and file, or a whole store",
	  .run = command_verify,
	  .bit = FOR_VERIFY,
	  .operands_max = UINT32_MAX },
	{ .name = "run",
	  .operands = "NAME[@VERSION]|COMMAND [ARGUMENT...]",
	  .summary = "run a program of a package",
	  .run = command_run,
	  .bit = FOR_RUN,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX,
	  .words_follow = true },
	{ .name = "which",
	  .operands = "COMMAND",
	  .summary = "tell which package offers a command",
	  .run = command_which,
	  .bit = FOR_WHICH,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "report",
	  .operands = "FILE",
	  .summary = "tell what add and run would say to a package",
	  .run = command_report,
	  .bit = FOR_REPORT,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "inspect",
	  .operands = "NAME[@VERSION]|FILE",
	  .summary = "show who a package is, what it offers and wants",
	  .run = command_inspect,
	  .bit = FOR_INSPECT,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = NULL },
};

static void print_version(void)
{
	printf("package %s (format 1, store 1)\n", NEXUS_VERSION);
}

const struct tool this_tool = {
	.name = "package",
	.commands = commands,
	.readers = FOR_READERS,
	.print_version = print_version,
};
