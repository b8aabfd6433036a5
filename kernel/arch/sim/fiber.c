/* SPDX-License-Identifier: BSD-2-Clause */
/* User threads as fibers. Stacks are slots of one reserved range of host
 * addresses, each above a page that is never accessible. A fiber that is not
 * wanted any more is dropped where it stands: nothing of the simulator lives
 * on its stack. */
#include "machine.h"
#include "sanitizer.h"

#include <kernel/hart.h>
#include <kernel/process.h>
#include <kernel/thread.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define FIBERS_MAX 4096
#define STACK_BYTES (UINT64_C(256) << 10)
#define GUARD_BYTES NX_PAGE_SIZE

struct fiber {
	struct thread *thread; /* NULL: free */
	void *stack_pointer;   /* while it does not run */
	void *sanitizer;
	bool started;
	struct fault fault;		/* its last exception */
	struct machine_context context; /* and its registers then */
	bool can_go_on;			/* they and its stack are whole */
	bool goes_on;
	struct fiber *next_free;
};

static struct {
	struct fiber fibers[FIBERS_MAX];
	uint8_t *stacks; /* NULL: not reserved yet */
	struct fiber *free;
	unsigned used_count; /* slots ever given out in this run */
} pool;

static uint8_t *stack_of(const struct fiber *fiber)
{
	uint64_t index = (uint64_t)(fiber - pool.fibers);

	return pool.stacks + index * STACK_BYTES + GUARD_BYTES;
}

void fiber_prepare(void)
{
	if (!pool.stacks)
		pool.stacks =
			machine_map(NULL, FIBERS_MAX * STACK_BYTES, PROT_NONE);
	for (unsigned i = 0; i < pool.used_count; i++)
		pool.fibers[i].thread = NULL;
	pool.free = NULL;
	pool.used_count = 0;
}

static struct fiber *take_slot(void)
{
	struct fiber *fiber = pool.free;

	if (fiber) {
		pool.free = fiber->next_free;
		return fiber;
	}
	if (pool.used_count == FIBERS_MAX)
		return NULL;
	fiber = &pool.fibers[pool.used_count];
	if (mprotect(stack_of(fiber), STACK_BYTES - GUARD_BYTES,
		     PROT_READ | PROT_WRITE) != 0)
		return NULL;
	pool.used_count++;
	return fiber;
}

nx_status_t arch_thread_init(struct thread *thread)
{
	struct fiber *fiber = take_slot();

	if (!fiber)
		return NX_ERR_NO_MEMORY;
	*fiber = (struct fiber){ .thread = thread };
	thread->frame.arch.fiber = fiber;
	return NX_OK;
}

void arch_thread_fini(struct thread *thread)
{
	struct fiber *fiber = thread->frame.arch.fiber;

	if (!fiber)
		return;
	thread->frame.arch.fiber = NULL;
	fiber->thread = NULL;
	fiber->next_free = pool.free;
	pool.free = fiber;
}

void arch_frame_init(struct user_frame *frame, nx_uaddr_t entry,
		     nx_uaddr_t stack, uint64_t a0, uint64_t a1)
{
	*frame = (struct user_frame){
		.registers = { { a0, a1 } },
		.arch = { entry, stack, frame->arch.fiber, false, 0 },
	};
}

void arch_frame_again(struct user_frame *frame)
{
	frame->arch.again = true;
}

struct fiber *fiber_running(void)
{
	return machine_hart()->fiber;
}

/* It is the hart's while that runs it; the lock does not guard it then. */
static struct user_frame *frame_of(const struct fiber *fiber)
{
	return &fiber->thread->frame;
}

/* Both sides of a switch: the sanitizer learns of the stack ahead before,
 * and of the one behind after. */
static void leave_to_kernel(struct fiber *fiber)
{
	struct machine_hart *hart = machine_hart();

	hart->fiber = NULL;
	stack_leave(&fiber->sanitizer, hart->bottom, hart->bytes);
	fiber_switch(&fiber->stack_pointer, hart->kernel_pointer);
	hart = machine_hart(); /* perhaps another one */
	stack_enter(fiber->sanitizer, &hart->bottom, &hart->bytes);
}

void fiber_trap(enum sim_trap trap)
{
	machine_hart()->trap = trap;
	leave_to_kernel(fiber_running());
}

/* Below what the program may still use, unless that is too near the end. */
#define FAULT_STACK_BYTES 65536
#define RED_ZONE_BYTES 128

uintptr_t fiber_note_fault(struct fiber *fiber, const struct fault *fault)
{
	uint8_t *stack = stack_of(fiber);
	uintptr_t low = (uintptr_t)stack + FAULT_STACK_BYTES;
	uintptr_t high = (uintptr_t)stack + STACK_BYTES - GUARD_BYTES;
	uintptr_t at = (uintptr_t)fault->stack - RED_ZONE_BYTES;

	fiber->fault = *fault;
	fiber->can_go_on = at >= low && at <= high;
	if (!fiber->can_go_on) {
		stack_forget(stack, STACK_BYTES - GUARD_BYTES);
		at = high;
	}
	/* As behind a call instruction. */
	return (at & ~UINT64_C(15)) - 8;
}

struct machine_context *fiber_context(struct fiber *fiber)
{
	return &fiber->context;
}

bool fiber_takes_up(struct fiber *fiber, nx_uaddr_t *out_pc)
{
	bool goes_on = fiber->goes_on;

	fiber->goes_on = false;
	*out_pc = frame_of(fiber)->arch.pc;
	return goes_on;
}

/* One whose stack is lost can only try again. */
_Noreturn void fiber_fault(void)
{
	struct fiber *fiber = fiber_running();

	do {
		frame_of(fiber)->arch.pc = fiber->fault.pc;
		machine_hart()->fault = fiber->fault;
		fiber_trap(TRAP_FAULT);
	} while (!fiber->can_go_on);
	fiber->goes_on = true;
	__builtin_trap(); /* see fiber_takes_up() */
}

static _Noreturn void crash(uint64_t cause, nx_uaddr_t pc)
{
	struct fiber *fiber = fiber_running();

	fiber->fault =
		(struct fault){ .cause = cause, .pc = pc, .address = pc };
	fiber->can_go_on = false;
	fiber_fault();
}

/* Without the lock: a thread is of one process for ever. */
NOT_CHECKED static void begin(void)
{
	struct machine_hart *hart = machine_hart();
	struct fiber *fiber = hart->fiber;
	struct user_frame *frame = frame_of(fiber);
	struct sim_program program;

	stack_enter(NULL, &hart->bottom, &hart->bytes);
	if (!program_find(&fiber->thread->process->space, frame->arch.entry,
			  &program))
		crash(SIM_CAUSE_FETCH, frame->arch.entry);
	program.start(program.context, frame->registers.a[0],
		      frame->registers.a[1]);
	crash(SIM_CAUSE_FETCH, 0);
}

/* Without the lock: it was there when the thread was chosen. */
NOT_CHECKED void fiber_resume(struct thread *thread)
{
	struct fiber *fiber = thread->frame.arch.fiber;
	struct machine_hart *hart = machine_hart();
	uint8_t *stack = stack_of(fiber);

	KASSERT(fiber->thread == thread);
	/* Only the hart whose thread it is touches its frame now. */
	KASSERT(thread->hart == sim_hart);
	if (!fiber->started) {
		fiber->started = true;
		stack_forget(stack, STACK_BYTES - GUARD_BYTES);
		fiber->stack_pointer = fiber_first_frame(
			stack + STACK_BYTES - GUARD_BYTES, begin);
	}
	hart->fiber = fiber;
	stack_leave(&hart->kernel_sanitizer, stack, STACK_BYTES - GUARD_BYTES);
	fiber_switch(&hart->kernel_pointer, fiber->stack_pointer);
	stack_enter(hart->kernel_sanitizer, NULL, NULL);
}

/* Without the lock: a number never changes. */
NOT_CHECKED static uint64_t running_id(void)
{
	return fiber_running()->thread->object.id;
}

static void trace(uint64_t number, const struct nx_registers *regs)
{
	fprintf(stderr,
		"[%" PRIu64 "] thread %" PRIu64 " call %" PRIu64 " (%" PRIx64
		" %" PRIx64 ")\n",
		machine.ticks, running_id(), number, regs->a[0], regs->a[1]);
}

/* The trap instruction of the simulator. */
nx_status_t nx_trap(uint64_t number, struct nx_registers *regs)
{
	struct user_frame *frame;

	if (!fiber_running()) {
		fprintf(stderr, "simulator: a call from outside the machine\n");
		abort();
	}
	if (machine.options->verbose)
		trace(number, regs);
	frame = frame_of(fiber_running());
	frame->registers = *regs;
	frame->call = number;
	do {
		frame->arch.again = false;
		fiber_trap(TRAP_CALL);
	} while (frame->arch.again);
	*regs = frame->registers;
	if (machine.options->verbose)
		fprintf(stderr,
			"[%" PRIu64 "] thread %" PRIu64 " = %" PRId64 "\n",
			machine.ticks, running_id(), (int64_t)frame->call);
	return (nx_status_t)frame->call;
}

bool fiber_owns(const struct space *space, nx_uaddr_t address,
		uint64_t size_bytes)
{
	uint64_t offset = address - (uintptr_t)pool.stacks;
	uint64_t index = offset / STACK_BYTES;
	uint64_t start = offset % STACK_BYTES;
	struct thread *thread;

	if (!pool.stacks || index >= pool.used_count || start < GUARD_BYTES ||
	    size_bytes > STACK_BYTES - start)
		return false;
	thread = pool.fibers[index].thread;
	return thread && thread->process && &thread->process->space == space;
}
