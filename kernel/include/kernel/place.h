/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PLACE_H
#define KERNEL_PLACE_H
/** @file place.h
 * Which hart a thread runs on; see also sched_may_run() and its neighbours. */
#include <kernel/hart.h>

/** How urgent is what it does? Below all classes: nothing. */
HELD int place_class(const struct hart *hart);
/** Where one that becomes ready goes. */
HELD struct hart *place_choose(struct thread *thread);
/** Take one that waits for another hart, out of its queue: it is this one's
 * now. NULL: there is none. */
HELD struct thread *place_steal(struct hart *thief);
#endif /* KERNEL_PLACE_H */
