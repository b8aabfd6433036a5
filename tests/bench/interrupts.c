/* SPDX-License-Identifier: BSD-2-Clause */
/* From the moment a device interrupts to the first instruction of the driver
 * that waits for it, on a hart that does nothing meanwhile. The device is the
 * clock of the machine, which is made to run on the emulator's own time, as
 * the cycle counter does: so it is known when its alarm comes. */
#include "bench.h"

#define PAGE NX_PAGE_SIZE
#define CLOCK_PAGE UINT64_C(0x101000)
#define CLOCK_LINE 11
/* Far enough that the hart has gone to sleep. */
#define AHEAD_NS 20000

enum {
	TIME_LOW,
	TIME_HIGH,
	ALARM_LOW,
	ALARM_HIGH,
	ENABLED,
	CLEAR_INTERRUPT = 7
};

struct clock {
	nx_mmio_t window;
	nx_irq_t line;
	nx_event_t event;
	volatile uint32_t *registers;
};

static bool clock_begin(struct test *test, struct clock *clock)
{
	uint64_t size_bytes;
	nx_uaddr_t mapped;

	if (nx_mmio_narrow(test->mmio, CLOCK_PAGE, PAGE, &clock->window) !=
		    NX_OK ||
	    nx_irq_narrow(test->irq, CLOCK_LINE, &clock->line) != NX_OK ||
	    nx_mmio_map(clock->window, (nx_process_t){ 0 },
			NX_MAP_READ | NX_MAP_WRITE, &mapped,
			&size_bytes) != NX_OK)
		return false;
	clock->event = new_event();
	clock->registers = (volatile uint32_t *)(uintptr_t)mapped;
	nx_irq_bind(clock->line, clock->event, 1, UINT64_MAX);
	clock->registers[ENABLED] = 1;
	return true;
}

static void clock_end(struct clock *clock)
{
	clock->registers[ENABLED] = 0;
	unmap_here((uintptr_t)clock->registers, PAGE);
	nx_handle_close(clock->event.handle);
	nx_handle_close(clock->line.handle);
	nx_handle_close(clock->window.handle);
}

/* Let the alarm come when the cycle counter is at what is returned. */
static uint64_t set_alarm(const struct clock *clock)
{
	uint64_t at = bench_now();
	uint64_t now_ns = clock->registers[TIME_LOW]; /* the next instruction */
	uint64_t alarm_ns;

	now_ns |= (uint64_t)clock->registers[TIME_HIGH] << 32;
	alarm_ns = now_ns + AHEAD_NS;
	clock->registers[ALARM_HIGH] = (uint32_t)(alarm_ns >> 32);
	clock->registers[ALARM_LOW] = (uint32_t)alarm_ns;
	return at + 1 + AHEAD_NS;
}

static uint64_t interrupt(void *subject)
{
	const struct clock *clock = subject;
	struct nx_registers registers = { .a = { clock->event.handle, 1,
						 NX_DEADLINE_NEVER } };
	uint64_t at = set_alarm(clock);
	struct bench_span span;
	nx_status_t status = bench_trap(NX_SYS_wait, &registers, &span);

	clock->registers[CLEAR_INTERRUPT] = 1;
	if (status != NX_OK || registers.a[0] != 1 || span.to < at ||
	    nx_irq_ack(clock->line) != NX_OK)
		return BENCH_FAILED;
	return span.to - at;
}

/* Acknowledging it, which is the other call of each interrupt. */
static uint64_t acknowledge(void *subject)
{
	const struct clock *clock = subject;
	struct nx_registers registers = { .a = { clock->event.handle, 1,
						 NX_DEADLINE_NEVER } };
	struct bench_span span;

	set_alarm(clock);
	if (bench_trap(NX_SYS_wait, &registers, &span) != NX_OK)
		return BENCH_FAILED;
	clock->registers[CLEAR_INTERRUPT] = 1;
	registers.a[0] = clock->line.handle;
	registers.a[1] = NX_OP_irq_ack;
	if (bench_trap(NX_SYS_irq_ctl, &registers, &span) != NX_OK)
		return BENCH_FAILED;
	return span.to - span.from;
}

static void interrupts(struct test *test)
{
	struct clock clock;

	if (!check(test, clock_begin(test, &clock), "the clock is mapped"))
		return;
	bench_run(test, "kernel.irq.to_driver", interrupt, &clock);
	bench_run(test, "kernel.irq.ack", acknowledge, &clock);
	clock_end(&clock);
}

const struct system_case system_cases[] = {
	{ "interrupts", interrupts },
	{ NULL, NULL },
};
