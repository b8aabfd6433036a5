/* SPDX-License-Identifier: BSD-2-Clause */
/* What assembly knows of the core's structures, in bytes and numbers. This
 * file is never assembled: each line of its text that begins with an arrow
 * becomes one of offsets.h. */
#include <kernel/handle.h>
#include <kernel/hart.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/thread.h>
#include <nexus/rights.h>
#include <nexus/syscalls.h>

#define SAY(name, value) __asm__ volatile("-> " #name " %0" : : "i"(value))
#define AT(name, type, member) SAY(name, offsetof(struct type, member))

void offsets(void);

void offsets(void)
{
	AT(HART_CURRENT, hart, current);
	AT(HART_THREAD_TICKS, hart, thread_ticks);
	AT(HART_FAST_COUNT, hart, fast_count);
	AT(HART_HAS_LOCK, hart, has_lock);
	AT(HART_BIT, hart, bit);
	AT(HART_STACK, hart, arch.stack);
	AT(HART_TRAP_STACK, hart, arch.trap_stack);
	AT(HART_NUMBER, hart, arch.number);
	AT(HART_REGISTERS, hart, arch.registers);
	SAY(HART_SIZE, sizeof(struct hart));
	SAY(HART_COUNT, HARTS_MAX);
	AT(LOCK_OWNER, kernel_lock, owner);

	AT(FRAME_AT, thread, frame);
	AT(FRAME_A0, thread, frame.registers);
	AT(FRAME_T0, thread, frame.call);
	AT(FRAME_PC, thread, frame.arch.pc);
	AT(FRAME_RA, thread, frame.arch.ra);
	AT(FRAME_SP, thread, frame.arch.sp);
	AT(FRAME_GP, thread, frame.arch.gp);
	AT(FRAME_TP, thread, frame.arch.tp);
	AT(FRAME_S0, thread, frame.arch.s);
	AT(FRAME_T1, thread, frame.arch.t);
	AT(FRAME_ALL_SAVED, thread, frame.arch.all_saved);

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
	SAY(STATE_RECEIVING, THREAD_RECEIVING);
	SAY(STATE_AWAITING_REPLY, THREAD_AWAITING_REPLY);

	AT(PROCESS_STALE, process, space.arch.stale);
	AT(PROCESS_SERVICE_ID, process, service_id);
	AT(PROCESS_HANDLE_PAGES, process, handles.pages);

	SAY(HANDLE_SIZE_SHIFT, __builtin_ctzl(sizeof(struct handle)));
	SAY(HANDLE_SLOT_BITS, __builtin_ctzl(HANDLES_PER_PAGE));
	SAY(HANDLE_PLACE_BITS, __builtin_ctzl(HANDLE_PAGES_MAX));
	AT(HANDLE_RIGHTS, handle, link.rights);
	AT(HANDLE_NUMBER, handle, link.number);
	AT(HANDLE_OBJECT, handle, object);
	AT(HANDLE_IDENTITY, handle, identity);

	AT(PORT_WAITING, port, depth); /* and caller_count, one word */
	AT(PORT_RECEIVERS, port, receivers);
	AT(LIST_NEXT, list, next);
	AT(LIST_PREV, list, prev);

	SAY(CALL_CALL, NX_SYS_call);
	SAY(CALL_REPLY_RECV, NX_SYS_reply_recv);
	SAY(RIGHT_CALL, NX_RIGHT_CALL);
	SAY(RIGHT_RECV, NX_RIGHT_RECV);
	/* Adding it carries into a bit that must be zero if the count is 7. */
	SAY(HEADER_WORDS_ONE, 1 << NX_HEADER_WORDS_SHIFT);
}

/* And what it takes for granted. */
_Static_assert(sizeof(bool) == 1 && sizeof(enum thread_state) == 4, "sb, sw");
_Static_assert(offsetof(struct kernel_lock, next) == 0, "lr.w");
_Static_assert(offsetof(struct port, object) == 0, "no offset");
_Static_assert(THREAD_RUNNING == 0 && NX_SYS_call == 0, "bnez");
_Static_assert(HANDLES_PER_PAGE >= 8, "andi -8");
_Static_assert(offsetof(struct port, depth) % 8 == 0 &&
		       offsetof(struct port, caller_count) ==
			       offsetof(struct port, depth) + 4,
	       "ld");
_Static_assert(NX_HEADER_ZERO_MASK &(NX_HEADER_WORDS_MASK + 1)
		       << NX_HEADER_WORDS_SHIFT,
	       "carry");
/* These two rights are of ports only: a handle that has one is a port's. */
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	_Static_assert((number) == NX_KIND_PORT ||                             \
			       ((rights) & (NX_RIGHT_CALL | NX_RIGHT_RECV)) == \
				       0,                                      \
		       "a right of ports");
#include <nexus/objects.def>
#undef NX_OBJECT
