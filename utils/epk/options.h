/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_OPTIONS_H
#define EPK_TOOL_OPTIONS_H
/* What a user may say. options.def is the one table of options: parsing,
 * --help and the test of the manual page all read it. */
#include <stdbool.h>
#include <stdint.h>

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
#define FOR_ALL 16383u
/* Those that read an image for somebody, under a signature policy. */
#define FOR_READERS                                                            \
	(FOR_LIST | FOR_CAT | FOR_EXTRACT | FOR_VERIFY | FOR_INFO |            \
	 FOR_MOUNT | FOR_DIFF)
/* Those that write an image. */
#define FOR_WRITERS (FOR_PACK | FOR_REPACK)

struct epk_trust_store;

enum progress_kind {
	PROGRESS_AUTO, /* a bar on a terminal, else nothing */
	PROGRESS_NONE,
	PROGRESS_BAR,
	PROGRESS_JSON,
};

/** Arguments of an option that may come more than once. */
struct option_list {
	const char **values;
	uint32_t count;
};

struct options {
	const char *command;
	const char **operands;
	uint32_t operand_count;

	bool help;
	bool json;
	bool quiet;
	enum progress_kind progress;
	bool deep;
	bool long_format;
	bool foreground;
	bool check;
	bool lazy;
	bool codec_store;
	bool meta_store;
	const char *output;
	const char *manifest;
	const char *map_from;
	struct option_list map;
	struct option_list alias;
	struct option_list include;
	struct option_list exclude;
	uint32_t strip;
	struct option_list key;
	struct option_list trust;
	struct option_list prefix;
	struct option_list attach;
	struct option_list remove;
	const char *detached;
	uint64_t not_after;
	bool not_after_given;
	bool policy_given;
	uint32_t policy;    /* EPK_SIGNATURES_*, decided by policy_load() */
	uint32_t threshold; /* 0: not given */
	struct epk_trust_store *store; /* policy_load()'s; NULL: disabled */
	struct option_list mount_words;
	uint32_t idle_timeout; /* seconds; 0: never */
	int level;	       /* below 0: the encoder's default */
	bool best;
	const char *encoder;
	uint32_t jobs;
	uint8_t align_log2;
	uint8_t block_log2;
	uint64_t epoch;
	bool epoch_given;
};

/**
 * Read argv[1..] of one command into options.
 *
 * @param command_bit  one of FOR_*.
 * @return true; else an error was reported.
 */
bool options_parse(struct options *options, unsigned command_bit, int argc,
		   char **argv);
void options_fini(struct options *options);

/** An option as others see it. */
struct option_view {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
	char letter; /* 0: has none */
};

/** Calls visit for each option of these commands. */
void options_each(unsigned command_bits,
		  void (*visit)(const struct option_view *option,
				void *context),
		  void *context);

/** Print the lines of --help about the options of these commands. */
void options_help(unsigned command_bit);

/** A decimal number of [least, most], nothing before or behind it. */
bool parse_number(const char *text, uint64_t least, uint64_t most,
		  uint64_t *out_value);

#endif /* EPK_TOOL_OPTIONS_H */
