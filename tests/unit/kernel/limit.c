/* SPDX-License-Identifier: BSD-2-Clause */
/* What bounds the time of a budget and the wait of a class, to the tick: here
 * time goes on only when the test says so. */
#include "unit/kernel/clock.h"

#include <lib/heap.c>
#include <sched/aging.c>
#include <sched/budget.c>
#include <sched/limit.c>
#include <sched/timer.c>

#define MS (HZ / 1000)
#define MS_NS UINT64_C(1000000)
#define HELD_COUNT 6

static unsigned ready_count;

void sched_ready(struct thread *thread)
{
	(void)thread;
	ready_count++;
}

void sched_charge_all(void)
{
}

/* No budget is made or ended here. */
nx_status_t job_charge(struct job *job, enum job_resource resource,
		       uint64_t count)
{
	(void)job;
	(void)resource;
	(void)count;
	return NX_OK;
}

void job_uncharge(struct job *job, enum job_resource resource, uint64_t count)
{
	(void)job;
	(void)resource;
	(void)count;
}

nx_status_t object_create(struct job *job, uint32_t kind,
			  void *out_object_pointer)
{
	(void)job;
	(void)kind;
	(void)out_object_pointer;
	return NX_ERR_NO_MEMORY;
}

void object_unref_last(struct object *object)
{
	(void)object;
}

/* 2 ms in each 10 ms, from now on. */
static void begin(struct budget *budget)
{
	*budget = (struct budget){ .limit_ticks = 0 };
	list_init(&budget->held);
	limit_set(budget, 2 * MS_NS, 10 * MS_NS);
}

static void periods(void)
{
	struct budget budget;

	begin(&budget);
	is_i64(budget.left_ticks, 2 * MS, "a period begins with all of it");
	limit_spend(&budget, MS);
	ok(!limit_is_over(&budget), "a half may be spent");
	limit_spend(&budget, MS);
	ok(limit_is_over(&budget), "and the rest, and no more");
	fake_ticks += 10 * MS - 1;
	ok(limit_is_over(&budget), "until the period is over");
	fake_ticks++;
	ok(!limit_is_over(&budget), "to the tick");
	fake_ticks += 1000 * MS;
	limit_is_over(&budget);
	is_i64(budget.left_ticks, 2 * MS, "what was not used is lost");
	limit_spend(&budget, 7 * MS);
	for (unsigned i = 0; i < 2; i++) {
		fake_ticks += 10 * MS;
		ok(limit_is_over(&budget), "a debt takes the next period");
	}
	fake_ticks += 10 * MS;
	ok(!limit_is_over(&budget), "and is paid then");
	is_i64(budget.left_ticks, MS, "exactly");
}

static void changed(void)
{
	struct budget budget;

	begin(&budget);
	limit_spend(&budget, 3 * MS / 2);
	limit_set(&budget, 3 * MS_NS, 10 * MS_NS);
	is_i64(budget.left_ticks, MS / 2, "a larger limit gives nothing back");
	limit_set(&budget, MS_NS / 4, 10 * MS_NS);
	is_i64(budget.left_ticks, MS / 4, "a smaller one takes away");
	limit_set(&budget, 0, 0);
	ok(!limit_is_over(&budget), "without one nothing is used up");
}

static void turns(void)
{
	struct thread thread = { .resume = 1 }, caller = { .resume = 1 };
	struct budget budget;

	begin(&budget);
	fake_hart.slice_ticks = 10 * MS;
	fake_hart.thread_ticks = fake_ticks;
	fake_hart.slice_end = fake_ticks + 10 * MS;
	limit_turn(&fake_hart, &thread, &budget);
	is_u64(fake_hart.slice_end - fake_ticks, 2 * MS,
	       "a turn ends with the limit");
	ok(thread.resume == 0, "and no fast path goes on with it");
	fake_hart.slice_end = fake_ticks + MS;
	limit_turn(&fake_hart, &thread, &budget);
	is_u64(fake_hart.slice_end - fake_ticks, MS,
	       "if it is not over before");
	limit_spend(&budget, 5 * MS);
	fake_hart.slice_end = fake_ticks + 10 * MS;
	limit_turn(&fake_hart, &thread, &budget);
	is_u64(fake_hart.slice_end - fake_ticks, 0,
	       "who has a debt has no turn");
	thread.caller = &caller;
	fake_hart.slice_end = fake_ticks + 20 * MS;
	limit_turn(&fake_hart, &thread, &budget);
	is_u64(fake_hart.slice_end - fake_ticks, 10 * MS,
	       "but whoever serves has one");
	ok(caller.resume == 0, "of its caller");
}

static void held(void)
{
	struct thread threads[HELD_COUNT] = { { .affinity = 0 } };
	struct thread serves = { .caller = threads }, dead = { .resume = 0 };
	struct budget budget;
	bool all = true;

	begin(&budget);
	for (unsigned i = 0; i < HELD_COUNT; i++)
		list_init(&threads[i].queue);
	threads[0].state = THREAD_READY;
	ok(!limit_holds(&budget, &threads[0]), "nobody is held before");
	limit_spend(&budget, 2 * MS);
	dead.state = THREAD_DEAD;
	ok(!limit_holds(&budget, &serves) && !limit_holds(&budget, &dead),
	   "nor who serves, nor who has ended");
	for (unsigned i = 0; i < HELD_COUNT; i++)
		all = limit_holds(&budget, &threads[i]) && all;
	ok(all && budget.held_count == 1, "all others are, by one timer");
	fake_ticks += 10 * MS;
	timer_run();
	is_u64(ready_count, 0, "not let go at the end of the period");
	fake_ticks += 2;
	timer_run();
	is_u64(ready_count, LIMIT_BATCH, "but behind it, some of them");
	fake_ticks += MS;
	timer_run();
	is_u64(ready_count, HELD_COUNT,
	       "and after a look for interrupts the rest");
	ok(list_is_empty(&budget.held), "nobody is left");
}

/* Class 0 waits while class 1 runs. */
static void ages(void)
{
	uint64_t aging = AGING_NS / MS_NS * MS,
		 turn = AGING_TURN_NS / MS_NS * MS;

	fake_hart.ready_mask = 3;
	fake_hart.thread_ticks = fake_ticks;
	for (unsigned c = 0; c < 2; c++)
		fake_hart.ready[c].served_ticks = fake_ticks;
	fake_hart.thread_ticks = fake_ticks + aging - 1;
	is_u64(aging_choose(&fake_hart, 1), 1, "the higher class goes before");
	fake_hart.thread_ticks++;
	is_u64(aging_choose(&fake_hart, 1), 0,
	       "until the lower has waited so long");
	fake_hart.turn_ticks = fake_hart.thread_ticks;
	fake_hart.thread_ticks += turn / 2;
	aging_settle(&fake_hart);
	ok(fake_hart.ready[0].served_ticks + aging / 2 <=
		   fake_hart.thread_ticks,
	   "half a turn makes half of that good");
	fake_hart.ready[0].served_ticks = fake_hart.thread_ticks - aging;
	is_u64(aging_choose(&fake_hart, 1), 0, "it is its turn again");
	fake_hart.turn_ticks = fake_hart.thread_ticks;
	fake_hart.thread_ticks += 5 * turn;
	aging_settle(&fake_hart);
	fake_hart.thread_ticks += aging;
	is_u64(aging_choose(&fake_hart, 1), 0,
	       "a long turn is no reason to wait longer the next time");
	fake_hart.ready_mask = 2;
	is_u64(aging_choose(&fake_hart, 1), 1, "who is not there has no turn");
	fake_hart.ready_mask = 0;
}

static void slack(void)
{
	static const uint64_t wanted_ms[QOS_CLASSES] = { 8, 4, 1, 0 };

	for (uint32_t c = 0; c < QOS_CLASSES; c++) {
		struct budget budget = { .qos_class = c };
		struct thread thread = { .budget = &budget };

		is_u64(sched_slack_ns(&thread), wanted_ms[c] * MS_NS,
		       "class %u may be woken so much later", c);
	}
}

int main(void)
{
	plan(0);
	fake_ticks = 1000 * MS;
	periods();
	changed();
	turns();
	held();
	ages();
	slack();
	return done();
}
