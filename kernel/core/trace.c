/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of the trace. A record is written whole before the header counts
 * it; a reader that sees the count sees the record. */
#include <kernel/trace.h>

#include <kernel/arch.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>

#define PLACES_PER_PAGE (NX_PAGE_SIZE / sizeof(struct nx_trace_record))

_Static_assert(sizeof(struct nx_trace_header) == sizeof(struct nx_trace_record),
	       "the header is in place 0");

static struct {
	struct vmo *ring; /* NULL: off */
	struct nx_trace_header *header;
	uint64_t written;
	uint64_t record_count;
} state GUARDED;

void trace_init(void)
{
	state.ring = NULL;
}

bool trace_is_on(void)
{
	return state.ring != NULL;
}

HELD static void *place(uint64_t index)
{
	char *page =
		phys_to_virt(vmo_page(state.ring, index / PLACES_PER_PAGE));

	return page + index % PLACES_PER_PAGE * sizeof(struct nx_trace_record);
}

/* Calls that no code of ours sees are not in the trace: no fast path, on other
 * harts as soon as they come into the kernel. */
HELD static void set_events(uint32_t events)
{
	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		harts[i].trace_events = events;
		if (&harts[i] != this_hart() && (harts_online >> i & 1) != 0)
			hart_kick(&harts[i]);
	}
	arch_fast_path(events == 0);
}

void trace_begin(struct vmo *ring, uint32_t events)
{
	object_ref(&ring->object);
	ring->pin_count++; /* by the kernel, for ever */
	state.ring = ring;
	state.written = 0;
	state.record_count =
		ring->size_bytes / sizeof(struct nx_trace_record) - 1;
	state.header = place(0);
	state.header->record_count = state.record_count;
	state.header->events = events;
	set_events(events);
}

void trace_end(void)
{
	struct vmo *ring = state.ring;

	if (ring == NULL)
		return;
	set_events(0);
	state.header->stopped = 1;
	state.ring = NULL;
	object_unref(&ring->object);
}

void trace_write(uint32_t event, uint64_t value0, uint64_t value1,
		 uint64_t value2)
{
	const struct hart *hart = this_hart();
	const struct thread *thread = hart->current;
	struct nx_trace_record *record;

	if ((hart->trace_events & event) == 0)
		return;
	record = place(1 + state.written % state.record_count);
	*record = (struct nx_trace_record){
		.ticks = arch_ticks(),
		.event = event,
		.hart = hart->id,
		.thread_id = thread != NULL ? thread->object.id : 0,
		.process_id = thread != NULL ? thread->process->object.id : 0,
		.values = { value0, value1, value2 },
	};
	state.written++;
	__atomic_store_n(&state.header->written, state.written,
			 __ATOMIC_RELEASE);
}
