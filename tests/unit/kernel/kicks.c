/* SPDX-License-Identifier: BSD-2-Clause */
/* What one hart asks of another: kicks are merged while one is on its way and
 * never dropped, hints are limited to one a millisecond for each hart, and all
 * of it is counted. The machine below is this file: harts that are noted, and a
 * counter. */
#include "support/tap.h"

#include <sched/hart.c>

#include <stdlib.h>

#define MS UINT64_C(10000) /* ticks */
#define HARTS 3

struct hart *sim_hart = harts;
uint64_t counters[NX_COUNTER_END];
struct kernel_lock kernel_lock;
bool limit_any;
static uint64_t ticks = 1000 * MS;
static unsigned kicks[HARTS_MAX];

uint64_t arch_ticks(void)
{
	return ticks;
}

void arch_timer_set(uint64_t value)
{
	(void)value;
}

void arch_kick(struct hart *hart)
{
	kicks[hart->id]++;
}

uint64_t time_ns_to_ticks(uint64_t ns)
{
	return ns / 100;
}

void panic(const char *format, ...)
{
	printf("Bail out! the kernel panicked: %s\n", format);
	abort();
}

bool kernel_lock_is_held(void)
{
	return true;
}

void kernel_lock_boot(void)
{
}

void steps_init(struct steps *steps)
{
	(void)steps;
}

void sched_block(void)
{
}

void sched_ready(struct thread *thread)
{
	(void)thread;
}

void thread_wake(struct thread *thread, nx_status_t status)
{
	(void)status;
	thread->state = THREAD_READY;
	list_remove(&thread->queue);
}

void timer_move_all(struct hart *from, struct hart *to)
{
	(void)from;
	(void)to;
}

void irq_leave(const struct hart *hart)
{
	(void)hart;
}

void arch_space_none(void)
{
}

bool arch_hart_start(struct hart *hart)
{
	return hart->id < HARTS;
}

void arch_hart_stop(void)
{
	abort();
}

static uint64_t counted(unsigned counter)
{
	return counters[counter];
}

/* A kick comes: the hart looks at its notes. */
static void arrive(struct hart *hart)
{
	hart->kicked = false;
}

static void merged(void)
{
	hart_kick(&harts[1]);
	is_u64(kicks[1], 1, "a hart is kicked");
	for (unsigned i = 0; i < 5; i++)
		hart_kick(&harts[1]);
	is_u64(kicks[1], 1, "while that is on its way it is not kicked again");
	is_u64(counted(NX_COUNTER_KICKS), 1, "one kick is counted");
	is_u64(counted(NX_COUNTER_KICKS_MERGED), 5,
	       "and five that were merged");
	hart_kick(&harts[2]);
	is_u64(kicks[2], 1, "another hart has its own");
	arrive(&harts[1]);
	hart_kick(&harts[1]);
	is_u64(kicks[1], 2, "behind it there is another one, at any time");
	is_u64(counted(NX_COUNTER_KICKS), 3, "which is counted");
	arrive(&harts[1]);
	arrive(&harts[2]);
}

static void limited(void)
{
	const unsigned before = kicks[1];

	hart_hint();
	is_u64(kicks[0] + kicks[1] + kicks[2], before + 1,
	       "nobody is told of work who has some");
	harts[1].idle = true;
	hart_hint();
	is_u64(kicks[1], before + 1, "an idle hart is told");
	arrive(&harts[1]);
	ticks += MS - 1;
	for (unsigned i = 0; i < 4; i++)
		hart_hint();
	is_u64(kicks[1], before + 1, "but not twice in a millisecond");
	is_u64(counted(NX_COUNTER_HINTS_DROPPED), 4,
	       "the hints that were dropped are counted");
	hart_kick(&harts[1]);
	is_u64(kicks[1], before + 2,
	       "what it must know it is told all the same");
	arrive(&harts[1]);
	ticks++;
	hart_hint();
	is_u64(kicks[1], before + 3, "a millisecond later it is told again");
	arrive(&harts[1]);
	harts_online &= ~harts[1].bit;
	ticks += MS;
	hart_hint();
	is_u64(kicks[1], before + 3, "one that is not there is not");
	harts_online |= harts[1].bit;
	harts[1].idle = false;
}

/* Whoever ends a thread waits until the hart that runs it has left it. */
static void acknowledged(void)
{
	struct thread self = { .state = THREAD_RUNNING };

	harts[0].current = &self;
	is_i64(hart_await_evictions(), NX_OK, "there is nothing to wait for");
	hart_evict(&harts[1]);
	hart_evict(&harts[2]);
	ok(harts[1].kicked && harts[2].kicked, "two harts shall leave theirs");
	is_i64(hart_await_evictions(), SYS_BLOCKED, "who asked for that waits");
	arrive(&harts[1]);
	is_u64(self.state, THREAD_EVICTING, "a kick that arrives is no answer");
	hart_evicted(&harts[1]);
	is_u64(self.state, THREAD_EVICTING, "one answer is not enough");
	hart_evicted(&harts[2]);
	is_u64(self.state, THREAD_READY, "with both it goes on");
	harts[0].current = NULL;
}

static void nobody(void)
{
	const unsigned before = kicks[1] + kicks[2];

	is_i64(hart_stop(HARTS_MAX), NX_ERR_NOT_FOUND,
	       "a hart that cannot be is not stopped");
	is_i64(hart_stop(HARTS), NX_ERR_NOT_FOUND, "nor one that never came");
	is_i64(hart_stop(0), NX_ERR_BAD_STATE, "nor the first");
	is_i64(hart_start(HARTS_MAX), NX_ERR_NOT_FOUND,
	       "one that cannot be is not started");
	is_i64(hart_start(HARTS), NX_ERR_BUSY,
	       "one that the machine does not start does not come");
	is_i64(hart_start(1), NX_ERR_BAD_STATE, "nor does one that is there");
	is_u64(kicks[1] + kicks[2], before, "nobody was kicked for that");
}

int main(void)
{
	plan(0);
	hart_boot();
	hart_expect_others();
	for (unsigned i = 1; i < HARTS; i++) {
		sim_hart = &harts[i];
		hart_join(&harts[i]);
	}
	sim_hart = harts;
	merged();
	limited();
	acknowledged();
	nobody();
	return done();
}
