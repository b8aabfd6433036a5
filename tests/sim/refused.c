/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the machine that is short at one moment: each call is made again
 * and again, and the first, second, third... allocation in it is refused. It
 * must say NO_MEMORY, and leave the machine as it was. On the machine that
 * cannot be had, for nobody is given pages that are not there. And what is
 * typed is not lost to whoever reads it to wild memory. */
#include "support/refuse.h"
#include "system/calls.h"
#include "system/use.h"

#include <string.h>

#define ALLOCATIONS_MAX 40

/* So many allocations until one is refused; 0: none is. */
static unsigned countdown;

static bool refuses(void)
{
	return countdown > 0 && --countdown == 0;
}

/* What a call has made. Numbers below the first handle name nothing. */
static void undo(struct test *test, const struct call_row *row,
		 const struct nx_registers *registers)
{
	if (row->number == NX_SYS_trace_ctl)
		nx_trace_stop(test->trace);
	nx_task_kill((nx_handle_t)registers->a[0], 0);
	nx_handle_close((nx_handle_t)registers->a[0]);
}

/* One call with allocation `refused` failing; false: it makes fewer. */
static bool attempt(struct test *test, const struct call_row *row,
		    unsigned refused, nx_status_t *out_status)
{
	struct fixture fixture;
	struct nx_registers registers;
	bool was_refused;

	if (!fixture_make(test, &fixture))
		return false;
	fixture_registers(&fixture, row, &registers);
	/* What is printed is text. */
	memset((void *)(uintptr_t)fixture.page, '#', 63);
	memset((void *)(uintptr_t)(fixture.page + 63), '\n', 1);
	if (row->number == NX_SYS_send)
		registers.a[1] = nx_header(1, 1024, 0, NX_HEADER_NONBLOCK);
	if (row->number == NX_SYS_handle_dup)
		registers.a[3] = NX_HANDLE_NONE;
	if (row->number == NX_SYS_filter_install)
		nx_filter_init((void *)(uintptr_t)fixture.page);
	if (names_equal(row->name, "mmio_narrow")) {
		registers.a[0] = test->mmio.handle;
		registers.a[2] = DEVICE_PAGE;
	}
	if (names_equal(row->name, "irq_narrow")) {
		registers.a[0] = test->irq.handle;
		registers.a[2] = NX_IRQ_VIRTUAL + 1;
	}
	if (names_equal(row->name, "dma_narrow")) {
		registers.a[0] = test->dma.handle;
		registers.a[2] = DEVICE_PAGE;
	}
	countdown = refused;
	*out_status = nx_trap(row->number, &registers);
	was_refused = refused > 0 && countdown == 0;
	countdown = 0;
	if (*out_status == NX_OK)
		undo(test, row, &registers);
	fixture_drop(&fixture);
	return was_refused;
}

static const uint32_t counted[] = { NX_COUNTER_PAGES_FREE, NX_COUNTER_HANDLES,
				    NX_COUNTER_OBJECTS, NX_COUNTER_MAPPINGS };

static void measure(const struct test *test, uint64_t *values)
{
	for (unsigned i = 0; i < ARRAY_COUNT(counted); i++)
		values[i] = machine_counter(test, counted[i]);
}

static void each_allocation(struct test *test, const struct call_row *row)
{
	uint64_t before[ARRAY_COUNT(counted)], after[ARRAY_COUNT(counted)];
	nx_status_t status;
	bool all = true;
	unsigned count = 1;

	/* What a process keeps for good is made now. */
	attempt(test, row, 0, &status);
	measure(test, before);
	for (; count < ALLOCATIONS_MAX && attempt(test, row, count, &status);
	     count++)
		if (status != NX_ERR_NO_MEMORY) {
			remark(test, "%s: allocation %u: got %d", row->name,
			       count, status);
			all = false;
		}
	measure(test, after);
	if (count == 1)
		return;
	check(test, all && !memcmp(before, after, sizeof(before)),
	      "%s says NO_MEMORY: each of %u allocations refused", row->name,
	      count - 1);
}

/* Some would not come back, or end the first job when they are undone. */
static bool comes_back(const struct call_row *row)
{
	return row->number != NX_SYS_exit &&
	       !names_equal(row->name, "job_reset") &&
	       !names_equal(row->name, "job_set_shares");
}

static void allocations(struct test *test)
{
	for (unsigned i = 0; i < call_row_count; i++)
		if (comes_back(&call_rows[i]))
			each_allocation(test, &call_rows[i]);
}

static void typed(struct test *test)
{
	char byte = 0;
	uint64_t bits, count = 0;
	nx_event_t event = new_event();

	nx_debug_watch(test->trace, event, 1);
	remark(test, "type");
	nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
	check_status(test, nx_debug_read(test->trace, (void *)8, 1, &count),
		     NX_ERR_BAD_ADDRESS, "debug_read says BAD_ADDRESS: wild");
	check(test,
	      nx_debug_read(test->trace, &byte, 1, &count) == NX_OK &&
		      count == 1 && byte == 't',
	      "and the text is still there");
	while (nx_debug_read(test->trace, &byte, 1, &count) == NX_OK)
		continue;
	nx_debug_watch(test->trace, (nx_event_t){ 0 }, 0);
	nx_handle_close(event.handle);
}

const struct system_case system_cases[] = { { "allocations", allocations },
					    { "typed", typed },
					    { NULL, NULL } };
