/* SPDX-License-Identifier: BSD-2-Clause */
/* Ending: on request, and after a panic with all registers shown. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/machine_internal.h"

#include <kernel/format.h>
#include <kernel/hart.h>

#define RESET_SHUTDOWN 0u
#define RESET_COLD_REBOOT 1u
#define REASON_NONE 0u
#define REASON_FAILURE 1u

void arch_reset(uint32_t kind, uint32_t code)
{
	sbi_reset(kind == NX_RESET_REBOOT ? RESET_COLD_REBOOT : RESET_SHUTDOWN,
		  code == 0 ? REASON_NONE : REASON_FAILURE);
}

/* Past the log: nothing the panic may have broken is used. */
static void show_row(const char *name, unsigned first, const uint64_t *values,
		     unsigned count)
{
	char text[48];

	for (unsigned i = 0; i < count; i++) {
		char end = i % 4 == 3 || i + 1 == count ? '\n' : ' ';
		size_t length =
			format_text(text, sizeof(text), "%3s%-2u %016lx%c",
				    name, first + i, values[i], end);

		arch_console_write(text, length);
	}
}

/* The hart's registers are those of the last exception in the kernel; after a
 * failed assertion they are old, and the live ones tell where. */
void arch_panic(void)
{
	const struct user_frame *frame = &this_hart()->arch.registers;
	uint64_t here[4] = { (uint64_t)(uintptr_t)__builtin_return_address(0),
			     (uint64_t)(uintptr_t)__builtin_frame_address(0),
			     csr_read(scause), csr_read(stval) };
	static bool again;

	if (!again) {
		again = true;
		show_row("at", 0, here, 4);
		show_row("pc", 0, &frame->arch.pc, 1);
		show_row("x", 1, &frame->arch.ra, 4);
		show_row("a", 0, frame->registers.a, 8);
		show_row("s", 0, frame->arch.s, 12);
		show_row("t", 0, &frame->call, 1);
		show_row("t", 1, frame->arch.t, 6);
	}
	sbi_reset(RESET_SHUTDOWN, REASON_FAILURE);
}
