/* SPDX-License-Identifier: BSD-2-Clause */
/* How much later than asked a wait may end, so that waits that end at about
 * the same time are one interrupt. */
#include <kernel/sched.h>

#include <kernel/budget.h>

uint64_t sched_slack_ns(struct thread *thread)
{
	static const uint64_t slack_ns[QOS_CLASSES] = {
		[NX_QOS_IDLE] = 8000000,
		[NX_QOS_NORMAL] = 4000000,
		[NX_QOS_INTERACTIVE] = 1000000,
		[NX_QOS_PERF_BURST] = 0,
	};

	return slack_ns[budget_effective(thread)->qos_class];
}
