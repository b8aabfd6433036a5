/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has used how much processor time; see charge.h. */
#include <kernel/charge.h>

#include <kernel/arch.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/sched.h>

void sched_settle(struct thread *thread)
{
	uint64_t ticks = thread->cpu_ticks - thread->settled_ticks;

	thread->settled_ticks = thread->cpu_ticks;
	thread->process->cpu_ticks += ticks;
	thread->process->object.job->cpu_ticks += ticks;
}

HELD OUT_OF_THE_WAY static void charge_hart(struct hart *hart,
					    uint64_t now_ticks)
{
	if (hart->current == NULL)
		return;
	charge_current(hart, budget_effective(hart->current), now_ticks);
	sched_settle(hart->current);
}

/* The next budget may have a limit that this turn does not know. */
void sched_charge(void)
{
	charge_hart(this_hart(), arch_ticks());
	if (limit_any)
		this_hart()->need_schedule = true;
}

void sched_charge_all(void)
{
	uint64_t now_ticks = arch_ticks();

	for (uint32_t i = 0; i < HARTS_MAX; i++)
		if ((harts_online >> i & 1) != 0)
			charge_hart(&harts[i], now_ticks);
}

uint64_t sched_process_ticks(const struct process *process)
{
	uint64_t ticks = process->cpu_ticks;

	LIST_FOR_EACH(const struct thread, thread, &process->threads,
		      in_process)
		ticks += thread->cpu_ticks - thread->settled_ticks;
	return ticks;
}

uint64_t sched_job_ticks(const struct job *job)
{
	uint64_t ticks = job->cpu_ticks;

	LIST_FOR_EACH(const struct process, process, &job->processes, in_job)
		ticks += sched_process_ticks(process) - process->cpu_ticks;
	return ticks;
}
