/* SPDX-License-Identifier: BSD-2-Clause */
/* What a job is told about the processes below it. A report waits in the
 * nearest watched job; when nobody takes it, the oldest one is dropped and
 * that is counted. */
#include <kernel/arguments.h>
#include <kernel/watch.h>

#include <kernel/arch.h>
#include <kernel/event.h>
#include <kernel/job.h>
#include <kernel/process.h>
#include <kernel/syscall.h>

void watch_exit(struct process *process)
{
	struct job *job = job_watched(process->object.job);
	uint64_t bits;

	if (job == NULL)
		return;
	bits = job->watch_exit_bits;
	if (process->state == NX_PROCESS_CRASHED)
		bits |= job->watch_crash_bits;
	if (bits != 0)
		event_signal(job->watch.event, bits);
}

bool watch_crash(struct process *process, const struct fault *fault)
{
	struct job *job = job_watched(process->object.job);
	struct crash_report *report;

	if (job == NULL)
		return false;
	if (job->crash_count == JOB_CRASHES_MAX) {
		job->crash_first = (job->crash_first + 1) % JOB_CRASHES_MAX;
		job->crash_count--;
		job->crash_dropped++;
	}
	report = &job->crashes[(job->crash_first + job->crash_count) %
			       JOB_CRASHES_MAX];
	job->crash_count++;
	*report = (struct crash_report){
		.process_id = process->object.id,
		.service_id = process->service_id,
		.fault = *fault,
	};
	return true;
}

nx_status_t sys_job_watch(nx_handle_t number, nx_handle_t event_number,
			  uint64_t exit_bits, uint64_t crash_bits)
{
	struct event *event = NULL;
	struct job *job;
	nx_status_t status;

	if (event_number != NX_HANDLE_NONE && (exit_bits | crash_bits) == 0)
		return NX_ERR_INVALID_ARGS;
	status = argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);
	if (status == NX_OK)
		status = argument_optional(event_number, NX_KIND_EVENT,
					   NX_RIGHT_SIGNAL, &event);
	if (status != NX_OK)
		return status;
	if (job->dying)
		return NX_ERR_BAD_STATE;
	event_watch_set(&job->watch, event);
	job->watch_exit_bits = exit_bits;
	job->watch_crash_bits = crash_bits;
	return NX_OK;
}

nx_status_t sys_job_crash(nx_handle_t number, uint64_t *out_process_id,
			  uint32_t *out_service_id, uint64_t *out_cause,
			  nx_uaddr_t *out_pc, nx_uaddr_t *out_address,
			  nx_uaddr_t *out_stack, nx_uaddr_t *out_caller,
			  uint64_t *out_dropped)
{
	const struct crash_report *report;
	struct job *job;
	nx_status_t status =
		argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);

	if (status != NX_OK)
		return status;
	if (job->crash_count == 0)
		return NX_ERR_NOT_FOUND;
	report = &job->crashes[job->crash_first];
	*out_process_id = report->process_id;
	*out_service_id = report->service_id;
	*out_cause = report->fault.cause;
	*out_pc = report->fault.pc;
	*out_address = report->fault.address;
	*out_stack = report->fault.stack;
	*out_caller = report->fault.caller;
	*out_dropped = job->crash_dropped;
	job->crash_first = (job->crash_first + 1) % JOB_CRASHES_MAX;
	job->crash_count--;
	job->crash_dropped = 0;
	return NX_OK;
}
