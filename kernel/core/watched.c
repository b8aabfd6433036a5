/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of threads that have a filter, or that are to make one again. They
 * do so by an instruction of their own; where that stood may be another one
 * by then, which must neither pass the filter for it nor go on with what it
 * has begun. */
#include <kernel/syscall.h>

#include <kernel/arch.h>
#include <kernel/counters.h>
#include <kernel/filter.h>
#include <kernel/hart.h>
#include <kernel/thread.h>
#include <kernel/trace.h>

HELD static bool is_made_again(const struct thread *thread, uint64_t number)
{
	const uint64_t *now = thread->frame.registers.a;
	const uint64_t *then = thread->kept.a;
	bool is = thread->again && number == thread->kept_call;

	for (unsigned i = 0; i < ARRAY_COUNT(thread->kept.a); i++)
		is = is && now[i] == then[i];
	return is;
}

nx_status_t syscall_watched(struct thread *thread, uint64_t number)
{
	struct nx_registers *registers = &thread->frame.registers;
	bool is_again = is_made_again(thread, number);
	nx_status_t status = NX_OK;

	trace(NX_TRACE_CALL, number, registers->a[0], registers->a[1]);
	if (!is_again)
		thread_leave_call(thread);
	thread->again = false;
	thread->watched = thread->filter != NULL;
	if (thread->filter != NULL && !is_again)
		status = filter_ask(thread);
	if (status == NX_OK)
		status = syscall_dispatch(number, registers);
	if (status <= NX_OK)
		trace(NX_TRACE_STATUS, number, (uint64_t)(int64_t)status, 0);
	return status;
}

void syscall_again(struct thread *thread)
{
	count(NX_COUNTER_CALLS, -1);
	thread->again = true;
	thread->watched = true;
	thread->kept_call = thread->frame.call;
	thread->kept = thread->frame.registers;
	arch_frame_again(&thread->frame);
	arch_interrupts();
}
