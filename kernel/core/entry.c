/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the machine enters the core. A thread that ends or blocks in here
 * stays the current one until kernel_schedule() puts it away, so that what
 * it points to remains good until then. */
#include <kernel/arch.h>
#include <kernel/console.h>
#include <kernel/counters.h>
#include <kernel/fault.h>
#include <kernel/hart.h>
#include <kernel/log.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/timer.h>
#include <kernel/trace.h>
#include <kernel/watch.h>

void kernel_syscall(void)
{
	struct hart *hart = this_hart();
	struct thread *thread = hart->current;
	uint64_t call = thread->frame.call;
	nx_status_t status;

	kernel_lock_assert();
	count(NX_COUNTER_CALLS, 1);
	if (__builtin_expect(thread->watched || hart->trace_events != 0, 0))
		status = syscall_watched(thread, call);
	else
		status = syscall_dispatch(call, &thread->frame.registers);
	if (status <= NX_OK)
		thread->frame.call = (uint64_t)(int64_t)status;
	else if (status == SYS_AGAIN)
		syscall_again(thread);
}

/* A name is whatever the creator chose: only letters reach the log. */
HELD static void name_text(const struct process *process, char text[17])
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned char byte =
			(unsigned char)(process->name[i / 8] >> i % 8 * 8);

		text[i] = byte > ' ' && byte < 0x7f ? (char)byte : '.';
		if (byte == 0)
			text[i] = 0;
	}
	text[16] = 0;
}

HELD static void log_crash(const struct thread *thread,
			   const struct fault *fault)
{
	const struct process *process = thread->process;
	const uint64_t *a = thread->frame.registers.a;
	char name[17];

	name_text(process, name);
	klog("crash: %s process %lu service %u thread %lu cause %lu", name,
	     process->object.id, process->service_id, thread->object.id,
	     fault->cause);
	klog("crash: pc %lx address %lx sp %lx ra %lx", fault->pc,
	     fault->address, fault->stack, fault->caller);
	klog("crash: a0 %lx %lx %lx %lx %lx %lx %lx %lx", a[0], a[1], a[2],
	     a[3], a[4], a[5], a[6], a[7]);
}

void kernel_fault(const struct fault *fault)
{
	struct thread *thread = current_thread();

	kernel_lock_assert();
	count(NX_COUNTER_FAULTS, 1);
	trace(NX_TRACE_FAULT, fault->cause, fault->pc, fault->address);
	if (fault_ask(thread, fault))
		return;
	if (!watch_crash(thread->process, fault))
		log_crash(thread, fault);
	process_end(thread->process, NX_PROCESS_CRASHED, (int64_t)fault->cause);
}

HELD static void interrupted(uint64_t source)
{
	kernel_lock_assert();
	count(NX_COUNTER_INTERRUPTS, 1);
	trace(NX_TRACE_INTERRUPT, source, 0, 0);
}

void kernel_timer(void)
{
	interrupted(NX_TRACE_TIMER);
	count(NX_COUNTER_WAKEUPS, 1);
	timer_run();
}

/* What it is about was noted in the hart, for kernel_schedule(). */
void kernel_kicked(void)
{
	interrupted(NX_TRACE_KICK);
	this_hart()->kicked = false;
	arch_fast_path(this_hart()->trace_events == 0);
}

void kernel_console_input(void)
{
	interrupted(NX_TRACE_CONSOLE);
	console_input();
}
