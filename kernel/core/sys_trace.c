/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on the trace object: debug line, log, counters, trace. */
#include <kernel/syscall.h>

#include <kernel/arguments.h>
#include <kernel/console.h>
#include <kernel/copy.h>
#include <kernel/counters.h>
#include <kernel/event.h>
#include <kernel/hooks.h>
#include <kernel/log.h>
#include <kernel/process.h>
#include <kernel/steps.h>
#include <kernel/thread.h>
#include <kernel/trace.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

/* The log and the memory may be aligned differently. */
#define LOG_BYTES_A_STEP 128

bool trace_destroy(struct object *object)
{
	(void)object;
	console_watch(NULL, 0);
	trace_end();
	return true;
}

HELD static nx_status_t trace_right(nx_handle_t number, nx_rights_t rights)
{
	struct trace *trace;

	return argument_object(number, NX_KIND_TRACE, rights, &trace);
}

nx_status_t sys_debug_write(nx_handle_t trace, nx_uaddr_t text,
			    uint64_t size_bytes)
{
	char bytes[NX_DEBUG_WRITE_MAX];
	nx_status_t status;

	if (size_bytes > sizeof(bytes))
		return NX_ERR_TOO_BIG;
	status = trace_right(trace, NX_RIGHT_WRITE);
	if (status == NX_OK)
		status = copy_in(bytes, text, size_bytes);
	if (status == NX_OK)
		log_write(bytes, size_bytes);
	return status;
}

nx_status_t sys_debug_read(nx_handle_t trace, nx_uaddr_t buffer,
			   uint64_t size_bytes, uint64_t *out_count)
{
	char bytes[CONSOLE_SIZE];
	nx_status_t status;
	uint32_t taken;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	status = trace_right(trace, NX_RIGHT_MANAGE);
	if (status != NX_OK)
		return status;
	taken = size_bytes < CONSOLE_SIZE ? (uint32_t)size_bytes : CONSOLE_SIZE;
	taken = console_peek(bytes, taken);
	if (taken == 0)
		return NX_ERR_WOULD_BLOCK;
	status = copy_out(buffer, bytes, taken);
	if (status != NX_OK)
		return status;
	console_consume(taken);
	*out_count = taken;
	return NX_OK;
}

nx_status_t sys_debug_watch(nx_handle_t trace, nx_handle_t event, uint64_t bits)
{
	struct event *watch = NULL;
	nx_status_t status;

	if (event != NX_HANDLE_NONE && bits == 0)
		return NX_ERR_INVALID_ARGS;
	status = trace_right(trace, NX_RIGHT_MANAGE);
	if (status == NX_OK)
		status = argument_optional(event, NX_KIND_EVENT,
					   NX_RIGHT_SIGNAL, &watch);
	if (status == NX_OK)
		console_watch(watch, bits);
	return status;
}

/* Until somebody waits for the kernel. The log does not change between the
 * pieces: nothing is logged while memory is copied. */
nx_status_t sys_log_read(nx_handle_t trace, uint64_t position,
			 nx_uaddr_t buffer, uint64_t size_bytes,
			 uint64_t *out_count, uint64_t *out_next)
{
	nx_status_t status = trace_right(trace, NX_RIGHT_READ);
	uint64_t count = 0, piece_bytes;
	const char *piece;

	while (status == NX_OK) {
		piece = log_at(&position, &piece_bytes);
		if (piece_bytes > size_bytes - count)
			piece_bytes = size_bytes - count;
		if (piece_bytes > LOG_BYTES_A_STEP)
			piece_bytes = LOG_BYTES_A_STEP;
		if (piece_bytes == 0 || (count > 0 && kernel_poll()))
			break;
		status = copy_out(buffer + count, piece, piece_bytes);
		count += piece_bytes;
		position += piece_bytes;
	}
	if (status == NX_OK) {
		*out_count = count;
		*out_next = position;
	}
	return status;
}

nx_status_t sys_counter_read(nx_handle_t trace, uint32_t counter,
			     uint64_t *out_value)
{
	nx_status_t status = trace_right(trace, NX_RIGHT_READ);

	if (status != NX_OK)
		return status;
	if (counter == 0 || counter >= NX_COUNTER_END)
		return NX_ERR_NOT_FOUND;
	*out_value = counter_value(counter);
	return NX_OK;
}

/* The ring is not the caller's to write or resize: its handle says so. */
HELD static nx_status_t ring_create(uint64_t size_bytes, struct vmo **out_vmo,
				    nx_handle_t *out_ring)
{
	struct process *self = current_process();
	struct vmo *vmo;
	nx_status_t status = handle_reserve(&self->handles, 1);

	if (status != NX_OK)
		return status;
	status = vmo_create(self->object.job, size_bytes, &vmo);
	if (status != NX_OK) {
		handle_unreserve(&self->handles, 1);
		return status;
	}
	*out_ring = handle_install(&self->handles, &vmo->object,
				   NX_RIGHT_READ | NX_RIGHT_MAP | NX_RIGHT_DUP |
					   NX_RIGHT_TRANSFER | NX_RIGHT_INSPECT,
				   0, NULL);
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t sys_trace_start(nx_handle_t trace, uint32_t events,
			    uint64_t size_bytes, nx_handle_t *out_ring)
{
	struct vmo *vmo;
	nx_status_t status;

	if (events == 0 || (events & ~(uint32_t)NX_TRACE_ALL) != 0 ||
	    size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_TRACE_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = trace_right(trace, NX_RIGHT_MANAGE);
	if (status == NX_OK && trace_is_on())
		status = NX_ERR_BUSY;
	if (status == NX_OK)
		status = ring_create(size_bytes, &vmo, out_ring);
	if (status != NX_OK)
		return status;
	trace_begin(vmo, events);
	object_unref(&vmo->object);
	return NX_OK;
}

nx_status_t sys_trace_stop(nx_handle_t trace)
{
	nx_status_t status = trace_right(trace, NX_RIGHT_MANAGE);

	if (status != NX_OK)
		return status;
	if (!trace_is_on())
		return NX_ERR_BAD_STATE;
	trace_end();
	return NX_OK;
}

nx_status_t sys_slow_count(nx_handle_t trace, nx_handle_t number,
			   uint32_t reason, uint64_t *out_count)
{
	struct thread *thread;
	nx_status_t status = trace_right(trace, NX_RIGHT_READ);

	if (status == NX_OK)
		status = argument_object(number, NX_KIND_THREAD,
					 NX_RIGHT_INSPECT, &thread);
	if (status != NX_OK)
		return status;
	if (reason >= NX_SLOW_COUNT)
		return NX_ERR_NOT_FOUND;
	*out_count = thread->slow_counts[reason];
	return NX_OK;
}
