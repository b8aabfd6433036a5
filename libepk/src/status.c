/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and sentences of statuses and stages, expanded from error.def. */
#include <epk/error.h>

struct status_row {
	const char *name;
	const char *sentence;
	int exit_code;
};

static const struct status_row statuses[] = {
	[0] = { "OK", "success", 0 },
#define EPK_ERROR(value, name, exit_code, sentence)                            \
	[-(value)] = { #name, sentence, exit_code },
#include <epk/error.def>
};

struct stage_row {
	const char *label;
	const char *sentence;
};

static const struct stage_row stages[] = {
#define EPK_STAGE(value, name, label, sentence) [value] = { label, sentence },
#include <epk/error.def>
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct status_row *find_status(epk_status_t status)
{
	static const struct status_row unknown = {
		"UNKNOWN", "this is no status of libepk", 5
	};

	if (status > 0 || status <= -(epk_status_t)ROWS(statuses) ||
	    statuses[-status].name == NULL)
		return &unknown;
	return &statuses[-status];
}

const char *epk_status_name(epk_status_t status)
{
	return find_status(status)->name;
}

const char *epk_status_sentence(epk_status_t status)
{
	return find_status(status)->sentence;
}

int epk_status_exit_code(epk_status_t status)
{
	return find_status(status)->exit_code;
}

const char *epk_stage_name(uint32_t stage)
{
	return stage < ROWS(stages) ? stages[stage].label : "unknown";
}

const char *epk_stage_sentence(uint32_t stage)
{
	return stage < ROWS(stages) ? stages[stage].sentence : "no stage";
}
