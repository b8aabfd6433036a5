/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include "color.h"
#include "options.h"
#include "shown.h"
#include "tool.h"

#include <epk/manifest.h>
#include <epk/name.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 6000

static int exit_code;

int report_exit_code(void)
{
	return exit_code;
}

void report_set_exit_code(int code)
{
	exit_code = code;
}

/** The first failure decides the exit status. */
static void remember(int code)
{
	if (exit_code == 0)
		exit_code = code;
}

json_t *json_text(const char *text)
{
	size_t size = strlen(text);
	json_t *string;
	char *copy;

	if (epk_utf8_valid(text, size))
		return json_string(text);
	copy = malloc(size + 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; i <= size; i++)
		copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	string = json_string(copy);
	free(copy);
	return string;
}

json_t *json_hex(const uint8_t *bytes, size_t size_bytes)
{
	char text[2 * 32 + 1];

	if (size_bytes > 32)
		return NULL;
	for (size_t i = 0; i < size_bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_stringn(text, 2 * size_bytes);
}

/** As jansson writes it, with what a terminal might obey escaped too: DEL and
 * C1, which stand in strings only. */
static void put_json(const char *line)
{
	for (const unsigned char *at = (const unsigned char *)line; *at; at++) {
		if (*at == 0x7f) {
			fputs("\\u007f", stdout);
		} else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
			printf("\\u%04x", at[1]);
			at++;
		} else {
			putchar(*at);
		}
	}
	putchar('\n');
}

bool report_json(json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (!line) {
		fprintf(stderr, "%s: NO_MEMORY: memory is short\n",
			this_tool.name);
		remember(epk_status_exit_code(EPK_ERR_NO_MEMORY));
		return false;
	}
	put_json(line);
	free(line);
	return true;
}

bool report_contents(const struct options *options, const char *file,
		     const char *place, const char *name, const char *things,
		     uint32_t count, uint64_t bytes)
{
	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:I, s:I}", "command",
			options->command, "ok", 1, "file", json_text(file),
			place, json_text(name), things, (json_int_t)count,
			"bytes", (json_int_t)bytes));
	if (options->quiet)
		return true;
	print_file(name,
		   "%" PRIu32 " %s, %" PRIu64 " bytes, every digest right\n",
		   count, things, bytes);
	return true;
}

bool report_flush(const struct options *options)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	return system_error(options, "write", "standard output");
}

/** One line on standard error, the tool's name before it; in one piece, for
 * others may write there too. */
static void complain(const struct options *options, const char *format, ...)
	LIKE_PRINTF(2, 3);
static void complain(const struct options *options, const char *format, ...)
{
	char line[3 * TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	make_shown(line);
	fprintf(stderr, "%s%s:%s %s\n", color(options, stderr, COLOR_ERROR),
		this_tool.name, color(options, stderr, COLOR_END), line);
}

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_text(text));
}

static void print_refusal(const struct options *options,
			  const struct refusal *refusal)
{
	json_t *object = json_object();

	set_text(object, "command", options->command);
	json_object_set_new(object, "ok", json_false());
	set_text(object, "file", refusal->file);
	set_text(object, "path", refusal->path);
	set_text(object, "stage", refusal->stage ? refusal->stage : "none");
	set_text(object, "code", refusal->code);
	if (refusal->offset != NO_OFFSET)
		json_object_set_new(object, "offset",
				    json_integer((json_int_t)refusal->offset));
	set_text(object, "message", refusal->message);
	set_text(object, "advice", refusal->advice);
	json_object_set_new(object, "exit", json_integer(exit_code));
	report_json(object);
}

static void json_failure(const struct options *options, const char *stage,
			 const char *code, const char *file,
			 const char *message, const char *advice)
{
	const struct refusal refusal = {
		.file = file,
		.stage = stage,
		.code = code,
		.message = message,
		.advice = advice,
		.offset = NO_OFFSET,
	};

	if (options->json)
		print_refusal(options, &refusal);
}

/* FILE: stage S, CODE at byte N: "path": message; advice */
bool report_refusal(const struct options *options,
		    const struct refusal *refusal)
{
	char place[64] = "";

	if (refusal->offset != NO_OFFSET)
		snprintf(place, sizeof(place), " at byte %" PRIu64,
			 refusal->offset);
	remember(refusal->exit_status);
	complain(options, "%s%s%s%s%s%s%s: %s%s%s%s; %s",
		 refusal->file ? refusal->file : "", refusal->file ? ": " : "",
		 refusal->stage ? "stage " : "",
		 refusal->stage ? refusal->stage : "",
		 refusal->stage ? ", " : "", refusal->code, place,
		 refusal->path ? "\"" : "", refusal->path ? refusal->path : "",
		 refusal->path ? "\": " : "", refusal->message,
		 refusal->advice);
	if (options->json)
		print_refusal(options, refusal);
	return false;
}

bool usage_error(const struct options *options, const char *format, ...)
{
	char message[TEXT_MAX];
	char advice[64];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	remember(1);
	snprintf(advice, sizeof(advice), "see %s --help", this_tool.name);
	complain(options, "%s; see %s %s --help", message, this_tool.name,
		 options->command);
	json_failure(options, "none", "USAGE", NULL, message, advice);
	return false;
}

bool tool_error(const struct options *options, epk_status_t status,
		const char *file, const char *advice, ...)
{
	const char *code = epk_status_name(status);
	const char *sentence = epk_status_sentence(status);
	char text[TEXT_MAX];
	va_list args;

	va_start(args, advice);
	vsnprintf(text, sizeof(text), advice, args);
	va_end(args);
	remember(epk_status_exit_code(status));
	complain(options, "%s%s%s: %s; %s", file ? file : "", file ? ": " : "",
		 code, sentence, text);
	json_failure(options, "none", code, file, sentence, text);
	return false;
}

bool system_error(const struct options *options, const char *doing,
		  const char *file)
{
	static const char advice[] = "mend that and run it again";
	const char *reason = strerror(errno);
	char message[TEXT_MAX];

	snprintf(message, sizeof(message), "cannot %s: %s", doing, reason);
	remember(5);
	complain(options, "%s: IO: %s; %s", file, message, advice);
	json_failure(options, "none", "IO", file, message, advice);
	return false;
}

static const char *advice_for(epk_status_t status)
{
	switch (status) {
	case EPK_ERR_MAGIC:
		return "name a file that epk pack made";
	case EPK_ERR_VERSION:
	case EPK_ERR_FEATURE:
		return "use a newer epk";
	case EPK_ERR_SIGPOLICY:
		return "ask the publisher for a package signed with a key "
		       "you trust";
	case EPK_ERR_MANIFEST:
		return "the packager must mend the manifest and pack again";
	case EPK_ERR_COMPAT:
		return "get the package for this system";
	case EPK_ERR_NO_MEMORY:
	case EPK_ERR_BUDGET:
		return "close other programs and try again";
	case EPK_ERR_IO:
		return "check the file and the disk it is on";
	default:
		return "the package is damaged or was made wrongly: "
		       "fetch or pack it again";
	}
}

bool memory_error(const struct options *options, const char *file)
{
	return tool_error(options, EPK_ERR_NO_MEMORY, file, "%s",
			  advice_for(EPK_ERR_NO_MEMORY));
}

/** Where in the image: "node 5", "block 7", "line 3, column 1", or "". */
static void describe_place(const struct epk_failure *failure, char *text,
			   size_t size)
{
	text[0] = '\0';
	if (failure->status == EPK_ERR_MANIFEST)
		snprintf(text, size, ", line %u, column %u, %s: %s",
			 failure->line, failure->column,
			 epk_manifest_error_name(failure->detail),
			 epk_manifest_error_sentence(failure->detail));
	else if (failure->index != EPK_NO_INDEX)
		snprintf(text, size, ", index %u", failure->index);
}

/** Where the bytes lie that a check of the header is about. */
static uint64_t offset_of(const struct epk_failure *failure)
{
	static const struct {
		epk_status_t status;
		uint32_t offset;
	} rows[] = {
		{ EPK_ERR_MAGIC, 0 },
		{ EPK_ERR_VERSION, EPK_HEADER_VERSION_MAJOR },
		{ EPK_ERR_HEADER_CRC, EPK_HEADER_CRC },
		{ EPK_ERR_FEATURE, EPK_HEADER_FEATURE_INCOMPAT },
		{ EPK_ERR_SIZE, EPK_HEADER_IMAGE_SIZE },
		{ EPK_ERR_SIGAREA, EPK_SIGAREA_OFFSET },
		{ EPK_ERR_META_DIGEST, EPK_HEADER_META_DIGEST },
	};

	if (failure->stage > EPK_STAGE_METADATA)
		return NO_OFFSET;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == failure->status)
			return rows[i].offset;
	}
	return NO_OFFSET;
}

bool stage_error(const struct options *options, const char *file,
		 const char *stage, epk_status_t status, const char *message,
		 const char *advice)
{
	const struct refusal refusal = {
		.file = file,
		.stage = stage,
		.code = epk_status_name(status),
		.message = message,
		.advice = advice,
		.offset = NO_OFFSET,
		.exit_status = epk_status_exit_code(status),
	};

	return report_refusal(options, &refusal);
}

static bool refuse_at(const struct options *options, const char *file,
		      const struct epk_failure *failure, const char *message,
		      const char *advice, uint64_t offset)
{
	const struct refusal refusal = {
		.file = file,
		.stage = epk_stage_name(failure->stage),
		.code = epk_status_name(failure->status),
		.message = message,
		.advice = advice,
		.offset = offset,
		.exit_status = epk_status_exit_code(failure->status),
	};

	return report_refusal(options, &refusal);
}

bool image_refused(const struct options *options, const char *file,
		   const struct epk_failure *failure, const char *message,
		   const char *advice)
{
	return refuse_at(options, file, failure, message, advice,
			 offset_of(failure));
}

bool image_error_at(const struct options *options, const char *file,
		    const char *inside, const struct epk_failure *failure,
		    uint64_t offset)
{
	char message[TEXT_MAX];
	char place[512];

	describe_place(failure, place, sizeof(place));
	snprintf(message, sizeof(message), "%s%s%s%s",
		 epk_status_sentence(failure->status), place,
		 *inside ? ", in " : "", inside);
	return refuse_at(options, file, failure, message,
			 advice_for(failure->status), offset);
}

bool image_error(const struct options *options, const char *file,
		 const char *inside, const struct epk_failure *failure)
{
	return image_error_at(options, file, inside, failure,
			      offset_of(failure));
}
