/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_LIMIT_H
#define KERNEL_LIMIT_H
/** @file limit.h
 * Budgets with a limit: so much processor time in each period. Threads whose
 * own budget is used up are held until the next period begins; they stay
 * ready, but are in no run queue. A thread that works for a caller is never
 * held, lest others wait for it: what it takes is the caller's debt, which
 * periods to come pay before the caller goes on. */
#include <kernel/lock.h>

struct budget;
struct hart;
struct thread;

/** How many held threads are let go before interrupts are looked for. */
#define LIMIT_BATCH 4

/** Any budget has one, or had. */
extern bool limit_any GUARDED;

/** Set or, with 0, take away the limit. A period begins now, but with no
 * more left than there was. */
HELD void limit_set(struct budget *budget, uint64_t limit_ns,
		    uint64_t period_ns);
HELD void limit_spend(struct budget *budget, uint64_t ticks);
/** The thread becomes ready. Is it held? Then it was put away. */
HELD bool limit_holds(struct budget *budget, struct thread *thread);
/** Is it used up now? */
HELD bool limit_is_over(struct budget *budget);
/** It begins a turn: that ends when the budget is used up. */
HELD void limit_turn(struct hart *hart, struct thread *thread,
		     struct budget *budget);
#endif /* KERNEL_LIMIT_H */
