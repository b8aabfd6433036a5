/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of the kernel. The fast path of riscv64 takes it only when it is
 * free, and gives it back as here. */
#include <kernel/lock.h>

#include <kernel/arch.h>
#include <kernel/hart.h>

struct kernel_lock kernel_lock;

void kernel_lock_boot(void)
{
	kernel_lock.next = 1;
	kernel_lock.owner = 0;
	this_hart()->has_lock = true;
}

/* The hart's alarm may be another one behind arch_relax(). */
NOT_CHECKED void kernel_lock_take(void)
{
	struct hart *hart = this_hart();
	uint32_t ticket, turn = 0;

	KASSERT(!kernel_lock_is_held());
	ticket = __atomic_fetch_add(&kernel_lock.next, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&kernel_lock.owner, __ATOMIC_ACQUIRE) != ticket)
		arch_relax(turn++);
	hart->has_lock = true;
	if (turn > 0) {
		hart->programmed = 0;
		hart->timer_stale = true;
	}
}

NOT_CHECKED void kernel_lock_give(void)
{
	KASSERT(kernel_lock_is_held());
	this_hart()->has_lock = false;
	__atomic_store_n(&kernel_lock.owner, kernel_lock.owner + 1,
			 __ATOMIC_RELEASE);
}

bool kernel_lock_is_held(void)
{
	return this_hart()->has_lock;
}
