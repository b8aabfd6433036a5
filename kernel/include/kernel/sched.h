/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H
/** @file sched.h
 * Who runs next: strict between classes, but that a class which others go
 * before gets a little of each hart (aging.h); by virtual deadlines within
 * one, so that budgets share a hart as their shares say (run_queue.h); nobody
 * whose budget is used up (limit.h). Each hart has its own queues; a thread
 * is put into one when it becomes ready, and a hart that has nobody takes one
 * from another. The kernel's lock guards all of it. */
#include <kernel/lock.h>

struct budget;
struct thread;
struct hart;
struct job;
struct process;

#define SCHED_SLICE_NS UINT64_C(10000000)

/** Make a thread that is in no list ready. */
HELD void sched_ready(struct thread *thread);
/** Would this one, made ready, run here at once, with no more to look at than
 * the urgency of it and of the current thread? */
HELD bool sched_is_before(const struct thread *thread);
/** Then let it run: what sched_ready() leads to. To be called last. */
HELD void sched_run_before(struct thread *thread);
/** Take a ready thread out of its queue, or from who holds it. */
HELD void sched_remove(struct thread *thread);
/** The current thread is blocked or dead now: somebody else goes on. */
HELD void sched_block(void);
/** Hand the processor from the current thread, which is blocked now, to
 * this one, which becomes current without passing a list: it moves to this
 * hart, or becomes ready on another if it may not run here. Both run on the
 * same budget. To be called last. */
HELD void sched_switch_to(struct thread *thread);
/** May it run on this hart? */
HELD bool sched_can_switch_to(const struct thread *thread);
/** May it run on one of these harts? */
HELD bool sched_may_run(const struct thread *thread, uint32_t bits);
/** The current thread gives up its turn but stays ready. */
HELD void sched_yield(void);
/** A thread in no list is one of this hart from now on. */
HELD void sched_set_hart(struct thread *thread, struct hart *hart);
/** Where it may run from now on, bit n is harts[n]. One that runs elsewhere
 * is evicted: see hart_await_evictions(). */
HELD void sched_set_affinity(struct thread *thread, uint32_t affinity);
/** A budget has changed: this hart, and every other one that runs on it,
 * chooses again who runs, and for how long. */
HELD void sched_turns_anew(const struct budget *budget);
/** Charge the time since the last charge to the current thread, its process
 * and job, and the budget it runs on. To be called before that budget
 * becomes another one, and before anybody is told. */
HELD void sched_charge(void);
/** The same for the threads of all harts. */
HELD void sched_charge_all(void);
/** A switch to another thread charges only the thread. Hand what its process
 * and job have not been charged with on to them. */
HELD void sched_settle(struct thread *thread);
/** Processor time in ticks, what is not settled yet included. */
HELD uint64_t sched_process_ticks(const struct process *process);
HELD uint64_t sched_job_ticks(const struct job *job);
/** How late a wait of this thread may end: 8, 4, 1, 0 ms by class. */
HELD uint64_t sched_slack_ns(struct thread *thread);
#if defined(NX_ARCH_SIM)
/** Every thread is in exactly one place, and every place has one thread. */
HELD void sched_check(void);
#else
HELD static inline void sched_check(void)
{
}
#endif
#endif /* KERNEL_SCHED_H */
