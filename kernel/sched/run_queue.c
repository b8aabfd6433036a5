/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready threads in the order of their virtual deadlines; see run_queue.h. */
#include <kernel/run_queue.h>

#include <kernel/sched.h>

void run_queue_remove(struct thread *thread)
{
	if (thread->run_class == RUN_HELD)
		list_remove(&thread->queue);
	else
		run_queue_leave(thread->hart, thread);
}

/* The node behind this one, those above first; NULL behind the last. */
static struct heap_node *behind(struct heap_node *node)
{
	if (node->left != NULL)
		return node->left;
	if (node->right != NULL)
		return node->right;
	while (node->up != NULL &&
	       (node->up->right == node || node->up->right == NULL))
		node = node->up;
	return node->up != NULL ? node->up->right : NULL;
}

/* Threads that are looked at, so that many that may not run there cost no
 * more. */
#define LOOKS_MAX 8

OUT_OF_THE_WAY struct thread *run_queue_find(struct hart *hart,
					     uint32_t qos_class, uint32_t bit)
{
	struct heap_node *node;
	struct thread *found = NULL;

	kernel_lock_assert();
	node = hart->ready[qos_class].first;
	for (unsigned i = 0; i < LOOKS_MAX && node != NULL; i++) {
		if (sched_may_run(run_queue_thread(node), bit))
			found = run_queue_thread(node);
		node = behind(node);
	}
	return found;
}
