/* SPDX-License-Identifier: BSD-2-Clause */
/* filter_install, and what is told of a call that a filter refuses. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/copy.h>
#include <kernel/counters.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/log.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <kernel/timer.h>
#include <kernel/trace.h>
#include <nexus/rights.h>

/* Between two lines of the log, whoever makes them. */
#define LINE_NS UINT64_C(100000000)

static struct {
	uint64_t next_ns; /* no line before */
	uint64_t held;	  /* refusals without one since the last */
} lines GUARDED;

void filter_init(void)
{
	lines.next_ns = 0;
	lines.held = 0;
}

HELD static nx_status_t install_thread(struct thread *thread,
				       const struct nx_filter_rules *wanted)
{
	struct filter *filter;
	nx_status_t status = filter_narrow(current_process()->object.job,
					   thread->filter, wanted, &filter);

	if (status == NX_OK)
		filter_give(thread, filter);
	return status;
}

/* Only before anything lives in the job: what is made in it later has its
 * filter from the beginning, and nothing has to be searched. */
HELD static nx_status_t install_job(struct job *job,
				    const struct nx_filter_rules *wanted)
{
	struct filter *filter;
	nx_status_t status;

	if (job == root_job || job->dying || !list_is_empty(&job->children) ||
	    !list_is_empty(&job->processes))
		return NX_ERR_BAD_STATE;
	status = filter_narrow(current_process()->object.job, job->filter,
			       wanted, &filter);
	if (status != NX_OK)
		return status;
	filter_unref(job->filter);
	job->filter = filter;
	return NX_OK;
}

HELD static nx_status_t target_of(nx_handle_t number,
				  struct object **out_target)
{
	struct handle *handle;
	nx_status_t status;

	if (number == NX_HANDLE_NONE) {
		*out_target = &current_thread()->object;
		return NX_OK;
	}
	status = argument_handle(number, NX_KIND_NONE, 0, &handle);
	if (status != NX_OK)
		return status;
	if (handle->object->kind != NX_KIND_THREAD &&
	    handle->object->kind != NX_KIND_JOB)
		return NX_ERR_WRONG_KIND;
	if ((handle->link.rights & NX_RIGHT_MANAGE) == 0)
		return NX_ERR_ACCESS_DENIED;
	*out_target = handle->object;
	return NX_OK;
}

nx_status_t sys_filter_install(nx_handle_t number, nx_uaddr_t address)
{
	struct nx_filter_rules wanted;
	struct object *target;
	nx_status_t status = target_of(number, &target);

	if (status == NX_OK)
		status = copy_in(&wanted, address, sizeof(wanted));
	if (status == NX_OK)
		status = filter_check(&wanted);
	if (status != NX_OK)
		return status;
	if (target->kind == NX_KIND_JOB)
		return install_job(CONTAINER_OF(target, struct job, object),
				   &wanted);
	return install_thread(CONTAINER_OF(target, struct thread, object),
			      &wanted);
}

/* Not every refusal has a line: a program must not fill the log. */
HELD static void tell(const struct thread *thread, nx_status_t status)
{
	uint64_t now_ns = time_now_ns();

	if (now_ns < lines.next_ns) {
		lines.held++;
		return;
	}
	klog("filter: process %lu thread %lu call %lu operation %lu status %d, %lu more",
	     thread->process->object.id, thread->object.id, thread->frame.call,
	     thread->frame.registers.a[1], status, lines.held);
	lines.next_ns = now_ns + LINE_NS;
	lines.held = 0;
}

nx_status_t filter_ask(struct thread *thread)
{
	nx_status_t status = filter_admit(thread->filter, thread->frame.call,
					  &thread->frame.registers);

	if (status == NX_OK)
		return NX_OK;
	count(NX_COUNTER_DENIED, 1);
	trace(NX_TRACE_DENIED, thread->frame.call, thread->frame.registers.a[1],
	      (uint64_t)(int64_t)status);
	tell(thread, status);
	if (status != NX_ERR_FILTERED ||
	    (thread->filter->options & NX_FILTER_KILL) == 0)
		return status;
	process_end(thread->process, NX_PROCESS_KILLED, status);
	return SYS_BLOCKED;
}
