/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing but proof: what offsets.h says is so. */
#include "arch/riscv64/offsets.h"

#include <kernel/handle.h>
#include <kernel/hart.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <nexus/rights.h>
#include <nexus/syscalls.h>

#define AT(offset, type, member)                                               \
	_Static_assert(offsetof(struct type, member) == (offset), #member)

AT(HART_CURRENT, hart, current);
AT(HART_THREAD_TICKS, hart, thread_ticks);
AT(HART_FAST_COUNT, hart, fast_count);
AT(HART_HAS_LOCK, hart, has_lock);
AT(HART_BIT, hart, bit);
AT(HART_STACK, hart, arch.stack);
AT(HART_TRAP_STACK, hart, arch.trap_stack);
AT(HART_NUMBER, hart, arch.number);
AT(HART_REGISTERS, hart, arch.registers);
_Static_assert(HART_SIZE == sizeof(struct hart), "size");
_Static_assert(sizeof(bool) == 1, "sb");
AT(0, kernel_lock, next);
AT(LOCK_OWNER, kernel_lock, owner);

AT(FRAME_AT, thread, frame);
AT(THREAD_STATE, thread, state);
AT(THREAD_HART, thread, hart);
AT(THREAD_PROCESS, thread, process);
AT(THREAD_QUEUE, thread, queue);
AT(THREAD_SLOW_HEADERS, thread, slow_headers);
AT(THREAD_RESUME, thread, resume);
AT(THREAD_PORT, thread, port);
AT(THREAD_CALLER, thread, caller);
AT(THREAD_CALLEE, thread, callee);
AT(THREAD_CPU_TICKS, thread, cpu_ticks);
_Static_assert(sizeof(enum thread_state) == 4, "sw");
_Static_assert(STATE_RUNNING == THREAD_RUNNING && STATE_RUNNING == 0, "zero");
_Static_assert(STATE_RECEIVING == THREAD_RECEIVING, "state");
_Static_assert(STATE_AWAITING_REPLY == THREAD_AWAITING_REPLY, "state");

AT(PROCESS_STALE, process, space.arch.stale);
AT(PROCESS_SERVICE_ID, process, service_id);
AT(PROCESS_HANDLE_PAGES, process, handles.pages);

_Static_assert(1 << HANDLE_SIZE_SHIFT == sizeof(struct handle), "size");
_Static_assert(1 << HANDLE_SLOT_BITS == HANDLES_PER_PAGE, "slot");
_Static_assert(1 << HANDLE_PLACE_BITS == HANDLE_PAGES_MAX, "place");
_Static_assert(HANDLE_SLOT_BITS >= 3, "andi -8");
AT(HANDLE_RIGHTS, handle, link.rights);
AT(HANDLE_NUMBER, handle, link.number);
AT(HANDLE_OBJECT, handle, object);
AT(HANDLE_IDENTITY, handle, identity);

AT(0, port, object);
AT(PORT_WAITING, port, depth);
AT(PORT_WAITING + 4, port, caller_count);
_Static_assert(PORT_WAITING % 8 == 0, "ld");
AT(PORT_RECEIVERS, port, receivers);
AT(LIST_NEXT, list, next);
AT(LIST_PREV, list, prev);

_Static_assert(CALL_CALL == NX_SYS_call && CALL_CALL == 0, "zero");
_Static_assert(CALL_REPLY_RECV == NX_SYS_reply_recv, "call");
_Static_assert(RIGHT_CALL == NX_RIGHT_CALL, "right");
_Static_assert(RIGHT_RECV == NX_RIGHT_RECV, "right");
_Static_assert(HEADER_WORDS_ONE == 1 << NX_HEADER_WORDS_SHIFT &&
		       (NX_HEADER_ZERO_MASK & (NX_HEADER_WORDS_MASK + 1)
						      << NX_HEADER_WORDS_SHIFT),
	       "carry");

/* These two rights are of ports only: a handle that has one is a port's. */
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	_Static_assert((number) == NX_KIND_PORT ||                             \
			       ((rights) & (RIGHT_CALL | RIGHT_RECV)) == 0,    \
		       "a right of ports");
#include <nexus/objects.def>
#undef NX_OBJECT
