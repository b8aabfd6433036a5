/* SPDX-License-Identifier: BSD-2-Clause */
/* The cheapest calls: what it costs to enter the kernel and to leave it. */
#include "bench.h"

struct bare_call {
	uint64_t number;
	nx_status_t status; /* that it must return */
	struct nx_registers registers;
};

static uint64_t bare_call(void *subject)
{
	const struct bare_call *call = subject;
	struct nx_registers registers = call->registers;
	struct bench_span span;

	if (bench_trap(call->number, &registers, &span) != call->status)
		return BENCH_FAILED;
	return span.to - span.from;
}

static void unknown(struct test *test)
{
	struct bare_call call = { .number = 1000, .status = NX_ERR_BAD_CALL };

	bench_run(test, "kernel.call.unknown", bare_call, &call);
}

static void yield(struct test *test)
{
	struct bare_call call = { .number = NX_SYS_yield };

	bench_run(test, "kernel.yield.alone", bare_call, &call);
}

static void signal_nobody(struct test *test)
{
	nx_event_t event = new_event();
	struct bare_call call = { .number = NX_SYS_signal,
				  .registers = { { event.handle, 1 } } };

	bench_run(test, "kernel.signal.nobody", bare_call, &call);
	nx_handle_close(event.handle);
}

static void poll(struct test *test)
{
	nx_event_t event = new_event();
	struct bare_call call = { .number = NX_SYS_wait,
				  .status = NX_ERR_TIMED_OUT,
				  .registers = { { event.handle, 1,
						   NX_DEADLINE_NOW } } };

	bench_run(test, "kernel.poll.empty", bare_call, &call);
	nx_handle_close(event.handle);
}

static void info(struct test *test)
{
	struct bare_call call = { .number = NX_SYS_handle_info,
				  .registers = { { test->sleep.handle } } };

	bench_run(test, "kernel.handle_info", bare_call, &call);
}

struct copied_handle {
	nx_handle_t source;
	bool close; /* count the close, not the copy */
};

static uint64_t copy_handle(void *subject)
{
	const struct copied_handle *copied = subject;
	struct nx_registers dup = { { copied->source, NX_RIGHTS_SAME } };
	struct nx_registers close = { { 0 } };
	struct bench_span copy, closing;

	if (bench_trap(NX_SYS_handle_dup, &dup, &copy) != NX_OK)
		return BENCH_FAILED;
	close.a[0] = dup.a[0];
	if (bench_trap(NX_SYS_handle_close, &close, &closing) != NX_OK)
		return BENCH_FAILED;
	return copied->close ? closing.to - closing.from : copy.to - copy.from;
}

static void handles(struct test *test)
{
	struct copied_handle copied = { .source = test->sleep.handle };

	bench_run(test, "kernel.handle.dup", copy_handle, &copied);
	copied.close = true;
	bench_run(test, "kernel.handle.close", copy_handle, &copied);
}

const struct system_case system_cases[] = {
	{ "unknown", unknown }, { "signal", signal_nobody },
	{ "poll", poll },	{ "yield", yield },
	{ "info", info },	{ "handles", handles },
	{ NULL, NULL },
};
