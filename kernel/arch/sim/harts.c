/* SPDX-License-Identifier: BSD-2-Clause */
/* Harts of the simulator: stacks of the host that take turns where the kernel's
 * lock is free, as chance says. A hart that waits has no turn until something
 * interrupts it; when all wait, time goes on to what happens first. */
#include "machine.h"
#include "sanitizer.h"

#include <kernel/hart.h>

#include <stdlib.h>
#include <sys/mman.h>

#define STACK_BYTES (UINT64_C(1) << 20)

struct hart *sim_hart = &harts[0];
/* NULL: none yet; the first has that of sim_run(). */
static uint8_t *stacks[SIM_HARTS_MAX];

struct machine_hart *machine_hart(void)
{
	return &machine.harts[sim_hart - harts];
}

void harts_prepare(void)
{
	uint64_t skew_max = machine.options->skew_ticks;

	for (unsigned i = 0; i < SIM_HARTS_MAX; i++) {
		struct machine_hart *hart = &machine.harts[i];

		hart->timer_ticks = UINT64_MAX;
		hart->kick_ticks = UINT64_MAX;
		if (skew_max > 0)
			hart->skew_ticks = sim_random() % (skew_max + 1);
	}
	sim_hart = &harts[0];
	machine.harts[0].runs = true;
}

/* Comes back when it is this hart's turn again. */
static void switch_to(struct machine_hart *to)
{
	struct machine_hart *self = machine_hart();

	if (to == self)
		return;
	machine.before = self;
	sim_hart = &harts[to - machine.harts];
	stack_leave(&self->sanitizer, to->bottom, to->bytes);
	fiber_switch(&self->pointer, to->pointer);
	stack_enter(self->sanitizer, &machine.before->bottom,
		    &machine.before->bytes);
	if (!machine.running)
		longjmp(machine.stop, 1);
}

void harts_stop(void)
{
	if (machine_hart() != &machine.harts[0])
		switch_to(&machine.harts[0]);
	longjmp(machine.stop, 1);
}

/* Does an interrupt wait for this hart? */
static bool is_due(const struct machine_hart *hart)
{
	return machine.ticks + hart->skew_ticks >= hart->timer_ticks ||
	       machine.ticks >= hart->kick_ticks ||
	       (hart == &machine.harts[0] && console_expects());
}

/* All wait: on to what comes first, or for ever. */
static void advance(void)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < SIM_HARTS_MAX; i++) {
		const struct machine_hart *hart = &machine.harts[i];

		if (!hart->runs)
			continue;
		if (hart->timer_ticks != UINT64_MAX &&
		    hart->timer_ticks - hart->skew_ticks < first)
			first = hart->timer_ticks - hart->skew_ticks;
		if (hart->kick_ticks < first)
			first = hart->kick_ticks;
	}
	if (first == UINT64_MAX)
		machine_stop(SIM_DEADLOCK);
	machine.ticks = first;
}

static struct machine_hart *one_of(struct machine_hart **ready, uint32_t count)
{
	const struct sim_options *options = machine.options;

	if (options->choose == NULL)
		return ready[sim_random() % count];
	return ready[count > 1 ? options->choose(options->context, count) : 0];
}

/* Those that can go on, whose turn it is first. */
static uint32_t find_ready(struct machine_hart *ready[SIM_HARTS_MAX])
{
	unsigned self = (unsigned)(sim_hart - harts);
	uint32_t count = 0;

	for (unsigned i = 0; i < SIM_HARTS_MAX; i++) {
		struct machine_hart *hart =
			&machine.harts[(self + i) % SIM_HARTS_MAX];

		if (hart->runs && (!hart->waits || is_due(hart)))
			ready[count++] = hart;
	}
	return count;
}

static struct machine_hart *next_hart(void)
{
	struct machine_hart *ready[SIM_HARTS_MAX];
	uint32_t count;

	while ((count = find_ready(ready)) == 0)
		advance();
	return one_of(ready, count);
}

void harts_yield(void)
{
	if (hart_many)
		switch_to(next_hart());
}

/* On to another hart, if any can go on as this one can. */
static void pass_on(void)
{
	struct machine_hart *ready[SIM_HARTS_MAX];

	if (find_ready(ready) > 1)
		switch_to(ready[1]);
}

bool harts_interrupt(void)
{
	const struct sim_options *options = machine.options;

	if (options->choose(options->context, 2) == 0)
		return false;
	pass_on();
	return true;
}

void arch_relax(uint32_t turn)
{
	(void)turn;
	if (machine.options->choose != NULL)
		pass_on();
	else
		harts_yield();
}

/* With one hart: what happens by itself next; with nothing to come the machine
 * would wait for ever, which is an outcome of its own. */
static void wait_alone(struct machine_hart *self)
{
	bool timer = self->timer_ticks != UINT64_MAX;

	self->typed = console_expects() && (!timer || machine_chance(500));
	if (self->typed)
		return;
	if (!timer)
		machine_stop(SIM_DEADLOCK);
	if (machine.ticks < self->timer_ticks)
		machine.ticks = self->timer_ticks;
}

void arch_wait(void)
{
	struct machine_hart *self = machine_hart();

	if (!hart_many) {
		wait_alone(self);
		return;
	}
	self->waits = true;
	do
		switch_to(next_hart());
	while (!is_due(self));
	self->waits = false;
	self->typed = self == &machine.harts[0] && console_expects();
}

void arch_interrupts(void)
{
	struct machine_hart *self = machine_hart();

	if (machine.ticks >= self->kick_ticks) {
		self->kick_ticks = UINT64_MAX;
		kernel_kicked();
	}
	if (self->typed) {
		self->typed = false;
		if (console_arrives(1000))
			kernel_console_input();
	} else if (time_is_due()) {
		time_interrupt();
	}
}

void arch_kick(struct hart *hart)
{
	uint64_t delay = machine.options->kick_delay_ticks;

	if (delay > 0)
		delay = sim_random() % (delay + 1);
	machine.harts[hart->id].kick_ticks = machine.ticks + delay;
}

/* The first thing that runs on its stack. */
static void begin(void)
{
	stack_enter(NULL, &machine.before->bottom, &machine.before->bytes);
	kernel_lock_take();
	hart_join(sim_hart);
	machine_live();
}

bool arch_hart_start(struct hart *hart)
{
	struct machine_hart *self = &machine.harts[hart->id];
	uint8_t **stack = &stacks[hart->id];

	if (hart->id >= machine.options->hart_count || self->runs)
		return false;
	if (!*stack)
		*stack = machine_map(NULL, STACK_BYTES, PROT_READ | PROT_WRITE);
	stack_forget(*stack, STACK_BYTES);
	self->bottom = *stack;
	self->bytes = STACK_BYTES;
	self->pointer = fiber_first_frame(*stack + STACK_BYTES, begin);
	self->timer_ticks = UINT64_MAX;
	self->kick_ticks = UINT64_MAX;
	self->runs = true;
	self->waits = false;
	hart->has_lock = false;
	return true;
}

/* Some never come: chance says which. */
void harts_start(void)
{
	if (machine.options->hart_count < 2)
		return;
	hart_expect_others();
	for (uint32_t i = 1; i < machine.options->hart_count; i++)
		if (!machine_chance(machine.options->hart_loss_permille))
			arch_hart_start(&harts[i]);
}

void arch_hart_stop(void)
{
	lines_leave();
	machine_hart()->runs = false;
	kernel_lock_give();
	switch_to(next_hart());
	abort();
}
