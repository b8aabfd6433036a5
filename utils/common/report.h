/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_REPORT_H
#define EPK_TOOL_REPORT_H
/* Everything the tool says about a failure: on standard error for people
 * (file, stage, code, what to do), and with --json as one object on standard
 * output for programs. Each function returns false, so that a caller can
 * report and return in one line; the exit status is remembered. */
#include <epk/error.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct options;

#define LIKE_PRINTF(f, a) __attribute__((format(printf, f, a)))

/** The command line is wrong: exit status 1. */
bool usage_error(const struct options *options, const char *format, ...)
	LIKE_PRINTF(2, 3);

/** Status about a file (NULL: none); advice says what to do, one phrase. */
bool tool_error(const struct options *options, epk_status_t status,
		const char *file, const char *advice, ...) LIKE_PRINTF(4, 5);

/** Memory is short, at a file or anywhere (NULL). */
bool memory_error(const struct options *options, const char *file);

/** A system call failed with errno on this file: exit status 5. */
bool system_error(const struct options *options, const char *doing,
		  const char *file);

/** An image is refused; inside is the path within it that is meant, or "". */
bool image_error(const struct options *options, const char *file,
		 const char *inside, const struct epk_failure *failure);

/** The same with the offset of the bytes that are meant, or NO_OFFSET. */
bool image_error_at(const struct options *options, const char *file,
		    const char *inside, const struct epk_failure *failure,
		    uint64_t offset);

/** The same with its own words. */
bool image_refused(const struct options *options, const char *file,
		   const struct epk_failure *failure, const char *message,
		   const char *advice);

/** The same for a stage that is a tool's own, behind those of validation. */
bool stage_error(const struct options *options, const char *file,
		 const char *stage, epk_status_t status, const char *message,
		 const char *advice);

/** All that is known of a refusal; texts may be NULL but for code, message and
 * advice. */
struct refusal {
	const char *file;
	const char *path;  /* of the entry in it */
	const char *stage; /* NULL: "none" */
	const char *code;
	const char *message;
	const char *advice;
	uint64_t offset; /* in the file, or NO_OFFSET */
	int exit_status;
};
#define NO_OFFSET UINT64_MAX

bool report_refusal(const struct options *options,
		    const struct refusal *refusal);

/** The exit status that the reports so far ask for; 0 without any. */
int report_exit_code(void);

/** What was reported was a warning (the code from before it), or the status
 * is that of another program. */
void report_set_exit_code(int code);

/** Print an object as one line and drop it; NULL is memory that was short. */
bool report_json(json_t *object);

/** A JSON string, also of bytes that are no UTF-8 ('?' stands for those). */
json_t *json_text(const char *text);
json_t *json_hex(const uint8_t *bytes, size_t size_bytes);

/** What is said when all that a package has was put somewhere and every
 * digest was right: --json calls that `place` and counts `things`. */
bool report_contents(const struct options *options, const char *file,
		     const char *place, const char *name, const char *things,
		     uint32_t count, uint64_t bytes);

/** Everything printed reached standard output. */
bool report_flush(const struct options *options);

#endif /* EPK_TOOL_REPORT_H */
