/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles are guessed, not remembered: those of a young process are few and
 * small, so a guess is often right, and when it is not that is a case, too.
 * Addresses are remembered only to be used after their time. */
#include "sim/worker.h"

#include <nexus/nexus.h>

#include <stddef.h>
#include <string.h>

#define STEPS 120
#define ADDRESSES 4
#define SHORT_NS UINT64_C(300000)

struct work {
	uint64_t random;
	struct nx_message_buffer *buffer;
	nx_uaddr_t addresses[ADDRESSES];
	uint64_t sizes[ADDRESSES];
	uint64_t pin;
};

uint64_t worker_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t below(struct work *work, uint64_t limit)
{
	return (worker_random(&work->random) >> 11) % limit;
}

static nx_handle_t guess(struct work *work)
{
	uint32_t index = (uint32_t)below(work, 24);
	uint32_t generation = 1 + (uint32_t)(below(work, 4) * below(work, 2));

	return generation << NX_HANDLE_INDEX_BITS | index;
}

static uint64_t soon(struct work *work)
{
	return nx_ticks() * 100 + below(work, SHORT_NS);
}

static uint64_t any_value(struct work *work)
{
	switch (below(work, 6)) {
	case 0:
		return guess(work);
	case 1:
		return below(work, 8);
	case 2:
		return NX_PAGE_SIZE * below(work, 5);
	case 3:
		return work->addresses[below(work, ADDRESSES)];
	case 4:
		return (uintptr_t)work->buffer + below(work, 9000);
	default:
		return worker_random(&work->random);
	}
}

/* Whatever stands in the buffer is the program's own affair. */
static void stir_buffer(struct work *work)
{
	struct nx_message_buffer *buffer = work->buffer;

	for (unsigned i = 0; i < NX_MESSAGE_CAPS_MAX; i++) {
		buffer->send_caps[i].handle = guess(work);
		buffer->send_caps[i].rights =
			below(work, 3) ? NX_RIGHTS_SAME
				       : (nx_rights_t)any_value(work);
	}
	buffer->recv_caps_max = (uint32_t)(below(work, 4) ? 4 : below(work, 9));
	buffer->recv_bytes_max =
		(uint32_t)(below(work, 4) ? 1024 : below(work, 2000));
	buffer->deadline_ns = soon(work);
	memset(buffer->send_frame, (int)below(work, 256), 64);
}

static struct nx_message any_message(struct work *work)
{
	uint64_t flags = below(work, 8) ? NX_HEADER_DEADLINE : 0;
	struct nx_message message = {
		.header = nx_header(
			(unsigned)below(work, 9),
			(unsigned)(below(work, 2) * below(work, 1026)),
			(unsigned)(below(work, 2) * below(work, 5)),
			below(work, 4) ? flags : NX_HEADER_NONBLOCK),
		.words = { any_value(work), any_value(work) },
	};

	stir_buffer(work);
	return message;
}

static void do_call(struct work *work)
{
	struct nx_message message = any_message(work);

	nx_call((nx_client_t){ guess(work) }, &message);
}

static void do_send(struct work *work)
{
	struct nx_message message = any_message(work);

	nx_send((nx_client_t){ guess(work) }, &message);
}

static void do_serve(struct work *work)
{
	struct nx_message message = any_message(work);
	nx_handle_t reply = NX_HANDLE_CALLER;

	if (nx_recv((nx_port_t){ guess(work) }, &message) != NX_OK)
		return;
	if (below(work, 3) == 0)
		nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0,
			      (nx_process_t){ 0 }, &reply);
	if (below(work, 5) == 0)
		return; /* and never answers */
	message = any_message(work);
	if (below(work, 2))
		nx_reply_recv((nx_port_t){ guess(work) }, &message);
	else
		nx_reply((nx_reply_t){ reply }, &message);
}

static void do_create(struct work *work)
{
	const nx_job_t payer = { below(work, 3) ? 0 : guess(work) };
	nx_handle_t made;

	switch (below(work, 5)) {
	case 0:
		nx_port_create(payer, (uint32_t)(1 + below(work, 4)),
			       (nx_port_t *)&made);
		break;
	case 1:
		nx_event_create(payer, (nx_event_t *)&made);
		break;
	case 2:
		nx_vmo_create(payer, 1 + below(work, 5 * NX_PAGE_SIZE),
			      (nx_vmo_t *)&made);
		break;
	case 3:
		nx_job_create((nx_job_t){ guess(work) }, below(work, 30),
			      below(work, 20), below(work, 4),
			      (nx_job_t *)&made);
		break;
	default:
		nx_budget_create(payer, (uint32_t)below(work, 4),
				 (uint32_t)(1 + below(work, 1000)),
				 (nx_budget_t *)&made);
	}
}

static void do_handle(struct work *work)
{
	nx_handle_t made;
	uint32_t kind;
	nx_rights_t rights;
	uint64_t identity, id, state, value;

	switch (below(work, 8)) {
	case 0:
		nx_handle_close(guess(work));
		break;
	case 1:
		nx_handle_revoke(guess(work));
		break;
	case 2:
		nx_handle_info(guess(work), &kind, &rights, &identity, &id,
			       &state, &value);
		break;
	default:
		nx_handle_dup(
			guess(work),
			below(work, 2) ? NX_RIGHTS_SAME
				       : (nx_rights_t)below(work, 65536),
			(uint32_t)(below(work, 2) * below(work, 99)),
			(nx_process_t){ below(work, 4) ? 0 : guess(work) },
			&made);
	}
}

static void do_memory(struct work *work)
{
	unsigned slot = (unsigned)below(work, ADDRESSES);
	nx_vmo_t vmo = { guess(work) }, slice;
	uint64_t pages = (1 + below(work, 3)) * NX_PAGE_SIZE;
	char bytes[64] = "";

	switch (below(work, 8)) {
	case 0:
		nx_vmo_read(vmo, below(work, 9000), bytes, sizeof(bytes));
		break;
	case 1:
		nx_vmo_write(vmo, below(work, 9000), bytes, sizeof(bytes));
		break;
	case 2:
		nx_vmo_slice(vmo, NX_PAGE_SIZE * below(work, 3),
			     1 + below(work, 9000), &slice);
		break;
	case 3:
		nx_vmo_seal(vmo, (uint32_t)below(work, 4));
		break;
	case 4:
		nx_unmap_protect((nx_process_t){ 0 }, work->addresses[slot],
				 work->sizes[slot], (uint32_t)below(work, 4));
		break;
	default:
		work->sizes[slot] = pages;
		nx_map((nx_process_t){ 0 }, vmo, 0, pages,
		       (uint32_t)(1 + below(work, 5)), 0,
		       &work->addresses[slot]);
	}
}

/* What is done to memory in steps, while others map, pin and write it. */
static void do_change(struct work *work)
{
	const nx_vmo_t vmo = { guess(work) };
	const uint64_t offset = NX_PAGE_SIZE * below(work, 12);
	const uint64_t size_bytes = NX_PAGE_SIZE * (1 + below(work, 12));
	nx_vmo_t made;

	switch (below(work, 8)) {
	case 0:
		nx_vmo_contiguous((nx_job_t){ 0 }, size_bytes, &made);
		break;
	case 1:
		nx_vmo_decommit(vmo, offset, size_bytes);
		break;
	case 2:
	case 3:
		nx_vmo_commit(vmo, offset, size_bytes);
		break;
	case 4:
	case 5:
		nx_vmo_resize(vmo, size_bytes);
		break;
	default:
		nx_vmo_snapshot(vmo, NX_PAGE_SIZE * below(work, 3), size_bytes,
				&made);
	}
}

static void do_event(struct work *work)
{
	nx_event_t event = { guess(work) };
	uint64_t bits;

	switch (below(work, 3)) {
	case 0:
		nx_signal(event, 1 + below(work, 7));
		break;
	case 1:
		nx_timer_set(event, 1 + below(work, 7), soon(work),
			     below(work, SHORT_NS));
		break;
	default:
		nx_wait(event, 1 + below(work, 7),
			below(work, 20) ? soon(work) : NX_DEADLINE_NEVER,
			&bits);
	}
}

static void do_pin(struct work *work)
{
	const nx_dma_t device = { guess(work) };
	struct nx_dma_run runs[4];
	uint64_t count;

	switch (below(work, 6)) {
	case 0:
		nx_dma_unpin(device, below(work, 200),
			     (uint32_t)below(work, 3));
		break;
	case 1:
		nx_dma_unpin(device, work->pin, (uint32_t)below(work, 2));
		break;
	case 2:
		nx_dma_reset(device, (nx_mmio_t){ guess(work) }, &count);
		break;
	default:
		nx_dma_pin(device, (nx_vmo_t){ guess(work) },
			   NX_PAGE_SIZE * below(work, 3),
			   NX_PAGE_SIZE * below(work, 4),
			   (uint32_t)(1 + 2 * below(work, 2)), runs,
			   below(work, 5), &work->pin, &count);
	}
}

static void do_line(struct work *work)
{
	const nx_irq_t line = { guess(work) };

	switch (below(work, 4)) {
	case 0:
		nx_irq_bind(line,
			    (nx_event_t){ below(work, 3) ? guess(work) : 0 },
			    below(work, 4), below(work, 3));
		break;
	case 1:
		nx_irq_raise(line);
		break;
	default:
		nx_irq_ack(line);
	}
}

static void do_window(struct work *work)
{
	unsigned slot = (unsigned)below(work, ADDRESSES);

	nx_mmio_map((nx_mmio_t){ guess(work) },
		    (nx_process_t){ below(work, 4) ? 0 : guess(work) },
		    (uint32_t)(1 + 2 * below(work, 2)), &work->addresses[slot],
		    &work->sizes[slot]);
}

static void do_device(struct work *work)
{
	const nx_handle_t first = guess(work);
	nx_handle_t made;

	switch (below(work, 8)) {
	case 0:
		nx_mmio_narrow((nx_mmio_t){ first }, NX_PAGE_SIZE,
			       NX_PAGE_SIZE * below(work, 3),
			       (nx_mmio_t *)&made);
		break;
	case 1:
		nx_irq_narrow((nx_irq_t){ first }, (uint32_t)below(work, 1100),
			      (nx_irq_t *)&made);
		break;
	case 2:
		nx_dma_narrow((nx_dma_t){ first }, NX_PAGE_SIZE,
			      (uint32_t)below(work, 3), (nx_dma_t *)&made);
		break;
	case 3:
		do_window(work);
		break;
	case 4:
	case 5:
		do_line(work);
		break;
	default:
		do_pin(work);
	}
}

/* Another thread here, or in a process that is given some handles. */
static void do_start(struct work *work)
{
	nx_process_t process = { NX_HANDLE_NONE };
	nx_thread_t thread;
	nx_handle_t given;

	if (below(work, 2) && nx_process_create((nx_job_t){ guess(work) }, 1, 0,
						0, &process) != NX_OK)
		return;
	if (nx_thread_create(process, (nx_budget_t){ 0 }, &thread) != NX_OK)
		return;
	for (unsigned i = 0; i < 6 && process.handle; i++)
		nx_handle_dup(guess(work), NX_RIGHTS_SAME, 0, process, &given);
	nx_thread_start(thread, (uintptr_t)worker, 0,
			worker_random(&work->random) | 1);
}

static void do_job(struct work *work)
{
	const nx_job_t job = { guess(work) };
	uint64_t w[9];
	uint32_t service, state;

	switch (below(work, 3)) {
	case 0:
		nx_job_watch(job, (nx_event_t){ guess(work) }, 1, 2);
		break;
	case 1:
		nx_job_crash(job, &w[0], &service, &w[1], &w[2], &w[3], &w[4],
			     &w[5], &w[6]);
		break;
	default:
		nx_job_next(job, below(work, 99), &w[0], &w[1], &service,
			    &state, &w[2], &w[3], &w[4], &w[5]);
	}
}

/* Any call with anything. No worker has the first job's handle, so none can
 * stop the machine. Exit would end too many too early. */
static void do_anything(struct work *work)
{
	struct nx_registers registers;
	uint64_t number = below(work, 40);

	for (unsigned i = 0; i < 8; i++)
		registers.a[i] = any_value(work);
	if (below(work, 2))
		registers.a[1] = below(work, 8);
	stir_buffer(work);
	if (number != NX_SYS_exit && number != NX_SYS_wait)
		nx_trap(number, &registers);
}

static void do_end(struct work *work)
{
	volatile char *wild;

	switch (below(work, 12)) {
	case 0:
		nx_exit((int64_t)below(work, 9), (uint32_t)below(work, 2));
		break;
	case 1:
		nx_task_kill(guess(work), 5);
		break;
	case 2:
		wild = (volatile char *)(uintptr_t)any_value(work);
		__asm__ volatile("movb $0, (%0)" : : "r"(wild) : "memory");
		break;
	default:
		nx_yield();
	}
}

void worker(uint64_t seed, uint64_t buffer)
{
	static void (*const actions[])(struct work *) = {
		do_call,     do_call,	do_send,   do_serve,  do_serve,
		do_create,   do_handle, do_handle, do_memory, do_memory,
		do_change,   do_change, do_event,  do_start,  do_device,
		do_device,   do_device, do_device, do_job,    do_anything,
		do_anything, do_end,
	};
	struct work work;

	memset(&work, 0, sizeof(work));
	work.random = seed | 1;
	work.buffer = (struct nx_message_buffer *)(uintptr_t)buffer;
	for (unsigned i = 0; i < STEPS; i++)
		actions[below(&work, sizeof(actions) / sizeof(actions[0]))](
			&work);
	for (;;)
		nx_exit(0, 0);
}
