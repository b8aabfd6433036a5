/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer heap against a plain array, over random arming, disarming and
 * passing of time; and the arithmetic between ticks and nanoseconds. */
#include "unit/kernel/clock.h"

#include <kernel/sched.h>
#include <lib/heap.c>
#include <sched/timer.c>

#define TIMERS 64
#define ROUNDS 20000

static struct timer timers[TIMERS];
static struct model {
	bool armed;
	uint64_t deadline_ns;
	uint64_t latest_ns;
	uint64_t fired_count;
	uint64_t early_count;
} model[TIMERS];

static void fire(struct timer *timer)
{
	struct model *m = &model[timer - timers];

	m->fired_count++;
	if (!m->armed || timer->armed || m->deadline_ns > time_now_ns())
		m->early_count++;
	m->armed = false;
}

static uint64_t least_latest(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < TIMERS; i++)
		if (model[i].armed && model[i].latest_ns < least)
			least = model[i].latest_ns;
	return least;
}

static void arm_random(unsigned i)
{
	uint64_t deadline_ns = time_now_ns() + (uint64_t)(rand() % 100000);
	uint64_t slack_ns = (uint64_t)(rand() % 3 * 5000);

	timer_arm(&timers[i], deadline_ns, slack_ns, fire);
	model[i].armed = true;
	model[i].deadline_ns = deadline_ns;
	model[i].latest_ns = deadline_ns + slack_ns;
}

/* After a run nothing is left that is past its latest moment, and what is
 * next is the least of all. */
static bool agrees(void)
{
	uint64_t root_ns = UINT64_MAX;

	for (unsigned i = 0; i < TIMERS; i++)
		if (model[i].armed != timers[i].armed || model[i].early_count)
			return false;
	if (fake_hart.timers != NULL)
		root_ns = fake_hart.timers->key;
	return root_ns == least_latest();
}

static void against_model(void)
{
	bool same = true, late = false, woken = true;
	uint64_t fired = 0;

	for (unsigned round = 0; round < ROUNDS && same; round++) {
		unsigned i = (unsigned)rand() % TIMERS;

		switch (rand() % 4) {
		case 0:
		case 1:
			arm_random(i);
			break;
		case 2:
			timer_disarm(&timers[i]);
			model[i].armed = false;
			break;
		default:
			fake_ticks += (uint64_t)(rand() % 200);
			for (unsigned n = 0; n <= TIMERS; n += TIMER_BATCH)
				timer_run();
			late = late || least_latest() <= time_now_ns();
		}
		same = agrees();
		timer_program();
		woken = woken && fake_programmed_ticks ==
					 time_ns_to_ticks(least_latest());
	}
	for (unsigned i = 0; i < TIMERS; i++)
		fired += model[i].fired_count;
	ok(same, "heap and array agree after each of %u steps", ROUNDS);
	ok(fired > 1000, "%lu timers fired, none before its deadline",
	   (unsigned long)fired);
	ok(!late, "none is left behind its latest moment");
	ok(woken, "the machine is always set to the earliest latest moment");
}

static void coalesce(void)
{
	for (unsigned i = 0; i < TIMERS; i++)
		timer_disarm(&timers[i]);
	memset(model, 0, sizeof(model));
	for (unsigned i = 0; i < 8; i++) {
		model[i].armed = true;
		timer_arm(&timers[i], time_now_ns() + 1000 * (i + 1), 8000,
			  fire);
	}
	timer_program();
	fake_ticks = fake_programmed_ticks;
	timer_run();
	for (unsigned i = 0; i < 8; i++)
		model[8].fired_count += model[i].fired_count;
	is_u64(model[8].fired_count, 8, "slack lets one wake-up serve eight");
	ok(fake_hart.timers == NULL, "the heap is empty then");
}

static void slices(void)
{
	static char somebody;

	fake_hart.current = (struct thread *)(void *)&somebody;
	fake_hart.slice_end = time_ns_to_ticks(time_now_ns() + 5000);
	fake_hart.ready_mask = 0;
	timer_program();
	is_u64(fake_programmed_ticks, UINT64_MAX,
	       "a thread alone is not interrupted");
	fake_hart.ready_mask = 1;
	timer_program();
	is_u64(fake_programmed_ticks, fake_hart.slice_end,
	       "with another one ready it is, when its turn is over");
	fake_hart.need_schedule = false;
	timer_run();
	ok(!fake_hart.need_schedule, "not before");
	fake_ticks = fake_programmed_ticks;
	timer_run();
	ok(fake_hart.need_schedule, "and then somebody else goes on");
}

static void arithmetic(void)
{
	fake_ticks_per_second = 3;
	is_u64(time_ns_to_ticks(0), 0, "0 ns are 0 ticks");
	is_u64(time_ns_to_ticks(1), 1, "a part of a tick is rounded up");
	is_u64(time_ns_to_ticks(NS_PER_SECOND), 3, "a second is a second");
	is_u64(time_ns_to_ticks(NS_PER_SECOND + 1), 4, "one more is a tick");
	fake_ticks_per_second = 10 * NS_PER_SECOND;
	is_u64(time_ns_to_ticks(UINT64_MAX), UINT64_MAX,
	       "what is too far away saturates");
	fake_ticks_per_second = HZ;
	fake_ticks = UINT64_MAX / 200;
	is_u64(time_now_ns(), fake_ticks * 100,
	       "time does not overflow for years");
	timer_arm(&timers[0], UINT64_MAX - 1, 100, fire);
	is_u64(timers[0].node.key, TIMER_NS_MAX, "slack does not wrap around");
	timer_disarm(&timers[0]);
	timer_disarm(&timers[0]);
	ok(!timers[0].armed, "to disarm twice is fine");
}

int main(void)
{
	plan(18);
	srand(1);
	against_model();
	coalesce();
	slices();
	arithmetic();
	return done();
}
