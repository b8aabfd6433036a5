/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_OPTIONS_H
#define EPK_TOOL_OPTIONS_H
/* What a user may say. options.def is the one table of options: parsing,
 * --help and the test of the manual page all read it. */
#include "options_shared.h"

/* Commands an option belongs to, as bits. */
#define FOR_PACK 1u
#define FOR_LIST 2u
#define FOR_CAT 4u
#define FOR_EXTRACT 8u
#define FOR_VERIFY 16u
#define FOR_INFO 32u
#define FOR_KEYGEN 64u
#define FOR_SIGN 128u
#define FOR_TRUST 256u
#define FOR_MOUNT 512u
#define FOR_UMOUNT 1024u
#define FOR_DIFF 2048u
#define FOR_REPACK 4096u
#define FOR_CHECK_MANIFEST 8192u
#define FOR_IMPORT 16384u
#define FOR_EXPORT 32768u
#define FOR_CONVERT 65536u
#define FOR_ALL 131071u
/* Those that read an image for somebody, under a signature policy. */
#define FOR_READERS                                                            \
	(FOR_LIST | FOR_CAT | FOR_EXTRACT | FOR_VERIFY | FOR_INFO |            \
	 FOR_MOUNT | FOR_DIFF | FOR_EXPORT)
/* Those that write an image. */
#define FOR_WRITERS (FOR_PACK | FOR_REPACK | FOR_IMPORTERS)
/* Those that make it of an archive. */
#define FOR_IMPORTERS (FOR_IMPORT | FOR_CONVERT)

struct options {
	SHARED_OPTIONS;
	bool deep;
	bool long_format;
	bool foreground;
	bool check;
	bool lazy;
	bool codec_store;
	bool meta_store;
	const char *output;
	const char *base;
	const char *manifest;
	const char *map_from;
	struct option_list map;
	struct option_list alias;
	struct option_list include;
	struct option_list exclude;
	uint32_t strip;
	uint64_t size_max; /* 0: not given */
	struct option_list prefix;
	struct option_list attach;
	struct option_list remove;
	const char *detached;
	uint64_t not_after;
	bool not_after_given;
	struct option_list mount_words;
	uint32_t idle_timeout; /* seconds; 0: never */
	int level;	       /* 0: the encoder's default */
	bool best;
	const char *encoder;
	uint8_t align_log2;
	uint8_t block_log2;
	uint64_t epoch;
	bool epoch_given;
};

#endif /* EPK_TOOL_OPTIONS_H */
