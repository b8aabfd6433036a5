/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever comes past many who wait in vain in a port is asked behind each of
 * them whether anybody waits for the kernel. */
#include "system/crowd.h"

#include <kernel/arch.h>

#define MEMBERS 12

static unsigned looks;

bool __real_arch_interrupt_pending(void);
bool __wrap_arch_interrupt_pending(void);

bool __wrap_arch_interrupt_pending(void)
{
	looks++;
	return __real_arch_interrupt_pending();
}

static void meet(struct test *test, enum crowd_kind kind, nx_status_t wanted,
		 const char *who)
{
	struct crowd crowd;
	unsigned before;

	if (!crowd_gather(test, &crowd, kind, MEMBERS))
		return;
	before = looks;
	check_status(test, crowd_meet(&crowd), wanted,
		     "there is nothing but %s", who);
	check(test, looks - before >= MEMBERS,
	      "somebody looks for interrupts behind each of %s", who);
	check(test, crowd_drop(test, &crowd) == MEMBERS,
	      "which learn that it was in vain");
}

static void all(struct test *test)
{
	meet(test, CROWD_CALLERS, NX_ERR_WOULD_BLOCK,
	     "callers whose capability is gone");
	meet(test, CROWD_SENDERS, NX_OK,
	     "a message and senders whose capability is gone");
	meet(test, CROWD_RECEIVERS, NX_OK,
	     "receivers that take nothing so large");
}

const struct system_case system_cases[] = { { "crowds", all }, { NULL, NULL } };
