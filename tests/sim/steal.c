/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hart with nothing to do takes from another one: one thread, that may
 * run there, and none of a class above what that one does. The kernel's search
 * for it is watched; it must never even ask for more. */
#include "system/use.h"

#include <kernel/budget.h>
#include <kernel/hart.h>
#include <kernel/run_queue.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

#include <string.h>

#define WORKERS 7
#define BOUND 2 /* of these, to the first hart */
#define TURNS 60
#define A_WHILE_NS UINT64_C(40000)

enum { W_HERE, W_DONE };

static struct {
	unsigned found;
	unsigned above;	 /* a class above what the hart does */
	unsigned exiled; /* a thread that may not run there */
	unsigned more;	 /* one more, before the first one ran */
	uint64_t switches[HARTS_MAX];
} seen;

struct thread *__real_run_queue_find(struct hart *hart, uint32_t qos_class,
				     uint32_t bit);
struct thread *__wrap_run_queue_find(struct hart *hart, uint32_t qos_class,
				     uint32_t bit);

struct thread *__wrap_run_queue_find(struct hart *hart, uint32_t qos_class,
				     uint32_t bit)
{
	struct thread *thread = __real_run_queue_find(hart, qos_class, bit);
	struct thread *current = hart->current;
	struct hart *thief = this_hart();

	seen.above += current == NULL || current->state != THREAD_RUNNING ||
		      qos_class > budget_effective(current)->qos_class;
	if (thread == NULL)
		return NULL;
	seen.found++;
	seen.exiled +=
		bit != UINT32_C(1) << thief->id || !sched_may_run(thread, bit);
	seen.more += seen.switches[thief->id] == thief->switch_count + 1;
	seen.switches[thief->id] = thief->switch_count + 1;
	return thread;
}

/* words[W_HERE]: harts it was on. */
static void work(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_event_t event = { page->handles[0] };
	uint64_t mask, bits;
	uint32_t hart = 0;

	(void)buffer;
	for (unsigned i = 0; i < TURNS; i++) {
		nx_hart_list((nx_job_t){ page->handles[1] }, &mask, &hart);
		page->words[W_HERE] |= UINT64_C(1) << hart;
		if (i % 8 == 0)
			nx_wait(event, 1, nx_ticks() * 100 + A_WHILE_NS, &bits);
	}
	page->words[W_DONE] = 1;
	nx_exit(0, 1);
}

static void steals(struct test *test)
{
	nx_budget_t budgets[NX_QOS_PERF_BURST + 1] = { { 0 } };
	nx_event_t events[WORKERS];
	struct peer peers[WORKERS];
	uint64_t bound = 0;
	bool all = true;

	memset(&seen, 0, sizeof(seen));
	for (uint32_t c = 0; c < ARRAY_COUNT(budgets); c++)
		nx_budget_create(test->job, c, NX_SHARE_DEFAULT, &budgets[c]);
	for (unsigned i = 0; i < WORKERS; i++) {
		events[i] = new_event();
		test->peer_budget = budgets[i % ARRAY_COUNT(budgets)];
		all = all && peer_process(test, &peers[i], test->job, work);
		peer_give(&peers[i], 0, events[i].handle, NX_RIGHTS_SAME);
		peer_give(&peers[i], 1, test->job.handle, NX_RIGHT_INSPECT);
		if (i < BOUND)
			nx_thread_affinity(peers[i].thread, 1);
	}
	test->peer_budget.handle = NX_HANDLE_NONE;
	for (unsigned i = 0; i < WORKERS; i++)
		peer_start(&peers[i]);
	for (unsigned i = 0; i < WORKERS; i++) {
		all = all && peer_wait(test, &peers[i]) &&
		      peers[i].page->words[W_DONE] == 1;
		if (i < BOUND)
			bound |= peers[i].page->words[W_HERE];
		peer_drop(test, &peers[i]);
		nx_handle_close(events[i].handle);
	}
	for (uint32_t c = 0; c < ARRAY_COUNT(budgets); c++)
		nx_handle_close(budgets[c].handle);
	check(test, all, "threads of all classes come to their end");
	check(test, bound == 1, "no hart takes what may not run there");
	check(test, seen.exiled == 0, "or sees it");
	check(test, seen.above == 0,
	      "nor one of a class above what its hart does");
	check(test, seen.more == 0,
	      "nor a second one before the first has run");
	remark(test, "%u were taken", seen.found);
}

const struct system_case system_cases[] = { { "steals", steals },
					    { NULL, NULL } };
