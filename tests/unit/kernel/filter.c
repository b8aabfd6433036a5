/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters to the nanosecond: here time goes on only when the test says so.
 * How many calls a bucket lets through, what several buckets do together, and
 * what is told of refusals. */
#include "unit/kernel/fake.h"

#include <kernel/filter.h>
#include <kernel/log.h>

#include <string.h>

#define SECOND UINT64_C(1000000000)

static unsigned lines;
static char line[256];

void klog(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	lines++;
}

static struct filter *narrow(struct filter *from,
			     const struct nx_filter_rules *rules)
{
	struct filter *filter = NULL;

	if (filter_narrow(root_job, from, rules, &filter) != NX_OK)
		return NULL;
	return filter;
}

static struct nx_filter_rules rated(unsigned rate, uint32_t per_second,
				    uint32_t burst)
{
	struct nx_filter_rules rules;

	nx_filter_init(&rules);
	rules.rates[rate] = (struct nx_rate){ per_second, burst };
	return rules;
}

static nx_status_t ask(struct filter *filter, uint64_t call, uint64_t operation)
{
	const struct nx_registers registers = { { 0, operation } };

	return filter_admit(filter, call, &registers);
}

/* How many calls are let through at this moment. */
static unsigned passes(struct filter *filter, uint64_t call, uint64_t operation)
{
	unsigned count = 0;

	while (count < 1000 && ask(filter, call, operation) == NX_OK)
		count++;
	return count;
}

static const struct {
	const char *name;
	unsigned rate;
	uint32_t call, operation;
	uint32_t other; /* a call that another rate is about */
} kinds[] = {
	{ "call", NX_RATE_CALL, NX_SYS_call, 0, NX_SYS_send },
	{ "send", NX_RATE_SEND, NX_SYS_send, 0, NX_SYS_call },
	{ "port_create", NX_RATE_CREATE, NX_SYS_port_create, 0, NX_SYS_send },
	{ "event_create", NX_RATE_CREATE, NX_SYS_event_create, 0, NX_SYS_send },
	{ "process_create", NX_RATE_CREATE, NX_SYS_process_create, 0,
	  NX_SYS_send },
	{ "thread_create", NX_RATE_CREATE, NX_SYS_thread_create, 0,
	  NX_SYS_send },
	{ "vmo_create", NX_RATE_CREATE, NX_SYS_vmo_create, 0, NX_SYS_call },
	{ "vmo_slice", NX_RATE_CREATE, NX_SYS_vmo_ctl, NX_OP_vmo_slice,
	  NX_SYS_call },
	{ "vmo_snapshot", NX_RATE_CREATE, NX_SYS_vmo_ctl, NX_OP_vmo_snapshot,
	  NX_SYS_call },
	{ "vmo_contiguous", NX_RATE_CREATE, NX_SYS_vmo_ctl,
	  NX_OP_vmo_contiguous, NX_SYS_call },
	{ "mmio_narrow", NX_RATE_CREATE, NX_SYS_mmio_ctl, NX_OP_mmio_narrow,
	  NX_SYS_call },
	{ "irq_narrow", NX_RATE_CREATE, NX_SYS_irq_ctl, NX_OP_irq_narrow,
	  NX_SYS_call },
	{ "dma_narrow", NX_RATE_CREATE, NX_SYS_dma_ctl, NX_OP_dma_narrow,
	  NX_SYS_call },
	{ "job_create", NX_RATE_CREATE, NX_SYS_job_ctl, NX_OP_job_create,
	  NX_SYS_call },
	{ "budget_create", NX_RATE_CREATE, NX_SYS_sched_ctl,
	  NX_OP_budget_create, NX_SYS_call },
};

/* 10 a second, 4 at once. */
static void buckets(void)
{
	for (unsigned i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct nx_filter_rules rules = rated(kinds[i].rate, 10, 4);
		struct filter *filter = narrow(NULL, &rules);
		uint32_t call = kinds[i].call, operation = kinds[i].operation;

		fake_now_ns += 100 * SECOND;
		is_u64(passes(filter, call, operation), 4,
		       "%s: a full bucket is a burst", kinds[i].name);
		is_i64(ask(filter, call, operation), NX_ERR_THROTTLED,
		       "one more is throttled");
		is_u64(passes(filter, kinds[i].other, 0), 1000,
		       "other calls are not");
		fake_now_ns += SECOND / 10 - 1;
		is_u64(passes(filter, call, operation), 0,
		       "nor is it filled before its time");
		fake_now_ns += 1;
		is_u64(passes(filter, call, operation), 1,
		       "then by one, to the nanosecond");
		fake_now_ns += 3 * SECOND / 10;
		is_u64(passes(filter, call, operation), 3,
		       "in three times the time by three");
		fake_now_ns += 100 * SECOND;
		is_u64(passes(filter, call, operation), 4,
		       "and never by more than it holds");
		filter_unref(filter);
	}
}

/* In any time no more than the burst and what the rate allows. */
static void at_random(void)
{
	struct nx_filter_rules rules = rated(NX_RATE_SEND, 1000, 7);
	struct filter *filter = narrow(NULL, &rules);
	uint64_t begin, granted = 0;
	bool bounded = true;

	fake_now_ns += SECOND;
	begin = fake_now_ns;
	for (unsigned i = 0; i < 20000; i++) {
		fake_now_ns += fake_random(300000);
		granted += ask(filter, NX_SYS_send, 0) == NX_OK;
		bounded = bounded && granted <= 7 + (fake_now_ns - begin) /
								(SECOND / 1000);
	}
	ok(bounded, "20,000 sends at random moments are never more than that");
	ok(granted + 1 >= (fake_now_ns - begin) / (SECOND / 1000),
	   "nor fewer, when more are wanted: %llu",
	   (unsigned long long)granted);
	fake_now_ns -= SECOND;
	is_i64(ask(filter, NX_SYS_send, 0), NX_ERR_THROTTLED,
	       "a clock that went back brings nothing");
	fake_now_ns += SECOND;
	filter_unref(filter);
}

static void several(void)
{
	struct nx_filter_rules rules = rated(NX_RATE_SEND, 10, 2);
	struct filter *first = narrow(NULL, &rules), *both, *third;

	fake_now_ns += 100 * SECOND;
	rules = rated(NX_RATE_SEND, 1000000, 100);
	both = narrow(first, &rules);
	is_u64(passes(both, NX_SYS_send, 0), 2,
	       "a larger rate upon a smaller one changes nothing");
	is_u64(passes(first, NX_SYS_send, 0), 0,
	       "what goes through both is taken from both");
	nx_filter_init(&rules);
	third = narrow(both, &rules);
	is_u64(passes(third, NX_SYS_send, 0), 0,
	       "to allow everything fills no bucket");
	fake_now_ns += SECOND / 10;
	is_u64(passes(third, NX_SYS_send, 0), 1, "time does");
	filter_unref(third);
	filter_unref(both);
	filter_unref(first);
}

/* Nothing that is put upon a filter allows more than it, in whichever order
 * the two come together. */
static void narrowed(void)
{
	struct nx_filter_rules rules;
	struct filter *left, *right, *both = NULL;

	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_send);
	nx_filter_forbid_operation(&rules, NX_SYS_vmo_ctl, NX_OP_vmo_resize);
	rules.options = NX_FILTER_KILL;
	left = narrow(NULL, &rules);
	nx_filter_init(&rules);
	nx_filter_forbid_operation(&rules, NX_SYS_vmo_ctl, NX_OP_vmo_seal);
	right = narrow(left, &rules);
	is_i64(ask(right, NX_SYS_vmo_ctl, NX_OP_vmo_seal), NX_ERR_FILTERED,
	       "an operation is forbidden upon others");
	is_i64(ask(right, NX_SYS_vmo_ctl, NX_OP_vmo_resize), NX_ERR_FILTERED,
	       "which stay so");
	is_i64(ask(right, NX_SYS_send, 0), NX_ERR_FILTERED, "as calls do");
	is_i64(ask(right, NX_SYS_vmo_ctl, NX_OP_vmo_read), NX_OK,
	       "what neither forbids is allowed");
	is_u64(right->options, NX_FILTER_KILL, "a filter that kills stays one");
	filter_unref(right);
	right = narrow(NULL, &rules);
	for (unsigned turn = 0; turn < 2; turn++) {
		if (filter_both(root_job, turn == 0 ? left : right,
				turn == 0 ? right : left, &both) != NX_OK)
			break;
		ok(ask(both, NX_SYS_vmo_ctl, NX_OP_vmo_seal) != NX_OK &&
			   ask(both, NX_SYS_vmo_ctl, NX_OP_vmo_resize) !=
				   NX_OK &&
			   ask(both, NX_SYS_send, 0) != NX_OK &&
			   both->options == NX_FILTER_KILL,
		   "what a maker and a place forbid is forbidden to what is made");
		ok(ask(both, NX_SYS_vmo_ctl, NX_OP_vmo_read) == NX_OK,
		   "and nothing else");
		filter_unref(both);
	}
	filter_unref(right);
	filter_unref(left);
}

static void refused(struct thread *thread, uint64_t call, unsigned count)
{
	thread->frame.call = call;
	for (unsigned i = 0; i < count; i++)
		filter_ask(thread);
}

/* Each is counted, some have a line of the log. */
static void told(void)
{
	struct nx_filter_rules rules;
	struct process *process = fake_process(root_job, 7);
	struct thread *thread = &fake_thread;
	uint64_t before = counters[NX_COUNTER_DENIED];

	fake_now_ns += SECOND;
	filter_init();
	nx_filter_init(&rules);
	nx_filter_forbid(&rules, NX_SYS_signal);
	thread->filter = narrow(NULL, &rules);
	thread->process = process;
	refused(thread, NX_SYS_signal, 1);
	is_u64(lines, 1, "a refusal is told in the log");
	ok(strstr(line, "call 6 ") != NULL && strstr(line, "status") != NULL,
	   "which call, and what it was answered: %s", line);
	refused(thread, NX_SYS_signal, 1000);
	is_u64(lines, 1, "but not each of a thousand");
	is_u64(counters[NX_COUNTER_DENIED] - before, 1001,
	       "all of which are counted");
	fake_now_ns += SECOND / 10;
	refused(thread, NX_SYS_signal, 1);
	is_u64(lines, 2, "the next line comes a tenth of a second later");
	ok(strstr(line, "1000 more") != NULL, "and says how many had none: %s",
	   line);
	lines = 0;
	for (unsigned i = 0; i < 2000; i++) {
		fake_now_ns += SECOND / 1000;
		refused(thread, NX_SYS_signal, 1);
	}
	ok(lines <= 20, "so there are at most ten a second: %u in two", lines);
	filter_unref(thread->filter);

	rules.options = NX_FILTER_KILL;
	thread->filter = narrow(NULL, &rules);
	fake_now_ns += SECOND;
	lines = 0;
	refused(thread, NX_SYS_wait, 1);
	ok(process->state == NX_PROCESS_RUNNING && lines == 0,
	   "a policy to kill is not about what is allowed");
	refused(thread, NX_SYS_signal, 1);
	ok(process->state == NX_PROCESS_KILLED &&
		   process->exit_code == NX_ERR_FILTERED,
	   "what is forbidden ends the process");
	is_u64(lines, 1, "and is told before");
	filter_unref(thread->filter);
	thread->filter = NULL;
	thread->process = NULL;
	object_unref(&process->object);
}

int main(void)
{
	plan(0);
	fake_boot(1);
	buckets();
	at_random();
	several();
	narrowed();
	told();
	ok(fake_is_empty(), "nothing is left");
	return done();
}
