/* SPDX-License-Identifier: BSD-2-Clause */
/* In the simulator, whenever a hart goes on: no thread is lost or there
 * twice. Walks all there are, which no machine could afford. */
#include <kernel/sched.h>

#include <kernel/budget.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/run_queue.h>

/* Counts the threads of a heap, whose order it checks. */
HELD static unsigned heap_count(struct heap_node *root)
{
	unsigned count = 0;

	KASSERT(root == NULL || root->up == NULL);
	for (struct heap_node *node = root; node != NULL;
	     node = heap_behind(node)) {
		/* Dead ones are in no list of threads. */
		count += run_queue_thread(node)->state != THREAD_DEAD;
		KASSERT(node->left != NULL || node->right == NULL);
		KASSERT(node == root || !heap_before(node->key, node->up->key));
	}
	return count;
}

HELD static bool is_in_heap(const struct heap_node *node,
			    const struct heap_node *root)
{
	while (node->up != NULL) {
		if (node->up->left != node && node->up->right != node)
			return false;
		node = node->up;
	}
	return node == root;
}

HELD static unsigned check_thread(const struct thread *thread)
{
	const struct hart *hart = thread->hart;

	if (thread->state == THREAD_RUNNING)
		KASSERT(hart->current == thread);
	if (thread->state != THREAD_READY)
		return 0;
	KASSERT(hart->current != thread);
	if (thread->run_class == RUN_HELD) {
		KASSERT(thread->budget->refill.armed);
		KASSERT(!list_is_empty(&thread->queue));
		return 0;
	}
	if (hart->aside == thread)
		return 1;
	KASSERT(is_in_heap(&thread->run, hart->ready[thread->run_class].first));
	return 1;
}

HELD static unsigned check_job(const struct job *job)
{
	unsigned count = 0;

	LIST_FOR_EACH(const struct process, process, &job->processes, in_job)
		LIST_FOR_EACH(struct thread, thread, &process->threads,
			      in_process)
			count += check_thread(thread);
	return count;
}

void sched_check(void)
{
	unsigned ready_count = 0, queued_count = 0;

	for (struct job *job = root_job; job != NULL;
	     job = job_behind(job, root_job))
		ready_count += check_job(job);
	for (unsigned h = 0; h < HARTS_MAX; h++) {
		const struct thread *current = harts[h].current;

		KASSERT(harts[h].next == NULL);
		KASSERT(harts[h].aside == NULL || !harts[h].no_aside);
		queued_count += harts[h].aside != NULL;
		KASSERT(current == NULL || current->hart == &harts[h] ||
			current->state == THREAD_DEAD);
		for (unsigned c = 0; c < QOS_CLASSES; c++) {
			struct heap_node *first = harts[h].ready[c].first;

			KASSERT((first != NULL) ==
				((harts[h].ready_mask >> c & 1) != 0));
			queued_count += heap_count(first);
		}
	}
	KASSERT(queued_count == ready_count);
}
