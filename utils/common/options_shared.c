/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <epk/trust.h>

#include <stdlib.h>
#include <string.h>

bool parse_number(const char *text, uint64_t least, uint64_t most,
		  uint64_t *out_value)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'),
					   &value))
			return false;
	}
	if (value < least || value > most)
		return false;
	*out_value = value;
	return true;
}

bool option_append(struct option_list *list, const char *value)
{
	const char **values = realloc(
		list->values, (list->count + 1) * sizeof(*list->values));

	if (!values)
		return false;
	list->values = values;
	list->values[list->count++] = value;
	return true;
}

bool apply_help(struct options *options, const char *argument)
{
	(void)argument;
	return options->help = true;
}

bool apply_json(struct options *options, const char *argument)
{
	(void)argument;
	return options->json = true;
}

bool apply_quiet(struct options *options, const char *argument)
{
	(void)argument;
	return options->quiet = true;
}

bool apply_progress(struct options *options, const char *argument)
{
	static const char *const names[] = { [PROGRESS_NONE] = "none",
					     [PROGRESS_BAR] = "bar",
					     [PROGRESS_JSON] = "json" };

	for (int i = PROGRESS_NONE; i <= PROGRESS_JSON; i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->progress = (enum progress_kind)i;
			return true;
		}
	}
	return false;
}

bool apply_color(struct options *options, const char *argument)
{
	static const char *const names[] = { [COLOR_AUTO] = "auto",
					     [COLOR_ALWAYS] = "always",
					     [COLOR_NEVER] = "never" };

	for (int i = COLOR_AUTO; i <= COLOR_NEVER; i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->color = (enum color_kind)i;
			return true;
		}
	}
	return false;
}

bool apply_jobs(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, 64, &value))
		return false;
	options->jobs = (uint32_t)value;
	return true;
}

bool apply_key(struct options *options, const char *argument)
{
	return *argument != '\0' && option_append(&options->key, argument);
}

bool apply_trust(struct options *options, const char *argument)
{
	return *argument != '\0' && option_append(&options->trust, argument);
}

bool apply_policy(struct options *options, const char *argument)
{
	static const char *const names[] = {
		[EPK_SIGNATURES_DISABLED] = "disabled",
		[EPK_SIGNATURES_OPTIONAL] = "optional",
		[EPK_SIGNATURES_REQUIRED] = "required",
	};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->policy = i;
			return options->policy_given = true;
		}
	}
	return false;
}

bool apply_threshold(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, EPK_SIGNATURES_MAX, &value))
		return false;
	options->threshold = (uint32_t)value;
	return true;
}

void options_fini_shared(struct options *options)
{
	free(options->operands);
	free(options->key.values);
	free(options->trust.values);
	epk_trust_store_destroy(options->store);
}
