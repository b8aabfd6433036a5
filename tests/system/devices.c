/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows of device registers and interrupt lines: who gets which, what can
 * be done with them, and when they are free again. Both machines have the same
 * device at the same place, which nobody drives. */
#include "calls.h"
#include "provoke.h"
#include "use.h"

#include <string.h>

#define PAGE NX_PAGE_SIZE
#define READ_WRITE (NX_MAP_READ | NX_MAP_WRITE)
#define RAM UINT64_C(0x80000000)

static const nx_process_t here = { 0 };

static nx_status_t narrow(const struct test *test, uint64_t offset,
			  uint64_t size_bytes, nx_mmio_t *window)
{
	window->handle = NX_HANDLE_NONE;
	return nx_mmio_narrow(test->mmio, offset, size_bytes, window);
}

/* The device, or none. */
static nx_mmio_t device_window(const struct test *test)
{
	nx_mmio_t window;

	narrow(test, DEVICE_PAGE, PAGE, &window);
	return window;
}

static nx_uaddr_t show(nx_mmio_t window, uint32_t access)
{
	nx_uaddr_t mapped = 0;
	uint64_t size_bytes = 0;

	nx_mmio_map(window, here, access, &mapped, &size_bytes);
	return size_bytes == facts_of(window.handle).value ? mapped : 0;
}

static uint32_t load(nx_uaddr_t address)
{
	return *(volatile const uint32_t *)(uintptr_t)address;
}

static void first_window(struct test *test)
{
	struct facts facts = facts_of(test->mmio.handle);
	nx_uaddr_t mapped;
	uint64_t size_bytes;

	check(test, facts.kind == NX_KIND_MMIO && facts.state == 0,
	      "the first process has a window that begins at address 0");
	check(test, facts.value == RAM, "it ends where RAM begins");
	check_status(test,
		     nx_mmio_map(test->mmio, here, NX_MAP_READ, &mapped,
				 &size_bytes),
		     NX_ERR_BAD_STATE, "it cannot be mapped");
}

static const struct {
	const char *name;
	uint64_t offset;
	uint64_t size_bytes;
	nx_status_t status;
} wrong[] = {
	{ "of no size", DEVICE_PAGE, 0, NX_ERR_INVALID_ARGS },
	{ "of half a page", DEVICE_PAGE, PAGE / 2, NX_ERR_INVALID_ARGS },
	{ "from the middle of a page", DEVICE_PAGE + 8, PAGE,
	  NX_ERR_INVALID_ARGS },
	{ "too large", 0, NX_VMO_SIZE_MAX + PAGE, NX_ERR_TOO_BIG },
	{ "that wraps", ~(PAGE - 1), 2 * PAGE, NX_ERR_OUT_OF_RANGE },
	{ "of RAM", RAM, PAGE, NX_ERR_OUT_OF_RANGE },
	{ "that ends in RAM", RAM - PAGE, 2 * PAGE, NX_ERR_OUT_OF_RANGE },
	{ "of the kernel", RAM + 0x200000, PAGE, NX_ERR_OUT_OF_RANGE },
	{ "of the serial line", KEPT_PAGE, PAGE, NX_ERR_ACCESS_DENIED },
	{ "with the serial line in it", KEPT_PAGE - PAGE, 4 * PAGE,
	  NX_ERR_ACCESS_DENIED },
	{ "with everything in it", 0, NX_VMO_SIZE_MAX, NX_ERR_ACCESS_DENIED },
#if defined(__riscv)
	{ "of what stops the machine", 0x100000, PAGE, NX_ERR_ACCESS_DENIED },
	{ "of the timers", 0x2004000, PAGE, NX_ERR_ACCESS_DENIED },
	{ "of the interrupt controller", 0xc201000, PAGE,
	  NX_ERR_ACCESS_DENIED },
#endif
};

static void refusals(struct test *test)
{
	nx_mmio_t window;

	for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++)
		check_status(test,
			     narrow(test, wrong[i].offset, wrong[i].size_bytes,
				    &window),
			     wrong[i].status, "a window %s is refused",
			     wrong[i].name);
}

static void exclusive(struct test *test)
{
	nx_mmio_t window = device_window(test), other, next;
	struct facts facts = facts_of(window.handle);

	check(test,
	      facts.kind == NX_KIND_MMIO && facts.state == DEVICE_PAGE &&
		      facts.value == PAGE,
	      "a window tells its place");
	check_status(test, narrow(test, DEVICE_PAGE, PAGE, &other), NX_ERR_BUSY,
		     "a page is in one window only");
	check_status(test, narrow(test, DEVICE_PAGE, 2 * PAGE, &other),
		     NX_ERR_BUSY, "also as a part of a larger one");
	check_status(test, nx_mmio_narrow(window, 0, PAGE, &other), NX_ERR_BUSY,
		     "no window is made of a window");
	check_status(test, nx_mmio_narrow(window, PAGE, PAGE, &other),
		     NX_ERR_OUT_OF_RANGE, "nor of what is behind it");
	check_status(test, narrow(test, DEVICE_PAGE + PAGE, PAGE, &next), NX_OK,
		     "the page behind it is another window");
	nx_handle_close(next.handle);
	nx_handle_close(window.handle);
	window = device_window(test);
	check(test, window.handle != NX_HANDLE_NONE,
	      "a page is free when its window is closed");
	nx_handle_close(window.handle);
}

static void maps(struct test *test)
{
	nx_mmio_t window = device_window(test);
	nx_uaddr_t mapped = show(window, NX_MAP_READ), again;
	uint64_t size_bytes;

	check(test, mapped != 0, "a window is mapped");
	if (mapped == 0)
		return;
	check(test, load(mapped) == DEVICE_MAGIC, "the device is seen there");
	check_status(
		test,
		nx_mmio_map(window, here, NX_MAP_READ, &again, &size_bytes),
		NX_ERR_BUSY, "it is mapped once at a time");
	check_status(test, unmap_here(mapped, PAGE), NX_OK, "it is unmapped");
	again = show(window, READ_WRITE);
	check(test, again != 0 && load(again) == DEVICE_MAGIC,
	      "and mapped again, also to write");
	check_status(
		test,
		nx_unmap_protect(here, again, PAGE, NX_MAP_READ | NX_MAP_EXEC),
		NX_ERR_ACCESS_DENIED, "it never becomes executable");
	check_status(test, nx_unmap_protect(here, again, PAGE, NX_MAP_READ),
		     NX_OK, "it is cut to reading");
	nx_handle_close(window.handle);
	window = device_window(test);
	check(test, window.handle == NX_HANDLE_NONE,
	      "a window without handles lives while it is mapped");
	unmap_here(again, PAGE);
	window = device_window(test);
	check(test, window.handle != NX_HANDLE_NONE, "and no longer");
	nx_handle_close(window.handle);
}

static void access(struct test *test)
{
	static const uint32_t refused[] = { 0,
					    NX_MAP_WRITE,
					    NX_MAP_EXEC,
					    NX_MAP_READ | NX_MAP_EXEC,
					    READ_WRITE | NX_MAP_EXEC,
					    NX_MAP_READ | NX_MAP_FIXED,
					    NX_MAP_READ | UINT32_C(1) << 20 };
	nx_mmio_t window = device_window(test);
	nx_mmio_t weak = { dup_of(window.handle,
				  NX_RIGHTS_ALL & ~NX_RIGHT_WRITE) };
	uint64_t size_bytes, byte = 0;
	nx_uaddr_t mapped;
	bool all = true;

	for (unsigned i = 0; i < ARRAY_COUNT(refused); i++)
		if (nx_mmio_map(window, here, refused[i], &mapped,
				&size_bytes) != NX_ERR_INVALID_ARGS)
			all = false;
	check(test, all, "other access is refused, execution above all");
	check_status(test,
		     nx_mmio_map(weak, here, READ_WRITE, &mapped, &size_bytes),
		     NX_ERR_ACCESS_DENIED, "so is writing without the right");
	check_status(test,
		     nx_vmo_read((nx_vmo_t){ window.handle }, 0, &byte, 1),
		     NX_ERR_WRONG_KIND, "a window is no vmo");
	check_status(test,
		     nx_map(here, (nx_vmo_t){ window.handle }, 0, PAGE,
			    NX_MAP_READ, 0, &mapped),
		     NX_ERR_WRONG_KIND, "and map does not take it");
	nx_handle_close(weak.handle);
	nx_handle_close(window.handle);
}

/* No call takes the registers of a device for memory. */
static void as_memory(struct test *test)
{
	nx_mmio_t window = device_window(test);
	nx_uaddr_t mapped = show(window, READ_WRITE);
	struct fixture fixture;

	if (!fixture_make(test, &fixture))
		return;
	for (unsigned i = 0; mapped != 0 && i < call_row_count; i++) {
		const struct call_row *row = &call_rows[i];

		for (unsigned k = 0; row->arguments[k].name; k++) {
			const struct call_argument *at = &row->arguments[k];
			enum argument_class class = argument_class(at);
			struct nx_registers registers;
			nx_status_t status;

			if (class != ARGUMENT_SOURCE &&
			    class != ARGUMENT_TARGET)
				continue;
			fixture_registers(&fixture, row, &registers);
			registers.a[at->place] = mapped;
			status = nx_trap(row->number, &registers);
			check(test,
			      status == NX_ERR_BAD_ADDRESS ||
				      (row->operation == NX_OP_debug_read &&
				       status == NX_ERR_WOULD_BLOCK),
			      "%s takes no device for memory", row->name);
		}
	}
	check(test, mapped != 0 && load(mapped) == DEVICE_MAGIC,
	      "the device is as it was");
	fixture_drop(&fixture);
	unmap_here(mapped, PAGE);
	nx_handle_close(window.handle);
}

/* Handle 0 is a window. words[0]: where it is mapped; words[1]: what is
 * there; then it is read again and again. */
static void driver(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_mmio_t window = { page->handles[0] };
	nx_uaddr_t mapped = 0;
	uint64_t size_bytes;

	(void)buffer;
	if (nx_mmio_map(window, here, READ_WRITE, &mapped, &size_bytes) !=
	    NX_OK)
		return;
	page->words[1] = load(mapped);
	page->words[0] = mapped;
	for (;;) {
		nx_yield();
		provoke_load(mapped);
	}
}

/* A process that has a window of its own and maps it. */
static bool start_driver(struct test *test, struct peer *peer, nx_mmio_t window)
{
	if (!peer_process(test, peer, test->job, driver))
		return false;
	peer_give(peer, 0, window.handle, NX_RIGHTS_SAME);
	peer_start(peer);
	return check(test,
		     peer_await(test, peer, 0, 1) &&
			     peer->page->words[1] == DEVICE_MAGIC,
		     "a driver sees its device");
}

static void revoked(struct test *test)
{
	nx_mmio_t window = device_window(test);
	struct peer peer;

	if (start_driver(test, &peer, window)) {
		check_status(test, nx_handle_revoke(window.handle), NX_OK,
			     "its window is revoked");
		check(test,
		      peer_wait(test, &peer) &&
			      peer_state(&peer) == NX_PROCESS_CRASHED,
		      "the driver crashes at the next access");
		check(test, show(window, NX_MAP_READ) != 0,
		      "the window can be mapped by others then");
		nx_handle_revoke(test->mmio.handle);
		check(test, facts_of(window.handle).status == NX_ERR_BAD_HANDLE,
		      "the first window takes all others back");
		window = device_window(test);
		check(test, window.handle != NX_HANDLE_NONE,
		      "mapped or not, they are free then");
	}
	peer_drop(test, &peer);
	nx_handle_close(window.handle);
}

/* The window is the driver's alone when it dies. */
static void killed(struct test *test)
{
	nx_mmio_t window = device_window(test), none;
	struct use_of_job before = job_use(test->job), after;
	struct peer peer;

	if (start_driver(test, &peer, window)) {
		nx_handle_close(window.handle);
		check_status(test, narrow(test, DEVICE_PAGE, PAGE, &none),
			     NX_ERR_BUSY, "its window is nobody else's");
		nx_task_kill(peer.process.handle, 0);
		peer_wait(test, &peer);
		window = device_window(test);
		check(test, window.handle != NX_HANDLE_NONE,
		      "a window is free when its driver is killed");
	}
	peer_drop(test, &peer);
	after = job_use(test->job);
	check(test, use_is_equal(before, after), "and paid for as before");
	nx_handle_close(window.handle);
}

/* A window that its maker maps into another process. */
static void mapped_for(struct test *test)
{
	nx_mmio_t window = device_window(test), none;
	nx_uaddr_t mapped = 0;
	uint64_t size_bytes;
	struct peer peer;

	if (!peer_process(test, &peer, test->job, driver))
		return;
	check_status(test,
		     nx_mmio_map(window, peer.process, NX_MAP_READ, &mapped,
				 &size_bytes),
		     NX_OK, "a window is mapped into another process");
	nx_handle_close(window.handle);
	check_status(test, narrow(test, DEVICE_PAGE, PAGE, &none), NX_ERR_BUSY,
		     "where it keeps the page");
	peer_drop(test, &peer);
	window = device_window(test);
	check(test, window.handle != NX_HANDLE_NONE,
	      "until that process is gone");
	nx_handle_close(window.handle);
}

static nx_irq_t line_of(const struct test *test, uint32_t line)
{
	nx_irq_t irq = { NX_HANDLE_NONE };

	nx_irq_narrow(test->irq, line, &irq);
	return irq;
}

static const struct {
	const char *name;
	uint32_t line;
	nx_status_t status;
} no_lines[] = {
	{ "0", 0, NX_ERR_OUT_OF_RANGE },
	{ "that no machine has", NX_IRQ_VIRTUAL - 1, NX_ERR_OUT_OF_RANGE },
	{ "behind the last one", NX_IRQ_VIRTUAL + NX_IRQ_VIRTUAL_COUNT,
	  NX_ERR_OUT_OF_RANGE },
	{ "of no number", UINT32_MAX, NX_ERR_OUT_OF_RANGE },
	{ "of the serial port", KEPT_LINE, NX_ERR_ACCESS_DENIED },
};

static void lines(struct test *test)
{
	nx_irq_t line = line_of(test, 1), other;
	nx_irq_t last =
		line_of(test, NX_IRQ_VIRTUAL + NX_IRQ_VIRTUAL_COUNT - 1);
	nx_event_t event = new_event();

	for (unsigned i = 0; i < ARRAY_COUNT(no_lines); i++)
		check_status(test,
			     nx_irq_narrow(test->irq, no_lines[i].line, &other),
			     no_lines[i].status, "a line %s is refused",
			     no_lines[i].name);
	check(test,
	      facts_of(line.handle).kind == NX_KIND_IRQ &&
		      facts_of(last.handle).kind == NX_KIND_IRQ,
	      "lines with and without a device are made");
	check_status(test, nx_irq_narrow(test->irq, 1, &other), NX_ERR_BUSY,
		     "a line is somebody's alone");
	check_status(test, nx_irq_narrow(line, 2, &other), NX_ERR_BUSY,
		     "no line is made of a line");
	check_status(test, nx_irq_bind(test->irq, event, 1, 0),
		     NX_ERR_BAD_STATE, "all lines at once are not bound");
	check_status(test, nx_irq_bind(line, event, 0, 0), NX_ERR_INVALID_ARGS,
		     "nor is one to no bits");
	check_status(test, nx_irq_raise(line), NX_ERR_INVALID_ARGS,
		     "the line of a device is not raised");
	check_status(test, nx_irq_raise(last), NX_ERR_BAD_STATE,
		     "nor is one that is not bound");
	check_status(test, nx_irq_ack(last), NX_ERR_BAD_STATE,
		     "what has not come is not acknowledged");
	nx_irq_bind(line, event, 1, 0);
	nx_handle_close(line.handle);
	line = line_of(test, 1);
	check(test, line.handle != NX_HANDLE_NONE,
	      "a line is free when it is closed, bound or not");
	nx_handle_close(event.handle);
	nx_handle_close(last.handle);
	nx_handle_close(line.handle);
}

/* The bits of an event, or 0 if none is set now. */
static uint64_t taken(nx_event_t event)
{
	uint64_t bits = 0;

	nx_wait(event, UINT64_MAX, NX_DEADLINE_NOW, &bits);
	return bits;
}

static void interrupts(struct test *test)
{
	nx_irq_t line = line_of(test, NX_IRQ_VIRTUAL + 1);
	nx_event_t event = new_event(), second = new_event();

	check_status(test, nx_irq_bind(line, event, 6, 0), NX_OK,
		     "a line is bound to an event");
	check(test, facts_of(line.handle).state == NX_IRQ_BOUND, "and says so");
	check_status(test, nx_irq_raise(line), NX_OK, "it is raised");
	check(test, taken(event) == 6, "the bits of the event are set");
	check(test,
	      facts_of(line.handle).state == (NX_IRQ_BOUND | NX_IRQ_MASKED) &&
		      facts_of(line.handle).value == 1,
	      "the line is masked, and counted");
	nx_irq_raise(line);
	nx_irq_raise(line);
	check(test, taken(event) == 0 && facts_of(line.handle).value == 1,
	      "masked, it does not come again");
	check_status(test, nx_irq_ack(line), NX_OK, "it is acknowledged");
	check(test, taken(event) == 6 && facts_of(line.handle).value == 2,
	      "what came meanwhile comes now, once");
	check_status(test, nx_irq_ack(line), NX_OK, "and is acknowledged");
	check_status(test, nx_irq_ack(line), NX_ERR_BAD_STATE, "just once");
	nx_irq_raise(line);
	nx_irq_bind(line, second, 1, 0);
	nx_irq_raise(line);
	check(test, taken(event) == 6 && taken(second) == 1,
	      "bound to another event it goes there, not masked");
	nx_handle_close(second.handle);
	nx_irq_ack(line);
	check_status(test, nx_irq_raise(line), NX_OK,
		     "an event that is gone stops nothing");
	nx_irq_bind(line, (nx_event_t){ 0 }, 0, 0);
	check(test, facts_of(line.handle).state == 0, "it is unbound");
	nx_handle_close(event.handle);
	nx_handle_close(line.handle);
}

#define RATE 5

static void storm(struct test *test)
{
	nx_irq_t line = line_of(test, NX_IRQ_VIRTUAL + 2);
	nx_event_t event = new_event();
	unsigned acknowledged = 0;

	nx_irq_bind(line, event, 1, RATE);
	while (nx_irq_raise(line) == NX_OK && nx_irq_ack(line) == NX_OK &&
	       acknowledged < 1000)
		acknowledged++;
	check(test, acknowledged >= RATE && acknowledged < 1000,
	      "a line that comes too often is not acknowledged");
	check_status(test, nx_irq_ack(line), NX_ERR_IO, "ever again");
	check(test,
	      facts_of(line.handle).state ==
			      (NX_IRQ_BOUND | NX_IRQ_MASKED | NX_IRQ_STORM) &&
		      facts_of(line.handle).value == acknowledged + 1,
	      "it stays masked and says why");
	nx_irq_bind(line, event, 1, RATE);
	check(test, facts_of(line.handle).state == NX_IRQ_BOUND,
	      "until it is bound anew");
	for (unsigned i = 0; i < RATE; i++) {
		nx_irq_raise(line);
		nx_irq_ack(line);
	}
	sleep_ns(test, UINT64_C(1100000000));
	check(test, nx_irq_raise(line) == NX_OK && nx_irq_ack(line) == NX_OK,
	      "in the next second it may come again");
	nx_handle_close(event.handle);
	nx_handle_close(line.handle);
}

/* Handle 0 is a line, 1 an event. words[0]: interrupts it has dealt with. */
static void waiter(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_irq_t line = { page->handles[0] };
	const nx_event_t event = { page->handles[1] };
	uint64_t bits;

	(void)buffer;
	nx_irq_bind(line, event, 4, 0);
	page->words[1] = 1;
	while (nx_wait(event, 4, NX_DEADLINE_NEVER, &bits) == NX_OK &&
	       nx_irq_ack(line) == NX_OK)
		page->words[0]++;
}

static void waiting(struct test *test)
{
	nx_irq_t line = line_of(test, NX_IRQ_VIRTUAL + 3), none;
	nx_irq_t hand = { dup_of(line.handle, NX_RIGHTS_ALL) };
	nx_event_t event = new_event();
	struct peer peer;

	if (!peer_process(test, &peer, test->job, waiter))
		return;
	peer_give(&peer, 0, line.handle, NX_RIGHTS_SAME);
	peer_give(&peer, 1, event.handle, NX_RIGHTS_SAME);
	peer_start(&peer);
	peer_await(test, &peer, 1, 1);
	for (unsigned i = 1; i <= 3; i++) {
		nx_irq_raise(hand);
		check(test, peer_await(test, &peer, 0, i),
		      "a driver is woken by interrupt %u", i);
	}
	nx_handle_close(line.handle);
	nx_handle_close(hand.handle);
	check_status(test, nx_irq_narrow(test->irq, NX_IRQ_VIRTUAL + 3, &none),
		     NX_ERR_BUSY, "its line is nobody else's");
	nx_task_kill(peer.process.handle, 0);
	peer_wait(test, &peer);
	line = line_of(test, NX_IRQ_VIRTUAL + 3);
	check(test, line.handle != NX_HANDLE_NONE,
	      "a line is free when its driver is killed");
	nx_handle_revoke(test->irq.handle);
	check(test, facts_of(line.handle).status == NX_ERR_BAD_HANDLE,
	      "who has all lines takes it back");
	peer_drop(test, &peer);
	nx_handle_close(event.handle);
}

#if defined(__riscv)
/* The clock of the machine: an alarm in the past comes at once, and its line
 * stays up until it is cleared. */
#define CLOCK_PAGE UINT64_C(0x101000)
#define CLOCK_LINE 11

enum { ALARM_LOW = 2, ALARM_HIGH, ENABLED, CLEAR_INTERRUPT = 7 };

struct clock {
	nx_irq_t line;
	nx_event_t event;
	nx_mmio_t window;
	volatile uint32_t *registers;
};

static bool clock_begin(struct test *test, struct clock *clock)
{
	nx_uaddr_t mapped;

	clock->line = line_of(test, CLOCK_LINE);
	clock->event = new_event();
	narrow(test, CLOCK_PAGE, PAGE, &clock->window);
	mapped = show(clock->window, READ_WRITE);
	clock->registers = (volatile uint32_t *)(uintptr_t)mapped;
	if (!check(test, mapped != 0, "the clock of the machine is mapped"))
		return false;
	nx_irq_bind(clock->line, clock->event, 8, 0);
	clock->registers[ENABLED] = 1;
	return true;
}

static void clock_end(struct clock *clock)
{
	clock->registers[CLEAR_INTERRUPT] = 1;
	clock->registers[ENABLED] = 0;
	unmap_here((uintptr_t)clock->registers, PAGE);
	nx_handle_close(clock->window.handle);
	nx_handle_close(clock->event.handle);
	nx_handle_close(clock->line.handle);
}

/* The alarm comes, and its line is masked. */
static bool alarm_comes(struct test *test, const struct clock *clock)
{
	uint64_t bits = 0;

	clock->registers[ALARM_HIGH] = 0;
	clock->registers[ALARM_LOW] = 1;
	return nx_wait(clock->event, 8, now_ns(test) + UINT64_C(5000000000),
		       &bits) == NX_OK &&
	       facts_of(clock->line.handle).state ==
		       (NX_IRQ_BOUND | NX_IRQ_MASKED);
}

static bool alarm_dealt_with(const struct clock *clock)
{
	clock->registers[CLEAR_INTERRUPT] = 1;
	return nx_irq_ack(clock->line) == NX_OK;
}

static void device(struct test *test)
{
	struct clock clock;
	bool all = true;

	if (!clock_begin(test, &clock))
		return;
	for (unsigned i = 0; i < 3; i++)
		if (!alarm_comes(test, &clock) || !alarm_dealt_with(&clock))
			all = false;
	check(test, all && facts_of(clock.line.handle).value == 3,
	      "its alarm comes three times, masked until acknowledged");
	clock.registers[ALARM_LOW] = 1;
	sleep_ns(test, 1000000);
	nx_irq_bind(clock.line, (nx_event_t){ 0 }, 0, 0);
	clock.registers[CLEAR_INTERRUPT] = 1;
	taken(clock.event);
	clock.registers[ALARM_LOW] = 1;
	sleep_ns(test, 1000000);
	check(test,
	      taken(clock.event) == 0 && facts_of(clock.line.handle).value == 4,
	      "a line that is not bound does not come");
	clock_end(&clock);
}

/* Until the last hart is there again. */
static bool restart_hart(struct test *test, uint32_t hart, uint64_t all)
{
	for (unsigned i = 0; i < 5000 && harts_there(test) != all; i++) {
		nx_hart_set(test->job, hart, 1);
		sleep_ns(test, 1000000);
	}
	return harts_there(test) == all;
}

/* The line goes to the hart that has acknowledged it, and away from one that
 * stops. */
static void moving(struct test *test)
{
	const nx_thread_t self = { 0 };
	uint64_t online = harts_there(test);
	uint32_t last = 63 - (uint32_t)__builtin_clzll(online);
	struct clock clock;
	bool all = true;

	if (!clock_begin(test, &clock))
		return;
	for (uint32_t i = 0; i <= last; i++) {
		nx_thread_affinity(self, UINT64_C(1) << i);
		if (!alarm_comes(test, &clock) || !alarm_dealt_with(&clock))
			all = false;
	}
	check(test, all, "it comes whichever hart its driver is on");
	nx_thread_affinity(self, 1);
	if (last > 0) {
		check_status(test, nx_hart_set(test->job, last, 0), NX_OK,
			     "the hart stops that it would interrupt");
		check(test,
		      alarm_comes(test, &clock) && alarm_dealt_with(&clock),
		      "it comes to another one");
		check(test, restart_hart(test, last, online),
		      "it starts again");
		nx_thread_affinity(self, UINT64_C(1) << last);
		all = alarm_comes(test, &clock) && alarm_dealt_with(&clock) &&
		      alarm_comes(test, &clock);
		nx_thread_affinity(self, 1);
		nx_hart_set(test->job, last, 0);
		check(test,
		      all && alarm_dealt_with(&clock) &&
			      alarm_comes(test, &clock) &&
			      alarm_dealt_with(&clock),
		      "one that stops before it is acknowledged loses nothing");
		restart_hart(test, last, online);
	}
	nx_thread_affinity(self, UINT64_C(255));
	clock_end(&clock);
}
#endif

const struct system_case system_cases[] = {
	{ "the first window", first_window },
	{ "windows that are refused", refusals },
	{ "exclusive windows", exclusive },
	{ "mapped windows", maps },
	{ "access", access },
	{ "devices as memory", as_memory },
	{ "revoked windows", revoked },
	{ "killed drivers", killed },
	{ "windows of others", mapped_for },
	{ "lines", lines },
	{ "interrupts", interrupts },
	{ "a storm", storm },
	{ "waiting drivers", waiting },
#if defined(__riscv)
	{ "a device that interrupts", device },
	{ "a driver that moves", moving },
#endif
	{ NULL, NULL },
};
