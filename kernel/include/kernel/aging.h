/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_AGING_H
#define KERNEL_AGING_H
/** @file aging.h
 * A class that others go before gets AGING_TURN_NS of a hart in each
 * AGING_NS all the same. Each class has a moment until which it has been
 * served; its first thread is next once that is AGING_NS ago. A turn by age
 * moves it by what was run, times AGING_NS / AGING_TURN_NS, so that one cut
 * short is made good, and many short ones come to no more. */
#include <kernel/lock.h>

struct hart;

#define AGING_NS UINT64_C(100000000)
#define AGING_TURN_NS UINT64_C(1000000)
/* What is promised: a turn of the current thread, and one of each class. */
_Static_assert(AGING_NS + UINT64_C(4) * 10000000 <= NX_CLASS_WAIT_NS, "bound");

/** Whose turn is it? hart->aging_ticks has come; this is the highest class that
 * has anybody. */
HELD uint32_t aging_choose(struct hart *hart, uint32_t highest);
/** The turn by age is over, or cut short. */
HELD void aging_settle(struct hart *hart);
#endif /* KERNEL_AGING_H */
