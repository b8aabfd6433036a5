/* SPDX-License-Identifier: BSD-2-Clause
 * The system plan: the one that the machine boots with is sound, and every
 * error of plan.def has a text that provokes it, with its line.
 */
#include "init/plan.h"

#include "support/tap.h"

#include <nexus/rights.h>
#include <proto/proto.h>
#include <stdlib.h>

#define HEAD "service a\nprogram /a\nid 2\nquota 1 1 1\n"

static struct plan parsed;

static void refused(const char *text, enum plan_error error, unsigned line,
		    const char *sentence)
{
	enum plan_error got = plan_parse(&parsed, text, strlen(text));

	ok(got == error && parsed.line == line, "%s: line %u, %s", sentence,
	   line, plan_sentence(error));
	if (got != error || parsed.line != line)
		diag("got line %u, %s", parsed.line, plan_sentence(got));
}

static const struct refusal {
	const char *text;
	enum plan_error error;
	unsigned line;
	const char *sentence;
} refusals[] = {
	{ "", PLAN_ERROR_EMPTY, 0, "no text" },
	{ "# only a comment\n\n", PLAN_ERROR_EMPTY, 2, "no service" },
	{ "service a\x7f\n", PLAN_ERROR_CONTROL, 1, "a control byte" },
	{ "service \xc3\xbc\n", PLAN_ERROR_CONTROL, 1, "no ASCII" },
	{ HEAD "notify", PLAN_ERROR_LINE_END, 5, "an open line" },
	{ "a b c d e f g h i j k l m n o p q\n", PLAN_ERROR_WORDS, 1,
	  "17 words" },
	{ HEAD "color red\n", PLAN_ERROR_KEYWORD, 5, "a new keyword" },
	{ "id 1\n", PLAN_ERROR_OUTSIDE, 1, "before a service" },
	{ HEAD "serve\n", PLAN_ERROR_COUNT, 5, "a word too few" },
	{ HEAD "serve 1 2\n", PLAN_ERROR_COUNT, 5, "a word too many" },
	{ "service a b\n", PLAN_ERROR_COUNT, 1, "two names" },
	{ HEAD "id 2\n", PLAN_ERROR_TWICE, 5, "two ids" },
	{ HEAD "notify\nnotify\n", PLAN_ERROR_TWICE, 6, "notify twice" },
	{ "service A\n", PLAN_ERROR_NAME, 1, "a capital" },
	{ "service abcdefghijklmnopq\n", PLAN_ERROR_NAME, 1, "17 letters" },
	{ HEAD HEAD, PLAN_ERROR_SAME_NAME, 5, "a name twice" },
	{ HEAD "service b\nprogram /b\nid 2\nquota 1 1 1\n", PLAN_ERROR_SAME_ID,
	  5, "an id twice" },
	{ "service a\nid 1\n", PLAN_ERROR_NUMBER, 2, "the id of init" },
	{ "service a\nid 65536\n", PLAN_ERROR_NUMBER, 2,
	  "the id of a program of execd" },
	{ HEAD "serve 0\n", PLAN_ERROR_NUMBER, 5, "depth 0" },
	{ HEAD "serve 257\n", PLAN_ERROR_NUMBER, 5, "depth 257" },
	{ HEAD "stack 1000000001\n", PLAN_ERROR_NUMBER, 5, "over 10^9" },
	{ HEAD "stack -1\n", PLAN_ERROR_NUMBER, 5, "a sign" },
	{ HEAD "grant window 0x1000\n", PLAN_ERROR_COUNT, 5,
	  "a window of no size" },
	{ HEAD "grant window 10001000 0x1000\n", PLAN_ERROR_ADDRESS, 5,
	  "an address that is not hexadecimal" },
	{ HEAD "grant window 0x 0x1000\n", PLAN_ERROR_ADDRESS, 5,
	  "an address without digits" },
	{ HEAD "grant window 0x1000100G 0x1000\n", PLAN_ERROR_ADDRESS, 5,
	  "an address with another letter" },
	{ HEAD "grant window 0x1000 0x800\n", PLAN_ERROR_ADDRESS, 5,
	  "half a page" },
	{ HEAD "grant dma 0x10001010\n", PLAN_ERROR_ADDRESS, 5,
	  "a device inside a page" },
	{ HEAD "grant dma 0x100000000000000\n", PLAN_ERROR_ADDRESS, 5,
	  "an address that no machine has" },
	{ HEAD "grant line 0\n", PLAN_ERROR_NUMBER, 5, "line 0" },
	{ HEAD "grant line 1024\n", PLAN_ERROR_NUMBER, 5,
	  "a line without a device" },
	{ "service a\nprogram a\n", PLAN_ERROR_PATH, 2, "no slash" },
	{ HEAD "grant package /\n", PLAN_ERROR_PATH, 5, "only a slash" },
	{ HEAD "restart always\n", PLAN_ERROR_WORD, 5, "restart always" },
	{ HEAD "grant the-moon\n", PLAN_ERROR_WORD, 5, "a new grant" },
	{ HEAD "grant debug-line eat\n", PLAN_ERROR_RIGHT, 5, "a new right" },
	{ HEAD "grant debug-line read read\n", PLAN_ERROR_RIGHT, 5,
	  "a right twice" },
	{ HEAD "arguments 1 2 3 4 5 6 7 8 9\n", PLAN_ERROR_ARGUMENTS, 5,
	  "nine arguments" },
	{ "service a\nid 2\nquota 1 1 1\n", PLAN_ERROR_INCOMPLETE, 1,
	  "no program" },
	{ HEAD "grant service b read\n", PLAN_ERROR_NO_SERVICE, 5,
	  "a service that is not there" },
	{ HEAD "grant service a read\n", PLAN_ERROR_NO_SERVICE, 5,
	  "a service that does not serve" },
};

static void test_errors(void)
{
	for (unsigned i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refused(refusals[i].text, refusals[i].error, refusals[i].line,
			refusals[i].sentence);
}

static void test_limits(void)
{
	char text[4096];
	size_t used = 0;

	for (unsigned i = 0; i < PLAN_SERVICES_MAX + 1; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "service a%u\nprogram /a\nid %u\n"
					 "quota 1 1 1\n",
					 i, i + 2);
	refused(text, PLAN_ERROR_SERVICES, PLAN_SERVICES_MAX * 4 + 1,
		"a service too many");
	used = (size_t)snprintf(text, sizeof(text), HEAD);
	for (unsigned i = 0; i < PLAN_GRANTS_MAX + 1; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "grant machine-job\n");
	refused(text, PLAN_ERROR_GRANTS, 5 + PLAN_GRANTS_MAX,
		"a grant too many");
}

static void test_sound(void)
{
	static const char text[] =
		HEAD "serve 4\nworkers 5 6 7\nwhen x\nunless y\nstack 3\n"
		     "notify\nrestart never\narguments one boot\n"
		     "grant debug-line write manage\ngrant boot-package\n"
		     "grant package /p\ngrant machine-job\n"
		     "grant system reset\ngrant service a read splice\n"
		     "grant window 0x10001000 0x2000\ngrant line 9\n"
		     "grant dma 0x10001000\n";
	const struct plan_service *service = &parsed.services[0];

	ok(plan_parse(&parsed, text, sizeof(text) - 1) == PLAN_OK &&
		   parsed.service_count == 1,
	   "every keyword is taken");
	ok(service->depth == 4 && service->workers.handles == 6 &&
		   service->stack_pages == 3 && service->notify &&
		   service->restart_never && service->argument_count == 2 &&
		   service->grant_count == 9,
	   "with its values");
	is_u64(service->grants[0].rights, NX_RIGHT_WRITE | NX_RIGHT_MANAGE,
	       "rights of the debug line are the kernel's");
	ok(service->grants[5].rights == (PROTO_READ | PROTO_SPLICE) &&
		   service->grants[5].service == 0,
	   "rights at a service are the badge's");
	ok(service->grants[6].number == 0x10001000 &&
		   service->grants[6].size_bytes == 0x2000 &&
		   service->grants[7].number == 9 &&
		   service->grants[8].kind == PLAN_DMA &&
		   service->grants[8].number == 0x10001000,
	   "a device is known by its place and its line");
}

/* The real one, and no cut or changed copy of it does any harm. */
static void test_shipped(void)
{
	const char *top = getenv("top_srcdir");
	char path[4096], text[8192];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/services/system.plan",
		 top ? top : "..");
	file = fopen(path, "rb");
	size = file ? fread(text, 1, sizeof(text), file) : 0;
	if (file)
		fclose(file);
	ok(size > 0 && plan_parse(&parsed, text, size) == PLAN_OK,
	   "the plan that the machine boots with is sound");
	for (size_t cut = 0; cut < size; cut++) {
		plan_parse(&parsed, text, cut);
		text[cut] ^= 1;
		plan_parse(&parsed, text, size);
		text[cut] ^= 1;
	}
	pass("copies of it, cut or with a bit changed, are decided as well");
}

int main(void)
{
	plan(51);
	test_errors();
	test_limits();
	test_sound();
	test_shipped();
	return done();
}
