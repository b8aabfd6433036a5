/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_MESSAGE_INTERNAL_H
#define KERNEL_MESSAGE_INTERNAL_H
/** @file message_internal.h
 * What the calls that send and those that serve have in common.
 *
 * A caller that has been received and its receiver point to each other
 * (caller, callee) until the answer, a death or a timeout parts them. */
#include <kernel/arguments.h>
#include <kernel/message.h>
#include <kernel/port.h>
#include <kernel/thread.h>

#define WAIT_FLAGS (NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK)

HELD static inline struct thread *first_thread(const struct list *list)
{
	return LIST_ENTRY(list->next, struct thread, queue);
}

/* From now on `receiver`, which had nobody to answer, has to answer
 * `caller`. */
HELD static inline void link_caller(struct thread *receiver,
				    struct thread *caller)
{
	caller->state = THREAD_AWAITING_REPLY;
	caller->callee = receiver;
	receiver->caller = caller;
}

/* The handle in a0. */
HELD static inline nx_status_t
message_find(const struct nx_registers *registers, uint32_t kind,
	     nx_rights_t right, struct handle **out_handle)
{
	if (registers->a[0] > UINT32_MAX)
		return NX_ERR_BAD_HANDLE;
	return argument_handle((nx_handle_t)registers->a[0], kind, right,
			       out_handle);
}

/* sys_message.c */
/** The fast path has left this call to us; where nothing of its header says
 * why, for this reason. */
HELD void message_note_slow(struct thread *self, uint64_t header,
			    unsigned reason);
/** The current thread waits in a list of the port, as the header of its
 * message says: SYS_BLOCKED, WOULD_BLOCK, TIMED_OUT. */
HELD nx_status_t message_wait(struct thread *self, struct port *port,
			      struct list *list, enum thread_state state);
#endif /* KERNEL_MESSAGE_INTERNAL_H */
