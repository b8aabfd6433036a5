/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "tool.h"

#include <stddef.h>

#define WAIT_MAX_S 86400

APPLY_FLAG(allow_downgrade)
APPLY_FLAG(all)
APPLY_TEXT(place)
APPLY_TEXT(program)
APPLY_TEXT(user_data)

static bool apply_wait(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 0, WAIT_MAX_S, &value))
		return false;
	options->wait_s = (uint32_t)value;
	return true;
}

const struct option_row option_rows[] = {
#define OPTION(...) OPTION_ROW(__VA_ARGS__),
#include "options.def"
	{ .name = NULL },
};

void options_fini(struct options *options)
{
	options_fini_shared(options);
}
