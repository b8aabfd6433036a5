/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller. It has the rules of a real one, and ends the
 * program if the kernel does not keep to them: a line is on for one hart at a
 * time, interrupts no other, and not again before it is done there. */
#include "machine.h"

#include <kernel/hart.h>

void arch_irq_on(uint32_t line, uint32_t hart)
{
	KASSERT(line > 0 && line <= SIM_IRQ_LAST && !machine.lines[line].on);
	KASSERT(!machine.lines[line].claimed && machine.harts[hart].runs);
	machine.lines[line].on = true;
	machine.lines[line].hart = hart;
}

void arch_irq_off(uint32_t line, uint32_t hart)
{
	KASSERT(machine.lines[line].on && machine.lines[line].hart == hart);
	KASSERT(!machine.lines[line].claimed);
	machine.lines[line].on = false;
}

void arch_irq_done(uint32_t line, uint32_t hart)
{
	KASSERT(machine.lines[line].on && machine.lines[line].hart == hart);
	KASSERT(machine.lines[line].claimed);
	machine.lines[line].claimed = false;
}

/* The machine has none of its own, and no line is slow. */
void arch_irq_stray(uint32_t line)
{
	(void)line;
	KASSERT(false);
}

bool lines_interrupt(void)
{
	uint32_t first;

	if (!machine_chance(machine.options->line_permille))
		return false;
	first = (uint32_t)(sim_random() % SIM_IRQ_LAST);
	for (uint32_t i = 0; i < SIM_IRQ_LAST; i++) {
		uint32_t line = 1 + (first + i) % SIM_IRQ_LAST;

		if (!machine.lines[line].on || machine.lines[line].claimed ||
		    machine.lines[line].hart != this_hart()->id)
			continue;
		machine.lines[line].claimed = true;
		kernel_interrupt(line);
		return true;
	}
	return false;
}

void lines_leave(void)
{
	for (uint32_t i = 1; i <= SIM_IRQ_LAST; i++)
		KASSERT(!machine.lines[i].on || machine.lines[i].claimed ||
			machine.lines[i].hart != this_hart()->id);
}
