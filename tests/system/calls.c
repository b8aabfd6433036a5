/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of calls is expanded here a further time. What an argument needs
 * in order to be right goes by its name in the table. */
#include "calls.h"

#include <string.h>

enum {
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	KIND_OF_##lower = NX_KIND_##upper,
#include <nexus/objects.def>
#undef NX_OBJECT
	KIND_OF_client = NX_KIND_PORT
};

#define ROW_IN(n, type, name) { #name, #type, 0, n },
#define ROW_IN_H(n, kind, name) { #name, NULL, KIND_OF_##kind, n },
#define ROW_IN_P(n, type, name) { #name, #type " *", 0, n },
#define ROW_OUT(n, type, name)
#define ROW_OUT_H(n, kind, name)

const struct call_row call_rows[] = {
#define NX_CALL(number, name, ...)                                             \
	{ #name, number, 0, false, { NX_EACH(ROW_, __VA_ARGS__) } },
#define NX_MESSAGE(number, name, since, kind)                                  \
	{ #name, number, 0, true, { { "to", NULL, KIND_OF_##kind, 0 } } },
#define NX_OP(control, number, name, ...)                                      \
	{ #name,                                                               \
	  NX_SYS_##control,                                                    \
	  number,                                                              \
	  false,                                                               \
	  { NX_EACH(ROW_, __VA_ARGS__) } },
#include <nexus/syscalls.def>
};

const unsigned call_row_count = ARRAY_COUNT(call_rows);

bool names_equal(const char *left, const char *right)
{
	return strcmp(left, right) == 0;
}

enum argument_class argument_class(const struct call_argument *argument)
{
	if (!argument->name)
		return ARGUMENT_NONE;
	if (!argument->type)
		return ARGUMENT_HANDLE;
	if (names_equal(argument->type, "nx_handle_t"))
		return ARGUMENT_ANY_HANDLE;
	if (names_equal(argument->type, "nx_uaddr_t"))
		return ARGUMENT_ADDRESS;
	if (names_equal(argument->type, "const void *") ||
	    names_equal(argument->type, "const struct nx_filter_rules *"))
		return ARGUMENT_SOURCE;
	if (names_equal(argument->type, "void *") ||
	    names_equal(argument->type, "struct nx_dma_run *"))
		return ARGUMENT_TARGET;
	return ARGUMENT_NUMBER;
}

static const struct {
	const char *name;
	uint64_t value;
} numbers[] = {
	{ "code", 1 }, /* whatever ends by it is seen to end wrongly */
	{ "mask", 1 },
	{ "allowed", 1 },
	{ "bits", 1 },
	{ "rights", NX_RIGHTS_SAME },
	{ "depth", 1 },
	{ "size_bytes", 64 },
	{ "options", NX_MAP_READ },
	{ "access", NX_MAP_READ },
	{ "seals", NX_SEAL_SEAL },
	{ "pages", 16 },
	{ "handles", 4 },
	{ "threads", 1 },
	{ "exit_bits", 1 },
	{ "crash_bits", 2 },
	{ "qos_class", NX_QOS_NORMAL },
	{ "ceiling", NX_QOS_NORMAL },
	{ "share", NX_SHARE_DEFAULT },
	{ "shares", NX_SHARE_DEFAULT },
	{ "limit_ns", NX_PERIOD_MIN_NS },
	{ "period_ns", NX_PERIOD_MIN_NS },
	{ "counter", NX_COUNTER_CALLS },
	{ "events", NX_TRACE_FAULT },
	{ "reason", NX_SLOW_FRAME },
	{ "line", NX_IRQ_VIRTUAL },
	{ "capacity", 1 },
	{ "deadline_ns", NX_DEADLINE_NOW },
};

static uint64_t number_for(const struct call_row *row, const char *name)
{
	bool pages = row->number == NX_SYS_map ||
		     row->number == NX_SYS_mmio_ctl ||
		     row->number == NX_SYS_dma_ctl ||
		     row->number == NX_SYS_unmap_protect ||
		     (row->number == NX_SYS_vmo_ctl &&
		      (row->operation == NX_OP_vmo_commit ||
		       row->operation == NX_OP_vmo_decommit));

	if (pages && names_equal(name, "size_bytes"))
		return NX_PAGE_SIZE;
	if (row->number == NX_SYS_vmo_ctl && row->operation == NX_OP_vmo_resize)
		return 2 * NX_PAGE_SIZE;
	for (unsigned i = 0; i < ARRAY_COUNT(numbers); i++)
		if (names_equal(numbers[i].name, name))
			return numbers[i].value;
	return 0;
}

static uint64_t value_for(const struct fixture *fixture,
			  const struct call_row *row,
			  const struct call_argument *argument)
{
	switch (argument_class(argument)) {
	case ARGUMENT_HANDLE:
		if (names_equal(row->name, "job_reset") ||
		    (names_equal(row->name, "job_set_shares") &&
		     names_equal(argument->name, "parent")))
			return fixture->root.handle;
		return fixture->handles[argument->kind];
	case ARGUMENT_ANY_HANDLE:
		if (row->number == NX_SYS_task_kill ||
		    row->number == NX_SYS_filter_install)
			return fixture->handles[NX_KIND_THREAD];
		return fixture->handles[NX_KIND_PORT];
	case ARGUMENT_SOURCE:
	case ARGUMENT_TARGET:
		return fixture->page;
	default:
		return number_for(row, argument->name);
	}
}

void fixture_registers(const struct fixture *fixture,
		       const struct call_row *row,
		       struct nx_registers *out_registers)
{
	memset(out_registers, 0, sizeof(*out_registers));
	if (row->is_message && row->number != NX_SYS_reply)
		out_registers->a[1] = NX_HEADER_NONBLOCK;
	else if (row->operation > 0)
		out_registers->a[1] = row->operation;
	for (unsigned i = 0; row->arguments[i].name; i++)
		out_registers->a[row->arguments[i].place] =
			value_for(fixture, row, &row->arguments[i]);
}

static nx_status_t make_tasks(struct test *test, struct fixture *fixture)
{
	nx_job_t job;
	nx_process_t process;
	nx_thread_t thread;
	nx_budget_t budget;
	nx_status_t status;

	status = nx_job_create(test->job, 256, 64, 8, &job);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_JOB] = job.handle;
	status = nx_process_create(job, 0, 0, 0, &process);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_PROCESS] = process.handle;
	status = nx_thread_create(process, (nx_budget_t){ 0 }, &thread);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_THREAD] = thread.handle;
	nx_job_set_shares(test->job, job, NX_SHARE_MAX);
	status =
		nx_budget_create(job, NX_QOS_NORMAL, NX_SHARE_DEFAULT, &budget);
	if (status == NX_OK)
		fixture->handles[NX_KIND_BUDGET] = budget.handle;
	return status;
}

static nx_status_t make_things(struct test *test, struct fixture *fixture)
{
	const nx_job_t own = { 0 };
	const nx_process_t here = { 0 };
	nx_port_t port;
	nx_event_t event;
	nx_vmo_t vmo;
	nx_mmio_t window;
	nx_irq_t line;
	nx_dma_t device;
	nx_status_t status;

	status = nx_mmio_narrow(test->mmio, DEVICE_PAGE + NX_PAGE_SIZE,
				NX_PAGE_SIZE, &window);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_MMIO] = window.handle;
	status = nx_irq_narrow(test->irq, NX_IRQ_VIRTUAL, &line);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_IRQ] = line.handle;
	status = nx_dma_narrow(test->dma, DEVICE_PAGE + NX_PAGE_SIZE,
			       NX_DMA_TRUSTED, &device);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_DMA] = device.handle;
	status = nx_port_create(own, 4, &port);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_PORT] = port.handle;
	status = nx_event_create(own, &event);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_EVENT] = event.handle;
	status = nx_vmo_create(own, NX_PAGE_SIZE, &vmo);
	if (status != NX_OK)
		return status;
	fixture->handles[NX_KIND_VMO] = vmo.handle;
	status = nx_map(here, vmo, 0, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE,
			0, &fixture->page);
	if (status != NX_OK)
		return status;
	status = nx_handle_dup(test->trace.handle, NX_RIGHTS_SAME, 0, here,
			       &fixture->handles[NX_KIND_TRACE]);
	if (status != NX_OK)
		return status;
	return nx_handle_dup(event.handle, NX_RIGHTS_SAME, 0, here,
			     &fixture->stale);
}

bool fixture_make(struct test *test, struct fixture *fixture)
{
	nx_status_t status;

	memset(fixture, 0, sizeof(*fixture));
	fixture->root = test->job;
	fixture->devices = test->dma;
	status = make_tasks(test, fixture);
	if (status == NX_OK)
		status = make_things(test, fixture);
	if (status == NX_OK) {
		nx_handle_close(fixture->stale);
		return true;
	}
	fixture_drop(fixture);
	return check_status(test, status, NX_OK, "the fixture is made");
}

/* A call that went well may have pinned something. */
static void drop_device(struct fixture *fixture)
{
	const nx_mmio_t window = { fixture->handles[NX_KIND_MMIO] };
	nx_dma_t device;
	uint64_t pages;

	nx_handle_close(fixture->handles[NX_KIND_DMA]);
	fixture->handles[NX_KIND_DMA] = NX_HANDLE_NONE;
	if (nx_dma_narrow(fixture->devices, DEVICE_PAGE + NX_PAGE_SIZE,
			  NX_DMA_TRUSTED, &device) != NX_OK)
		return;
	nx_dma_reset(device, window, &pages);
	nx_handle_close(device.handle);
}

void fixture_drop(struct fixture *fixture)
{
	const nx_process_t here = { 0 };

	if (fixture->page)
		nx_unmap_protect(here, fixture->page, NX_PAGE_SIZE, 0);
	if (fixture->handles[NX_KIND_JOB])
		nx_task_kill(fixture->handles[NX_KIND_JOB], 0);
	if (fixture->handles[NX_KIND_DMA])
		drop_device(fixture);
	for (unsigned i = 0; i < ARRAY_COUNT(fixture->handles); i++)
		if (fixture->handles[i])
			nx_handle_close(fixture->handles[i]);
}
