/* SPDX-License-Identifier: BSD-2-Clause */
/* epk: packages from folders, and what can be done with them on a host. */
#include "command.h"
#include "completion.h"
#include "policy.h"
#include "report.h"

#include <epk/codec.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

#ifndef NEXUS_VERSION
#define NEXUS_VERSION "unknown"
#endif

struct command {
	const char *name;
	const char *operands;
	const char *summary;
	bool (*run)(struct options *options);
	unsigned bit;
	uint32_t operands_min;
	uint32_t operands_max;
};

static const struct command commands[] = {
	{ .name = "pack",
	  .operands = "FOLDER --output FILE",
	  .summary = "make an image from a folder",
	  .run = command_pack,
	  .bit = FOR_PACK,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "list",
	  .operands = "IMAGE [PATH]",
	  .summary = "list what is in an image, or below PATH in it",
	  .run = command_list,
	  .bit = FOR_LIST,
	  .operands_min = 1,
	  .operands_max = 2 },
	{ .name = "cat",
	  .operands = "IMAGE PATH...",
	  .summary = "write files of an image to standard output",
	  .run = command_cat,
	  .bit = FOR_CAT,
	  .operands_min = 2,
	  .operands_max = UINT32_MAX },
	{ .name = "extract",
	  .operands = "IMAGE FOLDER",
	  .summary = "copy an image's tree into a new or empty folder",
	  .run = command_extract,
	  .bit = FOR_EXTRACT,
	  .operands_min = 2,
	  .operands_max = 2 },
	{ .name = "verify",
	  .operands = "IMAGE...",
	  .summary = "check images, writing nothing",
	  .run = command_verify,
	  .bit = FOR_VERIFY,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
	{ .name = "info",
	  .operands = "IMAGE",
	  .summary = "show identity, settings, sizes and manifest",
	  .run = command_info,
	  .bit = FOR_INFO,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "keygen",
	  .operands = "NAME",
	  .summary = "make a key: NAME.key, to be kept secret, and NAME.pub",
	  .run = command_keygen,
	  .bit = FOR_KEYGEN,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "sign",
	  .operands = "IMAGE",
	  .summary = "put signatures into an image, or take them out",
	  .run = command_sign,
	  .bit = FOR_SIGN,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "trust",
	  .operands = "list|add|remove|revoke [KEY.pub|KEYID]...",
	  .summary = "show and change which keys are trusted",
	  .run = command_trust,
	  .bit = FOR_TRUST,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
	{ .name = "mount",
	  .operands = "IMAGE FOLDER",
	  .summary = "show an image as a folder, verified as it is read",
	  .run = command_mount,
	  .bit = FOR_MOUNT,
	  .operands_min = 1,
	  .operands_max = 2 },
	{ .name = "umount",
	  .operands = "FOLDER...",
	  .summary = "end what mount began",
	  .run = command_umount,
	  .bit = FOR_UMOUNT,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
	{ .name = "diff",
	  .operands = "OLD NEW",
	  .summary = "compare what two images hold",
	  .run = command_diff,
	  .bit = FOR_DIFF,
	  .operands_min = 2,
	  .operands_max = 2 },
	{ .name = "repack",
	  .operands = "IMAGE --output FILE",
	  .summary = "store what an image holds in another way",
	  .run = command_repack,
	  .bit = FOR_REPACK,
	  .operands_min = 1,
	  .operands_max = 1 },
	{ .name = "check-manifest",
	  .operands = "FILE...",
	  .summary = "check manifests before anything is packed",
	  .run = command_check_manifest,
	  .bit = FOR_CHECK_MANIFEST,
	  .operands_min = 1,
	  .operands_max = UINT32_MAX },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_general_help(void)
{
	printf("Usage: epk COMMAND [OPTION...] ...\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-14s %s\n", commands[i].name, commands[i].summary);
	printf("\nepk COMMAND --help explains a command; epk --version tells "
	       "the versions.\n"
	       "Exit status: 0 ok, 1 usage, 2 invalid package, 3 signature "
	       "policy,\n4 incompatible, 5 input, output or budget, 6 not "
	       "found, 7 busy.\n");
}

static void print_command_help(const struct command *command)
{
	printf("Usage: epk %s [OPTION...] %s\n\n%c%s.\n\nOptions:\n",
	       command->name, command->operands,
	       (char)(command->summary[0] - 'a' + 'A'), command->summary + 1);
	options_help(command->bit);
}

static void print_version(void)
{
	const struct epk_codec *codec = epk_codec_default();

	printf("epk %s (format 1, encoder %s %s)\n", NEXUS_VERSION, codec->name,
	       codec->version());
}

static bool print_completion(const char *shell)
{
	struct completion_command list[COMMAND_COUNT];

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		list[i] = (struct completion_command){
			.name = commands[i].name,
			.summary = commands[i].summary,
			.bit = commands[i].bit,
		};
	return completion_print(shell, list, COMMAND_COUNT);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static bool run(const struct command *command, struct options *options,
		int argc, char **argv)
{
	if (!options_parse(options, command->bit, argc, argv))
		return false;
	if (options->help) {
		print_command_help(command);
		return true;
	}
	if (options->operand_count < command->operands_min ||
	    options->operand_count > command->operands_max)
		return usage_error(options, "%s takes %s", command->name,
				   command->operands);
	if ((command->bit & FOR_READERS) && !policy_load(options))
		return false;
	return command->run(options);
}

static int run_command(int argc, char **argv)
{
	struct options options = { .command = argv[1] };
	const struct command *command = find_command(argv[1]);

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

int main(int argc, char **argv)
{
	const struct options none = { .command = "" };

	setlocale(LC_MESSAGES, "");
	if (argc < 2) {
		print_general_help();
		return 1;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		print_general_help();
	else if (strcmp(argv[1], "--version") == 0)
		print_version();
	else if (strcmp(argv[1], "--completion") == 0 && argc == 3 &&
		 print_completion(argv[2]))
		return report_flush(&none) ? 0 : report_exit_code();
	else
		return run_command(argc, argv);
	report_flush(&none);
	return report_exit_code();
}
