/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready threads in the order of their virtual deadlines; see run_queue.h. */
#include <kernel/run_queue.h>

#include <kernel/sched.h>

/* Threads that are looked at, so that many that may not run there cost no
 * more. */
#define LOOKS_MAX 8

OUT_OF_THE_WAY struct thread *run_queue_find(struct hart *hart,
					     uint32_t qos_class, uint32_t bit)
{
	struct heap_node *node = hart->ready[qos_class].first;
	struct thread *found = NULL;

	for (unsigned i = 0; i < LOOKS_MAX && node != NULL; i++) {
		if (sched_may_run(run_queue_thread(node), bit))
			found = run_queue_thread(node);
		node = heap_behind(node);
	}
	return found;
}
