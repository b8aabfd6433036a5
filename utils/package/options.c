/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "tool.h"

#include <stddef.h>

#define WAIT_MAX_S 86400

static bool apply_place(struct options *options, const char *argument)
{
	options->place = argument;
	return *argument != '\0';
}

static bool apply_allow_downgrade(struct options *options, const char *argument)
{
	(void)argument;
	return options->allow_downgrade = true;
}

static bool apply_all(struct options *options, const char *argument)
{
	(void)argument;
	return options->all = true;
}

static bool apply_wait(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 0, WAIT_MAX_S, &value))
		return false;
	options->wait_s = (uint32_t)value;
	return true;
}

static bool apply_program(struct options *options, const char *argument)
{
	options->program = argument;
	return *argument != '\0';
}

static bool apply_user_data(struct options *options, const char *argument)
{
	options->user_data = argument;
	return *argument != '\0';
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
