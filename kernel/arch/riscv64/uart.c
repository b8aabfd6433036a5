/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port, an NS16550: the debug line. Output waits for room.
 * Input that the core has no room for stays in the device, with the
 * interrupt off until the core has read it all. Before the port is known
 * output goes through the firmware. */
#include "arch/riscv64/machine_internal.h"

#include <kernel/page.h>

#define UART_DATA 0u
#define UART_INTERRUPTS 1u
#define UART_FIFO 2u
#define UART_LINE 5u
#define INTERRUPT_RECEIVED 0x1u
#define FIFO_ON 0x7u /* on, and both emptied */
#define LINE_RECEIVED 0x1u
#define LINE_ROOM 0x20u

static struct {
	volatile uint8_t *registers; /* NULL: firmware writes */
	uint32_t shift;
	uint32_t line;
	bool masked GUARDED; /* bytes were left in the device */
} uart;

static volatile uint8_t *uart_register(uint32_t number)
{
	return uart.registers + (number << uart.shift);
}

void uart_init(const struct machine_uart *found)
{
	if (found->registers.size_bytes == 0)
		return;
	uart.shift = found->register_shift;
	uart.line = found->interrupt;
	uart.registers = phys_to_virt(found->registers.base);
	*uart_register(UART_FIFO) = FIFO_ON;
	*uart_register(UART_INTERRUPTS) = INTERRUPT_RECEIVED;
}

static bool has_input(void)
{
	return (*uart_register(UART_LINE) & LINE_RECEIVED) != 0;
}

void uart_interrupt(uint32_t line)
{
	if (line != uart.line)
		return;
	kernel_console_input();
	if (has_input()) {
		*uart_register(UART_INTERRUPTS) = 0;
		uart.masked = true;
	}
}

int arch_console_read(void)
{
	if (uart.registers == NULL)
		return -1;
	if (has_input())
		return *uart_register(UART_DATA);
	if (uart.masked) {
		uart.masked = false;
		*uart_register(UART_INTERRUPTS) = INTERRUPT_RECEIVED;
	}
	return -1;
}

static void put_byte(char byte)
{
	if (uart.registers == NULL) {
		sbi_putchar(byte);
		return;
	}
	while ((*uart_register(UART_LINE) & LINE_ROOM) == 0)
		;
	*uart_register(UART_DATA) = (uint8_t)byte;
}

void arch_console_write(const char *text, size_t size_bytes)
{
	for (size_t i = 0; i < size_bytes; i++) {
		if (text[i] == '\n')
			put_byte('\r');
		put_byte(text[i]);
	}
}
