/* SPDX-License-Identifier: BSD-2-Clause */
/* The first process: read the startup record, run the cases, print what was
 * seen, compare the machine before and after, stop it. */
#include "report.h"

#include <crt/text.h>

#include <stdarg.h>
#include <string.h>

static void print(nx_trace_t trace, const char *text, size_t size_bytes)
{
	nx_debug_write(trace, text, size_bytes);
}

__attribute__((format(printf, 3, 0))) static void line(const struct test *test,
						       const char *head,
						       const char *format,
						       va_list args)
{
	char text[NX_DEBUG_WRITE_MAX];
	size_t size = text_format(text, sizeof(text) - 1, "%s", head);

	size += text_format_list(text + size, sizeof(text) - 1 - size, format,
				 args);
	text[size++] = '\n';
	print(test->trace, text, size);
}

void remark(const struct test *test, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(test, "# ", format, args);
	va_end(args);
}

__attribute__((format(printf, 3, 0))) static bool
report(struct test *test, bool condition, const char *sentence, va_list args)
{
	char head[32];

	test->run++;
	if (!condition)
		test->failed++;
	text_format(head, sizeof(head), "%sok %u - ", condition ? "" : "not ",
		    test->run);
	line(test, head, sentence, args);
	return condition;
}

bool check(struct test *test, bool condition, const char *sentence, ...)
{
	va_list args;

	va_start(args, sentence);
	report(test, condition, sentence, args);
	va_end(args);
	return condition;
}

bool check_status(struct test *test, nx_status_t status, nx_status_t wanted,
		  const char *sentence, ...)
{
	va_list args;

	va_start(args, sentence);
	report(test, status == wanted, sentence, args);
	va_end(args);
	if (status != wanted)
		remark(test, "got %d, wanted %d", status, wanted);
	return status == wanted;
}

uint64_t now_ns(const struct test *test)
{
	uint64_t ticks = nx_ticks();
	uint64_t rate = test->ticks_per_second;

	return ticks / rate * UINT64_C(1000000000) +
	       ticks % rate * UINT64_C(1000000000) / rate;
}

void sleep_ns(struct test *test, uint64_t ns)
{
	uint64_t bits;

	nx_yield();
	if (ns > 0)
		nx_wait(test->sleep, 1, now_ns(test) + ns, &bits);
}

uint64_t machine_counter(const struct test *test, uint32_t counter)
{
	uint64_t value = UINT64_MAX;

	nx_counter_read(test->trace, counter, &value);
	return value;
}

static const struct {
	uint32_t counter;
	const char *name;
} leaks[] = {
	{ NX_COUNTER_PAGES_FREE, "free pages" },
	{ NX_COUNTER_HANDLES, "handles" },
	{ NX_COUNTER_OBJECTS, "objects" },
	{ NX_COUNTER_MAPPINGS, "mappings" },
};

static void measure(const struct test *test, uint64_t *out_values)
{
	for (unsigned i = 0; i < ARRAY_COUNT(leaks); i++)
		out_values[i] = machine_counter(test, leaks[i].counter);
}

/* What was killed may be cleared away a little later. */
static void measure_after(struct test *test, const uint64_t *before,
			  uint64_t *after)
{
	size_t size_bytes = sizeof(uint64_t) * ARRAY_COUNT(leaks);

	measure(test, after);
	for (unsigned i = 0; i < 5 && memcmp(before, after, size_bytes); i++) {
		sleep_ns(test, 1000000);
		measure(test, after);
	}
}

static void run_case(struct test *test, const struct system_case *row)
{
	uint64_t before[ARRAY_COUNT(leaks)], after[ARRAY_COUNT(leaks)];
	bool same = true;

	measure(test, before);
	row->run(test);
	measure_after(test, before, after);
	for (unsigned i = 0; i < ARRAY_COUNT(leaks); i++)
		same = same && before[i] == after[i];
	check(test, same, "%s: nothing is left behind", row->name);
	for (unsigned i = 0; i < ARRAY_COUNT(leaks); i++)
		if (before[i] != after[i])
			remark(test, "%s: %lu before, %lu after", leaks[i].name,
			       (unsigned long)before[i],
			       (unsigned long)after[i]);
}

static nx_handle_t find_role(const struct nx_startup *startup, uint32_t role)
{
	for (unsigned i = 0; i < startup->handle_count; i++)
		if (startup->handles[i].role == role)
			return startup->handles[i].handle;
	return NX_HANDLE_NONE;
}

static bool begin(struct test *test, nx_handle_t startup_handle,
		  uint64_t buffer)
{
	struct nx_startup startup;
	nx_vmo_t vmo = { startup_handle };

	memset(test, 0, sizeof(*test));
	if (nx_vmo_read(vmo, 0, &startup, sizeof(startup)) != NX_OK)
		return false;
	test->process.handle = find_role(&startup, NX_ROLE_PROCESS);
	test->job.handle = find_role(&startup, NX_ROLE_JOB);
	test->trace.handle = find_role(&startup, NX_ROLE_TRACE);
	test->mmio.handle = find_role(&startup, NX_ROLE_MMIO);
	test->irq.handle = find_role(&startup, NX_ROLE_IRQ);
	test->dma.handle = find_role(&startup, NX_ROLE_DMA);
	test->package.handle = find_role(&startup, NX_ROLE_BOOT_PACKAGE);
	test->buffer = (struct nx_message_buffer *)(uintptr_t)buffer;
	test->ticks_per_second = startup.ticks_per_second;
	test->memory_bytes = startup.memory_bytes;
	test->service_id = startup.service_id;
	return nx_event_create((nx_job_t){ 0 }, &test->sleep) == NX_OK;
}

void system_start(uint64_t startup, uint64_t buffer)
{
	struct test test;
	char plan[16];

	if (begin(&test, (nx_handle_t)startup, buffer)) {
		for (unsigned i = 0; system_cases[i].name; i++)
			run_case(&test, &system_cases[i]);
		remark(&test, "fast_calls %lu",
		       (unsigned long)machine_counter(&test,
						      NX_COUNTER_FAST_CALLS));
		print(test.trace, plan,
		      text_format(plan, sizeof(plan), "1..%u\n", test.run));
		nx_job_reset(test.job, NX_RESET_SHUTDOWN, test.failed != 0);
	}
	for (;;)
		nx_exit(1, 1);
}
