/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: birth, waits and death. The process's list holds a reference on
 * each of its threads; a thread that has started holds one on its process,
 * so that one that never starts keeps nothing alive. */
#include <kernel/thread.h>

#include <kernel/budget.h>
#include <kernel/event.h>
#include <kernel/fault.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/message.h>
#include <kernel/page.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/vmo.h>

/* The message buffer: a page of the process, seen by the kernel too. */
HELD static nx_status_t buffer_create(struct thread *thread)
{
	paddr_t page;
	nx_status_t status = page_alloc(thread->object.job, 0, &page);

	if (status != NX_OK)
		return status;
	vmo_init_physical(&thread->memory, page, NX_PAGE_SIZE);
	thread->buffer = phys_to_virt(page);
	thread->buffer->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	thread->buffer->recv_caps_max = NX_MESSAGE_CAPS_MAX;
	return kernel_poll() ? SYS_AGAIN : NX_OK;
}

/* The program may have unmapped it already, and have something else there. One
 * page goes in one step. */
HELD static void buffer_destroy(struct thread *thread)
{
	if (thread->buffer == NULL)
		return;
	if (thread->memory.mapping_count > 0)
		mapping_destroy(LIST_ENTRY(thread->memory.mappings.next,
					   struct mapping, in_vmo));
	KASSERT(thread->memory.mapping_count == 0);
	page_free(thread->object.job, thread->memory.memory.base, 0);
	thread->buffer = NULL;
}

nx_status_t thread_create(struct process *process, struct thread **out_thread)
{
	struct job *job = process->object.job;
	struct thread *thread;
	nx_status_t status = object_create(job, NX_KIND_THREAD, &thread);

	if (status != NX_OK)
		return status;
	list_init(&thread->in_process);
	list_init(&thread->queue);
	steps_init(&thread->steps);
	thread->affinity = HARTS_ALL;
	thread->slow_headers = MESSAGE_HEADER_SLOW;
	thread->resume = arch_space_resume(&process->space);
	status = arch_thread_init(thread);
	if (status == NX_OK)
		status = job_charge(job, JOB_THREADS, 1);
	if (status != NX_OK) {
		object_unref(&thread->object);
		return status;
	}
	thread->state = THREAD_NEW;
	*out_thread = thread;
	return NX_OK;
}

nx_status_t thread_set_up(struct thread *thread, struct process *process,
			  struct budget *budget)
{
	nx_status_t status = NX_OK;

	if (process->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	if (thread->buffer == NULL)
		status = buffer_create(thread);
	if (status != NX_OK)
		return status;
	if (current_thread() != NULL && current_thread()->coming != NULL)
		status = space_map_more(&thread->buffer_address);
	else
		status = space_map(&process->space, &thread->memory, NULL, 0,
				   NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE, 0,
				   &thread->buffer_address);
	if (status != NX_OK)
		return status;
	thread->process = process;
	sched_set_hart(thread, this_hart());
	thread->budget = budget;
	budget->thread_count++;
	object_ref(&budget->object);
	object_ref(&thread->object);
	list_push_back(&process->threads, &thread->in_process);
	return NX_OK;
}

nx_status_t thread_start(struct thread *thread, nx_uaddr_t entry,
			 nx_uaddr_t stack, uint64_t argument)
{
	struct process *process = thread->process;

	if (thread->state != THREAD_NEW || process->state > NX_PROCESS_RUNNING)
		return NX_ERR_BAD_STATE;
	object_ref(&process->object);
	process->state = NX_PROCESS_RUNNING;
	process->started_count++;
	thread->started = true;
	arch_frame_init(&thread->frame, entry, stack, argument,
			thread->buffer_address);
	sched_ready(thread);
	return NX_OK;
}

/* Whoever was to answer this thread shall find that it is gone; what was
 * done for it until now it has paid. */
HELD static void leave_reply(struct thread *thread)
{
	sched_charge();
	if (thread->callee != NULL) {
		thread->callee->caller = NULL;
		thread->callee->caller_gone = true;
		thread->callee = NULL;
	}
	if (thread->reply != NULL) {
		thread->reply->caller = NULL;
		thread->reply = NULL;
	}
}

HELD static void leave_port(struct thread *thread)
{
	struct port *port = thread->port;
	bool counted = thread->state != THREAD_SENDING;

	if (thread->state == THREAD_CALLING)
		port->caller_count--;
	thread->port = NULL;
	if (counted)
		object_unref(&port->object);
}

void thread_disarm_armed(struct thread *thread)
{
	timer_disarm(&thread->timer);
	thread->resume = arch_space_resume(&thread->process->space);
	if (thread->asks)
		fault_answered(thread);
}

void thread_unblock(struct thread *thread)
{
	thread_disarm(thread);
	switch (thread->state) {
	case THREAD_READY:
		sched_remove(thread);
		break;
	case THREAD_AWAITING_REPLY:
		leave_reply(thread);
		leave_port(thread);
		break;
	case THREAD_CALLING:
	case THREAD_SENDING:
	case THREAD_RECEIVING:
		list_remove(&thread->queue);
		leave_port(thread);
		break;
	case THREAD_WAITING:
		thread->event->waiter = NULL;
		object_unref(&thread->event->object);
		thread->event = NULL;
		break;
	case THREAD_EVICTING:
		list_remove(&thread->queue);
		break;
	default:
		break;
	}
}

void thread_wake(struct thread *thread, nx_status_t status)
{
	thread->frame.call = (uint64_t)(int64_t)status;
	thread_unblock(thread);
	sched_ready(thread);
}

void thread_wake_with(struct thread *thread, nx_status_t status, uint64_t a0,
		      uint64_t a1)
{
	thread->frame.registers = (struct nx_registers){ { a0, a1 } };
	thread_wake(thread, status);
}

void thread_wake_closed(struct thread *thread)
{
	thread_wake_with(thread, NX_ERR_PEER_CLOSED, thread->port->generation,
			 0);
}

HELD static void timed_out(struct timer *timer)
{
	thread_wake(CONTAINER_OF(timer, struct thread, timer),
		    NX_ERR_TIMED_OUT);
}

void thread_arm(struct thread *thread, uint64_t deadline_ns)
{
	thread->resume = 0;
	timer_arm(&thread->timer, deadline_ns, sched_slack_ns(thread),
		  timed_out);
}

void thread_reap(struct thread *thread)
{
	struct process *process = thread->process;

	list_remove(&thread->in_process);
	thread->process = NULL;
	if (thread->lingers)
		process->linger_count--;
	object_unref(&thread->budget->object);
	thread->budget = NULL;
	if (thread->started)
		object_unref(&process->object);
	object_unref(&thread->object);
}

void thread_leave_call(struct thread *thread)
{
	if (thread->reserves)
		vmo_reserve_end(
			CONTAINER_OF(thread->unfinished, struct vmo, object));
	thread->reserves = false;
	object_unref(thread->unfinished);
	thread->unfinished = NULL;
	if (thread->coming != NULL)
		mapping_destroy(thread->coming);
	thread->walk.version = 0;
}

void thread_bury(struct thread *zombie)
{
	steps_move(&zombie->steps, steps_here());
	if (zombie->hart->current == zombie)
		return;
	sched_remove(zombie);
	thread_reap(zombie);
}

void thread_kill(struct thread *thread)
{
	struct process *process = thread->process;
	bool is_running = thread->state == THREAD_RUNNING;

	if (thread->state == THREAD_DEAD)
		return;
	/* The current one is not running any more if it has just blocked. */
	if (thread == current_thread())
		sched_charge();
	else if (is_running)
		sched_charge_all();
	else
		sched_settle(thread);
	thread_unblock(thread);
	if (thread->caller != NULL)
		thread_wake_closed(thread->caller);
	thread->caller_gone = false;
	thread->state = THREAD_DEAD;
	if (thread->unfinished != NULL || thread->coming != NULL)
		thread_leave_call(thread);
	/* What else it had to do is work of whoever killed it. */
	if (thread != current_thread())
		steps_take_over(&thread->steps);
	thread->budget->thread_count--;
	list_remove(&thread->in_process);
	if (thread->started)
		process->started_count--;
	buffer_destroy(thread);
	job_uncharge(process->object.job, JOB_THREADS, 1);
	if (thread == current_thread()) {
		sched_block();
	} else if (is_running) {
		/* Its hart will reap it. */
		thread->lingers = true;
		process->linger_count++;
		hart_evict(thread->hart);
	} else {
		thread_reap(thread);
	}
}

void thread_end(struct thread *thread, uint32_t state, int64_t code)
{
	struct process *process = thread->process;

	if (thread->state == THREAD_DEAD)
		return;
	object_ref(&process->object);
	thread_kill(thread);
	if (process->state == NX_PROCESS_RUNNING && process->started_count == 0)
		process_end(process, state, code);
	object_unref(&process->object);
}

bool thread_destroy(struct object *object)
{
	struct thread *thread = CONTAINER_OF(object, struct thread, object);

	/* It was never set up. */
	if (thread->state == THREAD_NEW) {
		job_uncharge(object->job, JOB_THREADS, 1);
		buffer_destroy(thread);
	}
	arch_thread_fini(thread);
	filter_unref(thread->filter);
	return true;
}

void thread_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	static const uint8_t states[] = {
		[THREAD_RUNNING] = NX_THREAD_RUNNING,
		[THREAD_NEW] = NX_THREAD_NEW,
		[THREAD_READY] = NX_THREAD_READY,
		[THREAD_CALLING... THREAD_EVICTING] = NX_THREAD_BLOCKED,
		[THREAD_DEAD] = NX_THREAD_DEAD,
	};
	const struct thread *thread = (const struct thread *)object;

	*state = states[thread->state];
	*value = time_ticks_to_ns(thread->cpu_ticks);
}
