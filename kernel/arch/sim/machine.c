/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: boot, then for ever choose a thread, perhaps interrupt it, run
 * it until it traps, and let the kernel answer. */
#include "machine.h"

#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/space.h>
#include <kernel/thread.h>

#include <string.h>

struct machine machine;

uint64_t sim_random(void)
{
	/* splitmix64: any seed is a good one, 0 too */
	uint64_t z = machine.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

bool machine_chance(uint32_t permille)
{
	return permille > 0 && sim_random() % 1000 < permille;
}

bool sim_refuses(void)
{
	if (!machine.running || !machine_chance(machine.options->fail_permille))
		return false;
	machine.result->refused++;
	return true;
}

_Noreturn void machine_stop(enum sim_outcome outcome)
{
	machine.result->outcome = outcome;
	machine.running = false;
	harts_stop();
}

_Noreturn void arch_reset(uint32_t kind, uint32_t code)
{
	machine.result->kind = kind;
	machine.result->code = code;
	machine_stop(SIM_RESET);
}

_Noreturn void arch_panic(void)
{
	machine_stop(SIM_PANIC);
}

/* There is none. */
void arch_fast_path(bool on)
{
	(void)on;
}

void arch_random(uint64_t words[4])
{
	for (unsigned i = 0; i < 4; i++)
		words[i] = sim_random();
}

HELD static bool interrupt(void)
{
	struct machine_hart *self = machine_hart();
	bool taken = false;

	if (machine.ticks >= self->kick_ticks) {
		self->kick_ticks = UINT64_MAX;
		kernel_kicked();
		taken = true;
	}
	if (time_is_due()) {
		time_interrupt();
		taken = true;
	}
	if (self == &machine.harts[0] && console_arrives(250)) {
		kernel_console_input();
		taken = true;
	}
	return lines_interrupt() || taken;
}

/* Other harts go on meanwhile; for one alone long work takes no time, but
 * chance stops it. */
bool arch_interrupt_pending(void)
{
	if (!machine.running)
		return false;
	if (machine.options->choose != NULL)
		return harts_interrupt();
	if (hart_many) {
		machine.ticks++;
		harts_yield();
	}
	return time_is_due() || machine.ticks >= machine_hart()->kick_ticks ||
	       machine_chance(machine.options->preempt_permille);
}

HELD static void answer(struct thread *thread)
{
	time_pass();
	switch (machine_hart()->trap) {
	case TRAP_CALL:
		kernel_syscall();
		break;
	case TRAP_FAULT:
		if (machine_hart()->fault.cause == SIM_CAUSE_STORE &&
		    space_write_fault(&thread->process->space,
				      machine_hart()->fault.address))
			break;
		kernel_fault(&machine_hart()->fault);
		break;
	case TRAP_INTERRUPT:
		break;
	}
}

/* The lock is free between the two; whoever has it then may end the thread,
 * which runs until it traps all the same. */
HELD static void run_thread(struct thread *thread)
{
	if (!hart_many) {
		fiber_resume(thread);
		answer(thread);
		return;
	}
	kernel_lock_give();
	harts_yield();
	fiber_resume(thread);
	harts_yield();
	kernel_lock_take();
	if (thread->state == THREAD_RUNNING)
		answer(thread);
}

HELD static void step(void)
{
	struct thread *thread = kernel_schedule();

	/* An interrupt at the first instruction of the thread. */
	if (interrupt())
		thread = kernel_schedule();
	kernel_lock_assert();
	run_thread(thread);
	attribution_check();
	machine.result->steps++;
	if (machine.options->on_step)
		machine.options->on_step(machine.options->context,
					 machine.result->steps);
	if (machine.result->steps >= machine.options->steps_max)
		machine_stop(SIM_STEPS);
}

void machine_live(void)
{
	for (;;)
		step();
}

static void boot(const struct sim_options *options)
{
	uint64_t package = page_round_up(options->package_bytes);
	paddr_t top = SIM_RAM_BASE + options->ram_bytes;
	struct boot_info info = {
		.memory = { { SIM_RAM_BASE, options->ram_bytes - package } },
		.memory_count = 1,
		.memory_bytes = options->ram_bytes,
		.package = { top - package, options->package_bytes },
		.devices = { 0, SIM_RAM_BASE },
		.kept = { { SIM_KEPT_PAGE, NX_PAGE_SIZE } },
		.kept_count = 1,
		.irq_last = SIM_IRQ_LAST,
		.irq_kept = SIM_IRQ_KEPT,
		.arguments = options->arguments,
	};

	if (package > 0)
		memcpy(phys_to_virt(top - package), options->package,
		       options->package_bytes);
	else
		info.package.base = 0;
	kernel_boot(&info);
}

void sim_run(const struct sim_options *options, struct sim_result *out_result)
{
	static struct sim_options own;

	own = *options;
	if (own.ram_bytes == 0)
		own.ram_bytes = UINT64_C(32) << 20;
	if (own.steps_max == 0)
		own.steps_max = 100000000;
	memset(out_result, 0, sizeof(*out_result));
	machine = (struct machine){ .options = &own,
				    .result = out_result,
				    .random = own.seed };
	ram_prepare(own.ram_bytes);
	window_prepare();
	fiber_prepare();
	harts_prepare();
	console_prepare();
	fault_prepare();
	if (setjmp(machine.stop) == 0) {
		boot(&own);
		machine.running = true;
		kernel_lock_assert();
		harts_start();
		machine_live();
	}
	out_result->ticks = machine.ticks;
}
