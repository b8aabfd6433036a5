/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "tool.h"

#include <epk/trust.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

APPLY_FLAG(best)
APPLY_FLAG(long_format)
APPLY_FLAG(deep)
APPLY_FLAG(check)
APPLY_FLAG(foreground)
APPLY_FLAG(lazy)
APPLY_TEXT(output)
APPLY_TEXT(manifest)
APPLY_TEXT(base)
APPLY_TEXT(map_from)
APPLY_TEXT(detached)
APPLY_LIST(map)
APPLY_LIST(alias)
APPLY_LIST(include)
APPLY_LIST(exclude)
APPLY_LIST(remove)
APPLY_LIST(prefix)
APPLY_LIST(mount_words)
APPLY_NUMBER(level, 1, 12)
APPLY_NUMBER(block_log2, 12, 20)
APPLY_NUMBER(strip, 0, 64)
APPLY_NUMBER(idle_timeout, 1, UINT32_MAX)

static bool parse_codec(const char *text, bool *out_store)
{
	*out_store = strcmp(text, "store") == 0;
	return *out_store || strcmp(text, "zlib") == 0;
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

static bool apply_encoder(struct options *options, const char *argument)
{
	options->encoder = argument;
	return strcmp(argument, "libdeflate") == 0 ||
	       strcmp(argument, "zlib") == 0;
}

static bool apply_align_log2(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 12, 16, &value) || value % 2)
		return false;
	options->align_log2 = (uint8_t)value;
	return true;
}

static bool apply_epoch(struct options *options, const char *argument)
{
	options->epoch_given = true;
	return parse_number(argument, 0, UINT64_C(253402300799),
			    &options->epoch);
}

static bool apply_attach(struct options *options, const char *argument)
{
	return *argument != '\0' && option_append(&options->attach, argument);
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
