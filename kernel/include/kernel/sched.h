/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H
/** @file sched.h
 * Who runs next: strict between classes, round robin with a slice of
 * SCHED_SLICE_NS within a class. */
#include <kernel/kernel.h>

struct thread;

#define SCHED_SLICE_NS UINT64_C(10000000)

void sched_init(void);
/** Make a thread that is in no list ready, at the tail of its class. */
void sched_ready(struct thread *thread);
/** Take a ready thread out. */
void sched_remove(struct thread *thread);
/** Hand the processor from the current thread, which is blocked now, to
 * this one, which becomes current without passing a list. */
void sched_switch_to(struct thread *thread);
/** The current thread gives up its turn but stays ready. */
void sched_yield(void);
/** Charge the time since the last charge to the current thread. */
void sched_charge(void);
#endif /* KERNEL_SCHED_H */
