/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on jobs, processes, threads and budgets by chance. */
#include "pick.h"

#include <kernel/thread.h>

static void make_job(struct model_thread *self)
{
	nx_handle_t parent = pick_handle(self, NX_KIND_JOB);

	if (self == random_first && chance(60))
		parent = random_job;
	make_call(self, NX_SYS_job_ctl, parent, NX_OP_job_create,
		  chance(80) ? 40 + drive_random(200) : drive_random(30),
		  drive_random(60));
	self->in.a[4] = drive_random(8);
}

void random_filter(struct model_thread *self)
{
	struct nx_filter_rules *rules = &model_rules;
	nx_handle_t target =
		pick_handle(self, chance(50) ? NX_KIND_JOB : NX_KIND_THREAD);

	if (self == random_first && target == NX_HANDLE_NONE)
		target = UINT32_MAX - 1;
	nx_filter_init(rules);
	if (chance(50))
		nx_filter_forbid(rules, (uint32_t)drive_random(NX_SYS_COUNT));
	if (chance(30))
		nx_filter_forbid_operation(rules, NX_SYS_vmo_ctl,
					   1 + (uint32_t)drive_random(13));
	if (chance(30))
		rules->rates[drive_random(NX_RATE_COUNT)] =
			(struct nx_rate){ 1, 1 + (uint32_t)drive_random(20) };
	if (chance(5))
		rules->options = 1 + (uint32_t)drive_random(2);
	if (chance(2))
		rules->rates[0].burst = 1;
	make_call(self, NX_SYS_filter_install, target,
		  ((struct thread *)self->object.kernel)->buffer_address +
			  offsetof(struct nx_message_buffer, send_frame),
		  0, 0);
}

void random_leave(struct model_thread *self)
{
	if (self == random_first)
		make_call(self, NX_SYS_exit, 0, 2, 0, 0);
	else
		make_call(self, NX_SYS_exit, drive_random(100), drive_random(3),
			  0, 0);
}

void random_kill(struct model_thread *self)
{
	static const uint32_t kinds[] = { NX_KIND_THREAD, NX_KIND_THREAD,
					  NX_KIND_PROCESS, NX_KIND_PROCESS,
					  NX_KIND_JOB };

	make_call(self, NX_SYS_task_kill,
		  pick_handle(self, kinds[drive_random(5)]), drive_random(100),
		  0, 0);
}

static void shares(struct model_thread *self)
{
	nx_handle_t parent = pick_handle(self, NX_KIND_JOB);

	if (chance(30)) {
		make_call(self, NX_SYS_job_ctl, parent, NX_OP_job_shares, 0, 0);
		return;
	}
	if (self == random_first && chance(60))
		parent = random_kept[KEPT_ROOT];
	make_call(self, NX_SYS_job_ctl, parent, NX_OP_job_set_shares,
		  pick_handle(self, NX_KIND_JOB), drive_random(3000));
}

static void budget_change(struct model_thread *self)
{
	nx_handle_t budget =
		chance(30) ? NX_HANDLE_NONE : pick_handle(self, NX_KIND_BUDGET);

	if (chance(60)) {
		make_call(self, NX_SYS_sched_ctl, budget, NX_OP_budget_set,
			  drive_random(3), drive_random(3));
		self->in.a[4] = drive_random(chance(50) ? 120 : 1002);
	} else if (chance(20)) {
		make_call(self, NX_SYS_sched_ctl, budget, NX_OP_budget_limit, 0,
			  0);
	} else {
		make_call(self, NX_SYS_sched_ctl, budget, NX_OP_budget_limit,
			  drive_random(12) * 1000000,
			  drive_random(12) * 1000000);
	}
}

void random_budget(struct model_thread *self)
{
	if (chance(20))
		make_call(self, NX_SYS_sched_ctl,
			  pick_handle(self, NX_KIND_BUDGET), NX_OP_budget_info,
			  0, 0);
	else if (chance(20))
		make_call(self, NX_SYS_sched_ctl,
			  pick_handle(self, NX_KIND_BUDGET),
			  NX_OP_budget_limits, 0, 0);
	else if (chance(30))
		budget_change(self);
	else if (chance(30))
		shares(self);
	else
		make_call(self, NX_SYS_sched_ctl, pick_payer(self),
			  NX_OP_budget_create,
			  chance(90) ? drive_random(2) : drive_random(5),
			  drive_random(chance(50) ? 300 : 1002));
}

void random_beginning(struct model_thread *self)
{
	switch (drive_random(8)) {
	case 0:
		make_call(self, NX_SYS_port_create, pick_payer(self),
			  chance(3) ? NX_PORT_DEPTH_MAX + 1 : drive_random(6),
			  0, 0);
		break;
	case 1:
		make_call(self, NX_SYS_event_create, pick_payer(self), 0, 0, 0);
		break;
	case 2:
		make_call(self, NX_SYS_process_create, pick_payer(self),
			  chance(50) ? self->process->service_id
				     : drive_random(9),
			  0, 0);
		break;
	case 3:
	case 4:
		/* A thread of the first process could not be killed with
		 * the rest. */
		make_call(self, NX_SYS_thread_create,
			  self == random_first
				  ? pick_handle(self, NX_KIND_PROCESS) | 0
			  : chance(30) ? 0
				       : pick_handle(self, NX_KIND_PROCESS),
			  chance(70) ? 0 : pick_handle(self, NX_KIND_BUDGET), 0,
			  0);
		if (self == random_first && self->in.a[0] == 0)
			self->in.a[0] = random_kept[KEPT_ROOT];
		break;
	case 5:
	case 6:
		make_call(self, NX_SYS_thread_ctl,
			  pick_handle(self, NX_KIND_THREAD), NX_OP_thread_start,
			  64, 64);
		break;
	default:
		make_job(self);
		break;
	}
}
