/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port, an NS16550: the debug line. Output waits for room.
 * Input goes into a ring at the interrupt; while the ring is full the
 * interrupt is off and bytes stay in the device. Before the port is known
 * output goes through the firmware. */
#include "arch/riscv64/machine_internal.h"

#define UART_DATA 0u
#define UART_INTERRUPTS 1u
#define UART_FIFO 2u
#define UART_LINE 5u
#define INTERRUPT_RECEIVED 0x1u
#define FIFO_ON 0x7u /* on, and both emptied */
#define LINE_RECEIVED 0x1u
#define LINE_ROOM 0x20u

#define RING_SIZE 256u

static struct {
	volatile uint8_t *registers; /* NULL: firmware writes */
	uint32_t shift;
	bool listening;
	bool masked;   /* the ring was full */
	uint32_t head; /* bytes put in, ever */
	uint32_t tail; /* bytes taken out, ever */
	uint8_t ring[RING_SIZE];
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
	uart.registers = mmu_device(found->registers.base);
	*uart_register(UART_INTERRUPTS) = 0;
	*uart_register(UART_FIFO) = FIFO_ON;
}

void uart_listen(void)
{
	if (uart.registers == NULL)
		return;
	uart.listening = true;
	*uart_register(UART_INTERRUPTS) = INTERRUPT_RECEIVED;
}

/* Move what the device has into the ring; masks the interrupt when full. */
static void uart_drain(void)
{
	while ((*uart_register(UART_LINE) & LINE_RECEIVED) != 0) {
		if (uart.head - uart.tail == RING_SIZE) {
			*uart_register(UART_INTERRUPTS) = 0;
			uart.masked = true;
			return;
		}
		uart.ring[uart.head++ % RING_SIZE] = *uart_register(UART_DATA);
	}
}

void uart_interrupt(void)
{
	uart_drain();
	if (uart.head != uart.tail)
		kernel_console_input();
}

int arch_console_read(void)
{
	int byte;

	if (uart.head == uart.tail)
		return -1;
	byte = uart.ring[uart.tail++ % RING_SIZE];
	if (uart.masked) {
		uart.masked = false;
		*uart_register(UART_INTERRUPTS) = INTERRUPT_RECEIVED;
	}
	return byte;
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
