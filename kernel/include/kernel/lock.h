/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H
/** @file lock.h
 * The one lock of the kernel: a hart has it from its way in to its way out,
 * and gives it back only while it waits for an interrupt. Tickets make it
 * fair. There is no other lock, so there is no order of locks; it is never
 * taken twice.
 *
 * On a machine of one hart that hart has it from boot on, for ever, and
 * nobody takes or gives it. */
#include <kernel/annotations.h>
#include <kernel/kernel.h>

struct CAPABILITY("kernel lock") kernel_lock {
	uint32_t next;	/* the ticket that is taken next */
	uint32_t owner; /* the ticket whose turn it is */
};

extern struct kernel_lock kernel_lock;

/** Whoever calls this holds it. */
#define HELD REQUIRES(kernel_lock)
/** It guards this field or variable. */
#define GUARDED GUARDED_BY(kernel_lock)
/** It guards all fields of struct name GUARDED_FIELDS { ... } GUARDED_END,
 * which for clang are those of a guarded struct without a name. */
#define GUARDED_FIELDS NX_CLANG({ GUARDED struct)
#define GUARDED_END NX_CLANG(;                                                 \
	})

/** The calling hart has the lock, alone, as if it had taken it. */
void kernel_lock_boot(void) ASSERTS(kernel_lock);
void kernel_lock_take(void) ACQUIRES(kernel_lock);
void kernel_lock_give(void) RELEASES(kernel_lock);
/** Does another hart wait for it? */
static inline bool kernel_lock_is_wanted(void)
{
	return __atomic_load_n(&kernel_lock.next, __ATOMIC_RELAXED) !=
	       kernel_lock.owner + 1;
}
/** Does this hart have it? */
bool kernel_lock_is_held(void);

/** For clang it is a proof, where it cannot see whence the lock is had. In the
 * simulator, where all tests of the core run, it is checked. */
static inline void kernel_lock_assert(void) ASSERTS(kernel_lock);
static inline void kernel_lock_assert(void)
{
#if defined(NX_ARCH_SIM)
	KASSERT(kernel_lock_is_held());
#endif
}
#endif /* KERNEL_LOCK_H */
