/* SPDX-License-Identifier: BSD-2-Clause */
/* Statuses, stages and manifest errors have names and sentences of their
 * own, and exit codes as section 12 lists them. */
#include "support/tap.h"

#include <epk/manifest.h>

static const struct {
	epk_status_t status;
	const char *name;
	int exit_code;
} statuses[] = {
#define EPK_ERROR(value, name, exit_code, sentence) { value, #name, exit_code },
#include <epk/error.def>
};

static const struct {
	uint32_t stage;
	const char *label;
} stages[] = {
#define EPK_STAGE(value, name, label, sentence) { value, label },
#include <epk/error.def>
};

static const struct {
	uint32_t detail;
	const char *name;
} details[] = {
#define EPK_MANIFEST_ERROR(value, name, sentence) { value, #name },
#include <epk/manifest.def>
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void check_statuses(void)
{
	for (size_t i = 0; i < COUNT(statuses); i++) {
		const epk_status_t status = statuses[i].status;

		is_str(epk_status_name(status), statuses[i].name,
		       "status %d is %s", status, statuses[i].name);
		ok(epk_status_exit_code(status) == statuses[i].exit_code &&
			   statuses[i].exit_code >= 1 &&
			   statuses[i].exit_code <= 7,
		   "its exit code is %d", statuses[i].exit_code);
	}
	is_str(epk_status_name(EPK_OK), "OK", "0 is OK");
	is_i64(epk_status_exit_code(EPK_OK), 0, "and exits with 0");
	is_str(epk_status_name(1), "UNKNOWN", "a positive value is no status");
	is_str(epk_status_name(-9), "UNKNOWN", "a gap is no status");
	is_str(epk_status_name(-1000), "UNKNOWN", "nor is a value far below");
	is_str(epk_status_name(INT32_MIN), "UNKNOWN", "nor is the least value");
}

static bool sentences_differ(void)
{
	for (size_t i = 0; i < COUNT(statuses); i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(epk_status_sentence(statuses[i].status),
				   epk_status_sentence(statuses[k].status)) ==
			    0)
				return false;
		}
	}
	return true;
}

int main(void)
{
	plan(0);
	check_statuses();
	ok(sentences_differ(), "no two statuses share a sentence");
	for (size_t i = 0; i < COUNT(stages); i++)
		is_str(epk_stage_name(stages[i].stage), stages[i].label,
		       "stage %u is called %s", stages[i].stage,
		       stages[i].label);
	is_str(epk_stage_name(99), "unknown", "99 is no stage");
	ok(strlen(epk_stage_sentence(EPK_STAGE_NODES)) > 5 &&
		   epk_stage_sentence(99) != NULL,
	   "stages have sentences");
	for (size_t i = 0; i < COUNT(details); i++)
		is_str(epk_manifest_error_name(details[i].detail),
		       details[i].name, "manifest error %u is %s",
		       details[i].detail, details[i].name);
	is_str(epk_manifest_error_name(29), "UNKNOWN", "29 is none");
	is_str(epk_manifest_error_name(UINT32_MAX), "UNKNOWN",
	       "nor is the greatest value");
	ok(strlen(epk_manifest_error_sentence(EPK_MANIFEST_BOM)) > 5,
	   "manifest errors have sentences");
	return done();
}
