/* SPDX-License-Identifier: BSD-2-Clause */
/* epk: packages from folders, and what can be done with them on a host. */
#include "command.h"
#include "tool.h"

#include <epk/codec.h>

#include <stdio.h>

#ifndef NEXUS_VERSION
#define NEXUS_VERSION "unknown"
#endif

static const struct tool_command commands[] = {
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
	{ .name = NULL },
};

static void print_version(void)
{
	const struct epk_codec *codec = epk_codec_default();

	printf("epk %s (format 1, encoder %s %s)\n", NEXUS_VERSION, codec->name,
	       codec->version());
}

const struct tool this_tool = {
	.name = "epk",
	.commands = commands,
	.readers = FOR_READERS,
	.print_version = print_version,
};

int main(int argc, char **argv)
{
	return tool_main(argc, argv);
}
