/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "tool.h"

#include <epk/trust.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_codec(const char *text, bool *out_store)
{
	*out_store = strcmp(text, "store") == 0;
	return *out_store || strcmp(text, "zlib") == 0;
}

static bool apply_output(struct options *options, const char *argument)
{
	options->output = argument;
	return *argument != '\0';
}

static bool apply_manifest(struct options *options, const char *argument)
{
	options->manifest = argument;
	return *argument != '\0';
}

static bool apply_base(struct options *options, const char *argument)
{
	options->base = argument;
	return *argument != '\0';
}

static bool apply_max_size(struct options *options, const char *argument)
{
	return parse_number(argument, 1, UINT64_C(1) << 44, &options->size_max);
}

static bool apply_codec(struct options *options, const char *argument)
{
	return parse_codec(argument, &options->codec_store);
}

static bool apply_meta_codec(struct options *options, const char *argument)
{
	return parse_codec(argument, &options->meta_store);
}

static bool apply_level(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, 12, &value))
		return false;
	options->level = (int)value;
	return true;
}

static bool apply_best(struct options *options, const char *argument)
{
	(void)argument;
	return options->best = true;
}

static bool apply_encoder(struct options *options, const char *argument)
{
	options->encoder = argument;
	return strcmp(argument, "libdeflate") == 0 ||
	       strcmp(argument, "zlib") == 0;
}

static bool apply_map(struct options *options, const char *argument)
{
	return option_append(&options->map, argument);
}

static bool apply_map_from(struct options *options, const char *argument)
{
	options->map_from = argument;
	return *argument != '\0';
}

static bool apply_alias(struct options *options, const char *argument)
{
	return option_append(&options->alias, argument);
}

static bool apply_align_log2(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 12, 16, &value) || value % 2)
		return false;
	options->align_log2 = (uint8_t)value;
	return true;
}

static bool apply_block_log2(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 12, 20, &value))
		return false;
	options->block_log2 = (uint8_t)value;
	return true;
}

static bool apply_epoch(struct options *options, const char *argument)
{
	options->epoch_given = true;
	return parse_number(argument, 0, UINT64_C(253402300799),
			    &options->epoch);
}

static bool apply_strip(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 0, 64, &value))
		return false;
	options->strip = (uint32_t)value;
	return true;
}

static bool apply_include(struct options *options, const char *argument)
{
	return option_append(&options->include, argument);
}

static bool apply_exclude(struct options *options, const char *argument)
{
	return option_append(&options->exclude, argument);
}

static bool apply_long_format(struct options *options, const char *argument)
{
	(void)argument;
	return options->long_format = true;
}

static bool apply_deep(struct options *options, const char *argument)
{
	(void)argument;
	return options->deep = true;
}

static bool apply_detached(struct options *options, const char *argument)
{
	options->detached = argument;
	return *argument != '\0';
}

static bool apply_attach(struct options *options, const char *argument)
{
	return *argument != '\0' && option_append(&options->attach, argument);
}

static bool apply_remove(struct options *options, const char *argument)
{
	return option_append(&options->remove, argument);
}

static bool apply_prefix(struct options *options, const char *argument)
{
	return option_append(&options->prefix, argument);
}

/** A time, or a day and then its last second. */
static bool apply_not_after(struct options *options, const char *argument)
{
	char text[EPK_TRUST_TIME_SIZE];
	int size = snprintf(text, sizeof(text), "%s%s", argument,
			    strlen(argument) == 10 ? "T23:59:59Z" : "");

	options->not_after_given = true;
	return size > 0 && (size_t)size < sizeof(text) &&
	       epk_trust_time_read(text, (size_t)size, &options->not_after) ==
		       EPK_OK;
}

static bool apply_mount_words(struct options *options, const char *argument)
{
	return option_append(&options->mount_words, argument);
}

static bool apply_check(struct options *options, const char *argument)
{
	(void)argument;
	return options->check = true;
}

static bool apply_foreground(struct options *options, const char *argument)
{
	(void)argument;
	return options->foreground = true;
}

static bool apply_idle_timeout(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, UINT32_MAX, &value))
		return false;
	options->idle_timeout = (uint32_t)value;
	return true;
}

static bool apply_lazy(struct options *options, const char *argument)
{
	(void)argument;
	return options->lazy = true;
}

const struct option_row option_rows[] = {
#define OPTION(...) OPTION_ROW(__VA_ARGS__),
#include "options.def"
	{ .name = NULL },
};

void options_fini(struct options *options)
{
	options_fini_shared(options);
	free(options->map.values);
	free(options->alias.values);
	free(options->include.values);
	free(options->exclude.values);
	free(options->prefix.values);
	free(options->attach.values);
	free(options->remove.values);
	free(options->mount_words.values);
}
