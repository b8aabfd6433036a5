/* SPDX-License-Identifier: BSD-2-Clause */
/* See fault.h. A thread of which the call fails runs into its exception again,
 * and is not asked about then; so nothing that happens to a handler has to end
 * a thread that is not the current one. */
#include <kernel/fault.h>

#include <kernel/arch.h>
#include <kernel/arguments.h>
#include <kernel/job.h>
#include <kernel/message.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>

HELD static const struct job *handled(const struct job *job)
{
	while (job != NULL && job->handler == NULL)
		job = job->parent;
	return job;
}

bool fault_ask(struct thread *thread, const struct fault *fault)
{
	const struct process *process = thread->process;
	const struct job *job = handled(process->object.job);

	if (job == NULL || job->handler->closed ||
	    thread->refused == fault->pc + 1)
		return false;
	thread->asks = true;
	thread->again = false;
	thread->kept = thread->frame.registers;
	thread->kept_call = thread->frame.call;
	thread->refused = fault->pc + 1;
	thread->resume = 0;
	thread->frame.registers = (struct nx_registers){
		{ 0, (uint64_t)NX_MESSAGE_WORDS << NX_HEADER_WORDS_SHIFT,
		  fault->pc, fault->cause, fault->address, fault->stack,
		  process->object.id, thread->object.id },
	};
	message_call(thread, job->handler,
		     (uint64_t)process->service_id << 32 | job->handler_badge);
	return true;
}

void fault_answered(struct thread *thread)
{
	struct user_frame *frame = &thread->frame;
	const uint64_t *a = frame->registers.a;

	thread->asks = false;
	if (frame->call == NX_OK && nx_header_method(a[1]) == 0) {
		frame->arch.pc = a[2];
		thread->refused = 0;
	}
	frame->registers = thread->kept;
	frame->call = thread->kept_call;
}

nx_status_t sys_job_handler(nx_handle_t number, nx_handle_t port_number)
{
	struct process *self = current_process();
	struct handle *handle = NULL;
	struct port *port;
	struct job *job;
	nx_status_t status =
		argument_object(number, NX_KIND_JOB, NX_RIGHT_MANAGE, &job);

	if (status == NX_OK && port_number != NX_HANDLE_NONE)
		status = argument_handle(port_number, NX_KIND_PORT,
					 NX_RIGHT_CALL, &handle);
	if (status != NX_OK)
		return status;
	/* Whoever handles its own exceptions waits for itself. */
	if (job_is_below(self->object.job, job))
		return NX_ERR_ACCESS_DENIED;
	if (job->dying)
		return NX_ERR_BAD_STATE;
	if (handle == NULL) {
		job_handler_end(job);
		return NX_OK;
	}
	port = CONTAINER_OF(handle->object, struct port, object);
	if (port->closed)
		return NX_ERR_PEER_CLOSED;
	job_handler_end(job);
	job->handler = port;
	job->handler_badge = (uint32_t)handle->identity;
	list_push_back(&port->handled, &job->in_handler);
	return NX_OK;
}
