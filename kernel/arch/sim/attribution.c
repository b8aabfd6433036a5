/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has the memory: behind every entry into the kernel the pages that jobs
 * say they use are, together, those that are not free; now and then each
 * job's are counted one by one. */
#include "machine.h"

#include <kernel/job.h>
#include <kernel/page.h>

#include <stdio.h>
#include <stdlib.h>

#define STEPS_A_COUNT 4096

static _Noreturn void give_up(uint64_t id, uint64_t said, uint64_t counted)
{
	fprintf(stderr,
		"simulator: step %llu: pages of job %llu: %llu, found %llu\n",
		(unsigned long long)machine.result->steps,
		(unsigned long long)id, (unsigned long long)said,
		(unsigned long long)counted);
	abort();
}

/* What a child may use is used in its parent, and so is what a job that was
 * killed has left, which is in no list of children any more. */
HELD static uint64_t own_pages(const struct job *job)
{
	uint64_t own = job->quotas[JOB_PAGES].used;

	LIST_FOR_EACH(const struct job, child, &job->children, siblings)
		own -= child->quotas[JOB_PAGES].max;
	return own;
}

void attribution_check(void)
{
	struct job *root = root_job;
	uint64_t taken = root->quotas[JOB_PAGES].max - page_free_count();
	uint64_t sum = 0;

	for (struct job *job = root; job; job = job_behind(job, root))
		sum += own_pages(job);
	if (sum != taken)
		give_up(root->object.id, sum, taken);
	if (machine.result->steps % STEPS_A_COUNT != 0)
		return;
	for (struct job *job = root; job; job = job_behind(job, root))
		if (own_pages(job) < page_count_of(job))
			give_up(job->object.id, own_pages(job),
				page_count_of(job));
}
