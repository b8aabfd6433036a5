/* SPDX-License-Identifier: BSD-2-Clause
 * One line at a time: words, keyword, arguments. Names in grants are looked
 * up at the end, when all services are known.
 */
#include "plan.h"

#include <crt/text.h>
#include <nexus/options.h>
#include <nexus/rights.h>
#include <proto/proto.h>
#include <string.h>

#define WORDS_MAX 16
#define NUMBER_MAX UINT64_C(1000000000)
#define ADDRESS_DIGITS_MAX 14

struct line {
	struct plan_word words[WORDS_MAX];
	unsigned count;
};

static bool word_is(const struct plan_word *word, const char *text)
{
	return text_is(word->text, word->size, text);
}

static bool name_valid(const struct plan_word *word)
{
	if (word->size == 0 || word->size > PLAN_NAME_MAX)
		return false;
	for (size_t i = 0; i < word->size; i++) {
		char c = word->text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			return false;
	}
	return true;
}

static bool path_valid(const struct plan_word *word)
{
	return word->size > 1 && word->size <= PLAN_PATH_MAX &&
	       word->text[0] == '/';
}

static enum plan_error number(const struct plan_word *word, uint64_t *out_value)
{
	if (!text_number(word->text, word->size, out_value) ||
	    *out_value == 0 || *out_value > NUMBER_MAX)
		return PLAN_ERROR_NUMBER;
	return PLAN_OK;
}

static enum plan_error on_program(struct plan_service *service,
				  const struct line *line)
{
	if (service->program[0])
		return PLAN_ERROR_TWICE;
	if (!path_valid(&line->words[1]))
		return PLAN_ERROR_PATH;
	memcpy(service->program, line->words[1].text, line->words[1].size);
	return PLAN_OK;
}

static enum plan_error on_id(struct plan_service *service,
			     const struct line *line)
{
	uint64_t value;
	enum plan_error error = number(&line->words[1], &value);

	if (service->id)
		return PLAN_ERROR_TWICE;
	if (error == PLAN_OK && (value < PLAN_ID_MIN || value > PLAN_ID_MAX))
		error = PLAN_ERROR_NUMBER;
	if (error == PLAN_OK)
		service->id = (uint32_t)value;
	return error;
}

static enum plan_error on_quota(struct plan_quota *quota,
				const struct line *line)
{
	enum plan_error error = number(&line->words[1], &quota->pages);

	if (error == PLAN_OK)
		error = number(&line->words[2], &quota->handles);
	if (error == PLAN_OK)
		error = number(&line->words[3], &quota->threads);
	return error;
}

static enum plan_error on_own_quota(struct plan_service *service,
				    const struct line *line)
{
	return service->quota.pages ? PLAN_ERROR_TWICE
				    : on_quota(&service->quota, line);
}

static enum plan_error on_workers(struct plan_service *service,
				  const struct line *line)
{
	return service->workers.pages ? PLAN_ERROR_TWICE
				      : on_quota(&service->workers, line);
}

static enum plan_error on_serve(struct plan_service *service,
				const struct line *line)
{
	uint64_t value;
	enum plan_error error = number(&line->words[1], &value);

	if (service->depth)
		return PLAN_ERROR_TWICE;
	if (error == PLAN_OK && value > NX_PORT_DEPTH_MAX)
		error = PLAN_ERROR_NUMBER;
	if (error == PLAN_OK)
		service->depth = (uint32_t)value;
	return error;
}

static enum plan_error on_stack(struct plan_service *service,
				const struct line *line)
{
	return service->stack_pages
		       ? PLAN_ERROR_TWICE
		       : number(&line->words[1], &service->stack_pages);
}

static enum plan_error on_notify(struct plan_service *service,
				 const struct line *line)
{
	(void)line;
	if (service->notify)
		return PLAN_ERROR_TWICE;
	service->notify = true;
	return PLAN_OK;
}

static enum plan_error on_restart(struct plan_service *service,
				  const struct line *line)
{
	if (service->restart_never)
		return PLAN_ERROR_TWICE;
	if (!word_is(&line->words[1], "never"))
		return PLAN_ERROR_WORD;
	service->restart_never = true;
	return PLAN_OK;
}

static enum plan_error on_when(struct plan_service *service,
			       const struct line *line)
{
	if (service->when.size)
		return PLAN_ERROR_TWICE;
	service->when = line->words[1];
	return PLAN_OK;
}

static enum plan_error on_unless(struct plan_service *service,
				 const struct line *line)
{
	if (service->unless.size)
		return PLAN_ERROR_TWICE;
	service->unless = line->words[1];
	return PLAN_OK;
}

static enum plan_error on_arguments(struct plan_service *service,
				    const struct line *line)
{
	if (service->argument_count)
		return PLAN_ERROR_TWICE;
	if (line->count - 1 > PLAN_ARGUMENTS_MAX)
		return PLAN_ERROR_ARGUMENTS;
	for (unsigned i = 1; i < line->count; i++)
		service->arguments[service->argument_count++] = line->words[i];
	return PLAN_OK;
}

struct right_name {
	const char *name;
	uint32_t bit;
};

static const struct right_name line_rights[] = {
	{ "read", NX_RIGHT_READ },
	{ "write", NX_RIGHT_WRITE },
	{ "manage", NX_RIGHT_MANAGE },
	{ NULL, 0 },
};

static const struct right_name service_rights[] = {
#define PROTO_RIGHT(bit, upper, lower, text) { #lower, PROTO_##upper },
#include <proto/rights.def>
#undef PROTO_RIGHT
	{ NULL, 0 },
};

static enum plan_error rights(const struct line *line, unsigned first,
			      const struct right_name *names, uint32_t *out)
{
	for (unsigned i = first; i < line->count; i++) {
		const struct right_name *row = names;

		while (row->name && !word_is(&line->words[i], row->name))
			row++;
		if (!row->name || (*out & row->bit))
			return PLAN_ERROR_RIGHT;
		*out |= row->bit;
	}
	return PLAN_OK;
}

/* Each kind: its word, how many words it has at least and at most, which of
 * them is a name or path, and the names of its rights. */
static const struct grant_row {
	const char *name;
	enum plan_grant_kind kind;
	unsigned least;
	unsigned most;
	const struct right_name *rights;
} grant_rows[] = {
	{ "debug-line", PLAN_DEBUG_LINE, 3, 5, line_rights },
	{ "boot-package", PLAN_BOOT_PACKAGE, 2, 2, NULL },
	{ "package", PLAN_PACKAGE, 3, 3, NULL },
	{ "machine-job", PLAN_MACHINE_JOB, 2, 2, NULL },
	{ "system", PLAN_SYSTEM, 2, WORDS_MAX, service_rights },
	{ "service", PLAN_SERVICE, 3, WORDS_MAX, service_rights },
	{ "window", PLAN_WINDOW, 4, 4, NULL },
	{ "line", PLAN_LINE, 3, 3, NULL },
	{ "dma", PLAN_DMA, 3, 3, NULL },
};

#define GRANT_ROWS (sizeof(grant_rows) / sizeof(grant_rows[0]))

/* Whole pages, and not so many that a sum could wrap. */
static enum plan_error pages(const struct plan_word *word, uint64_t *out_value)
{
	uint64_t value = 0;

	if (word->size < 3 || word->size > 2 + ADDRESS_DIGITS_MAX ||
	    word->text[0] != '0' || word->text[1] != 'x')
		return PLAN_ERROR_ADDRESS;
	for (size_t i = 2; i < word->size; i++) {
		char c = word->text[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return PLAN_ERROR_ADDRESS;
	}
	*out_value = value;
	return value % NX_PAGE_SIZE == 0 ? PLAN_OK : PLAN_ERROR_ADDRESS;
}

static enum plan_error fill_device(struct plan_grant *grant,
				   const struct line *line)
{
	enum plan_error error;

	if (grant->kind == PLAN_LINE) {
		error = number(&line->words[2], &grant->number);
		return error == PLAN_OK && grant->number >= NX_IRQ_VIRTUAL
			       ? PLAN_ERROR_NUMBER
			       : error;
	}
	error = pages(&line->words[2], &grant->number);
	if (error == PLAN_OK && grant->kind == PLAN_WINDOW)
		error = pages(&line->words[3], &grant->size_bytes);
	return error;
}

static enum plan_error fill_grant(struct plan_grant *grant,
				  const struct grant_row *row,
				  const struct line *line)
{
	unsigned first = 2;

	grant->kind = row->kind;
	if (row->kind == PLAN_PACKAGE || row->kind == PLAN_SERVICE)
		grant->word = line->words[first++];
	if (row->kind == PLAN_PACKAGE && !path_valid(&grant->word))
		return PLAN_ERROR_PATH;
	if (row->kind == PLAN_SERVICE && !name_valid(&grant->word))
		return PLAN_ERROR_NAME;
	if (row->kind >= PLAN_WINDOW)
		return fill_device(grant, line);
	if (!row->rights)
		return PLAN_OK;
	return rights(line, first, row->rights, &grant->rights);
}

static enum plan_error on_grant(struct plan_service *service,
				const struct line *line)
{
	const struct grant_row *row = grant_rows;
	struct plan_grant *grant = &service->grants[service->grant_count];

	while (row < grant_rows + GRANT_ROWS &&
	       !word_is(&line->words[1], row->name))
		row++;
	if (row == grant_rows + GRANT_ROWS)
		return PLAN_ERROR_WORD;
	if (line->count < row->least || line->count > row->most)
		return PLAN_ERROR_COUNT;
	if (service->grant_count == PLAN_GRANTS_MAX)
		return PLAN_ERROR_GRANTS;
	service->grant_count++;
	return fill_grant(grant, row, line);
}

static const struct keyword {
	const char *name;
	unsigned least; /* words, the keyword among them */
	unsigned most;
	enum plan_error (*take)(struct plan_service *service,
				const struct line *line);
} keywords[] = {
	{ "program", 2, 2, on_program },
	{ "id", 2, 2, on_id },
	{ "quota", 4, 4, on_own_quota },
	{ "workers", 4, 4, on_workers },
	{ "serve", 2, 2, on_serve },
	{ "stack", 2, 2, on_stack },
	{ "notify", 1, 1, on_notify },
	{ "restart", 2, 2, on_restart },
	{ "when", 2, 2, on_when },
	{ "unless", 2, 2, on_unless },
	{ "arguments", 2, WORDS_MAX, on_arguments },
	{ "grant", 2, WORDS_MAX, on_grant },
};

#define KEYWORD_COUNT (sizeof(keywords) / sizeof(keywords[0]))

unsigned plan_find(const struct plan *plan, const char *name, size_t size)
{
	unsigned i = 0;

	while (i < plan->service_count &&
	       !text_is(name, size, plan->services[i].name))
		i++;
	return i;
}

static enum plan_error open_service(struct plan *plan, const struct line *line)
{
	const struct plan_word *name = &line->words[1];
	struct plan_service *service = &plan->services[plan->service_count];

	if (line->count != 2)
		return PLAN_ERROR_COUNT;
	if (!name_valid(name))
		return PLAN_ERROR_NAME;
	if (plan_find(plan, name->text, name->size) < plan->service_count)
		return PLAN_ERROR_SAME_NAME;
	if (plan->service_count == PLAN_SERVICES_MAX)
		return PLAN_ERROR_SERVICES;
	memcpy(service->name, name->text, name->size);
	service->line = plan->line;
	plan->service_count++;
	return PLAN_OK;
}

static enum plan_error take_line(struct plan *plan, const struct line *line)
{
	const struct keyword *row = keywords;
	struct plan_service *service;
	enum plan_error error;

	if (word_is(&line->words[0], "service"))
		return open_service(plan, line);
	while (row < keywords + KEYWORD_COUNT &&
	       !word_is(&line->words[0], row->name))
		row++;
	if (row == keywords + KEYWORD_COUNT)
		return PLAN_ERROR_KEYWORD;
	if (plan->service_count == 0)
		return PLAN_ERROR_OUTSIDE;
	if (line->count < row->least || line->count > row->most)
		return PLAN_ERROR_COUNT;
	service = &plan->services[plan->service_count - 1];
	error = row->take(service, line);
	if (service->grant_count)
		service->grants[service->grant_count - 1].line = plan->line;
	return error;
}

static enum plan_error split(const char *text, size_t size, struct line *line)
{
	size_t at = 0;

	line->count = 0;
	while (at < size) {
		size_t start;

		if (text[at] == ' ' || text[at] == '\t') {
			at++;
			continue;
		}
		if (text[at] == '#' && line->count == 0)
			return PLAN_OK;
		start = at;
		while (at < size && text[at] != ' ' && text[at] != '\t') {
			if (text[at] < 0x21 || text[at] > 0x7e)
				return PLAN_ERROR_CONTROL;
			at++;
		}
		if (line->count == WORDS_MAX)
			return PLAN_ERROR_WORDS;
		line->words[line->count++] =
			(struct plan_word){ text + start, at - start };
	}
	return PLAN_OK;
}

static enum plan_error resolve(struct plan *plan, struct plan_service *service)
{
	for (unsigned i = 0; i < service->grant_count; i++) {
		struct plan_grant *grant = &service->grants[i];

		if (grant->kind != PLAN_SERVICE)
			continue;
		grant->service =
			plan_find(plan, grant->word.text, grant->word.size);
		plan->line = grant->line;
		if (grant->service == plan->service_count ||
		    plan->services[grant->service].depth == 0)
			return PLAN_ERROR_NO_SERVICE;
	}
	return PLAN_OK;
}

static enum plan_error check_whole(struct plan *plan)
{
	if (plan->service_count == 0)
		return PLAN_ERROR_EMPTY;
	for (unsigned i = 0; i < plan->service_count; i++) {
		struct plan_service *service = &plan->services[i];
		enum plan_error error;

		plan->line = service->line;
		if (!service->program[0] || !service->id ||
		    !service->quota.pages)
			return PLAN_ERROR_INCOMPLETE;
		for (unsigned k = 0; k < i; k++)
			if (plan->services[k].id == service->id)
				return PLAN_ERROR_SAME_ID;
		error = resolve(plan, service);
		if (error != PLAN_OK)
			return error;
	}
	return PLAN_OK;
}

static enum plan_error parse(struct plan *plan, const char *text, size_t size)
{
	size_t at = 0;

	while (at < size) {
		const char *end = memchr(text + at, '\n', size - at);
		struct line line;
		enum plan_error error;

		plan->line++;
		if (!end)
			return PLAN_ERROR_LINE_END;
		error = split(text + at, (size_t)(end - text) - at, &line);
		if (error == PLAN_OK && line.count)
			error = take_line(plan, &line);
		if (error != PLAN_OK)
			return error;
		at = (size_t)(end - text) + 1;
	}
	return check_whole(plan);
}

enum plan_error plan_parse(struct plan *plan, const char *text,
			   size_t size_bytes)
{
	memset(plan, 0, sizeof(*plan));
	plan->error = parse(plan, text, size_bytes);
	return plan->error;
}

const char *plan_sentence(enum plan_error error)
{
	static const char *const sentences[] = {
		[PLAN_OK] = "the plan is sound",
#define PLAN_ERROR(name, text) [PLAN_ERROR_##name] = text,
#include "plan.def"
#undef PLAN_ERROR
	};

	if ((size_t)error >= sizeof(sentences) / sizeof(sentences[0]))
		return "?";
	return sentences[error];
}
