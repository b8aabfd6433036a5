/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H
/** @file kernel.h
 * Words that every part of the kernel uses. */
#include <nexus/errors.h>
#include <nexus/objects.h>
#include <nexus/options.h>
#include <nexus/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A physical address. 0 is never a page the allocator hands out. */
typedef uint64_t paddr_t;

/** Where a pointer to some type is kept, as one who does not know it writes
 * it. */
typedef void *__attribute__((may_alias)) any_pointer;

/** Statuses that never leave the kernel. */
enum {
	/** The thread is blocked; whoever wakes it writes its frame. */
	SYS_BLOCKED = 1,
	/** The frame, status included, is already as it shall be. */
	SYS_DONE = 2,
	/** Not finished (see steps.h): the call is made again, with the
	 * registers as they are now. */
	SYS_AGAIN = 3
};

#define CONTAINER_OF(pointer, type, member)                                    \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** What does not happen on a machine of one hart, or seldom: kept out of the
 * way of what happens always. */
#define OUT_OF_THE_WAY __attribute__((noinline, cold))

static inline uint64_t page_round_up(uint64_t size_bytes)
{
	return (size_bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
}

static inline bool is_page_aligned(uint64_t value)
{
	return (value & (NX_PAGE_SIZE - 1)) == 0;
}

/** A broken invariant of the kernel itself: print, dump, stop. Never
 * reachable by what a user, device or image does. */
_Noreturn void panic(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* One text, so that little code is in the way; no condition has a percent. */
#define KASSERT_LINE_(line) #line
#define KASSERT_LINE(line) KASSERT_LINE_(line)
#define KASSERT(condition)                                                     \
	do {                                                                   \
		if (!(condition))                                              \
			panic(__FILE_NAME__                                    \
			      ":" KASSERT_LINE(__LINE__) ": " #condition);     \
	} while (0)
#endif /* KERNEL_KERNEL_H */
