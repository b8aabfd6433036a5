/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOLS_OPTIONS_SHARED_H
#define TOOLS_OPTIONS_SHARED_H
/* What a user may say to any of the tools. The options.h of a tool defines
 * its struct options, which begins with these; the apply functions are for
 * rows of its options.def. */
#include <stdbool.h>
#include <stdint.h>

struct epk_trust_store;
struct options;

enum progress_kind {
	PROGRESS_AUTO, /* a bar on a terminal, else nothing */
	PROGRESS_NONE,
	PROGRESS_BAR,
	PROGRESS_JSON,
};

enum color_kind {
	COLOR_AUTO, /* on a terminal that has it, unless NO_COLOR is set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/** Arguments of an option that may come more than once. */
struct option_list {
	const char **values;
	uint32_t count;
};

/* clang-format off: a struct without a name, the first member of options. */
#define SHARED_OPTIONS                                                         \
	struct {                                                               \
		const char *command;                                           \
		const char **operands;                                         \
		uint32_t operand_count;                                        \
		bool help;                                                     \
		bool json;                                                     \
		bool quiet;                                                    \
		enum progress_kind progress;                                   \
		enum color_kind color;                                         \
		uint32_t jobs; /* 0: one for each processor */                 \
		struct option_list key;                                        \
		struct option_list trust;                                      \
		bool policy_given;                                             \
		uint32_t policy;    /* EPK_SIGNATURES_*, by policy_load() */   \
		uint32_t threshold; /* 0: not given */                         \
		/* policy_load()'s; NULL: disabled */                          \
		struct epk_trust_store *store;                                 \
	}
/* clang-format on */

bool apply_help(struct options *options, const char *argument);
bool apply_json(struct options *options, const char *argument);
bool apply_quiet(struct options *options, const char *argument);
bool apply_progress(struct options *options, const char *argument);
bool apply_color(struct options *options, const char *argument);
bool apply_jobs(struct options *options, const char *argument);
bool apply_key(struct options *options, const char *argument);
bool apply_trust(struct options *options, const char *argument);
bool apply_policy(struct options *options, const char *argument);
bool apply_threshold(struct options *options, const char *argument);

/** Frees what the functions above keep. */
void options_fini_shared(struct options *options);

/* The apply function of an option that is given or not, that has a text that
 * is not empty, that may come more than once, or that has a decimal number. */
#define APPLY_FLAG(name)                                                       \
	static bool apply_##name(struct options *options,                      \
				 const char *argument)                         \
	{                                                                      \
		(void)argument;                                                \
		return options->name = true;                                   \
	}
#define APPLY_TEXT(name)                                                       \
	static bool apply_##name(struct options *options,                      \
				 const char *argument)                         \
	{                                                                      \
		options->name = argument;                                      \
		return *argument != '\0';                                      \
	}
#define APPLY_LIST(name)                                                       \
	static bool apply_##name(struct options *options,                      \
				 const char *argument)                         \
	{                                                                      \
		return option_append(&options->name, argument);                \
	}
#define APPLY_NUMBER(name, least, most)                                        \
	static bool apply_##name(struct options *options,                      \
				 const char *argument)                         \
	{                                                                      \
		uint64_t value;                                                \
                                                                               \
		if (!parse_number(argument, least, most, &value))              \
			return false;                                          \
		options->name = value;                                         \
		return true;                                                   \
	}

/** False: memory is short. */
bool option_append(struct option_list *list, const char *value);

/** A decimal number of [least, most], nothing before or behind it. */
bool parse_number(const char *text, uint64_t least, uint64_t most,
		  uint64_t *out_value);

#endif /* TOOLS_OPTIONS_SHARED_H */
