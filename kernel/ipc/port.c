/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports. Everybody in a port is in one of its lists, and the lists are
 * emptied when the last handle that could receive is closed. */
#include <kernel/port.h>

#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/message.h>
#include <kernel/process.h>
#include <kernel/thread.h>

/* Of all ports, so that no thread has the number of another one's. */
static uint64_t rounds GUARDED;

static bool closing_step(struct work *work);

nx_status_t port_create(struct job *job, uint32_t depth, struct port **out_port)
{
	struct port *port;
	nx_status_t status = object_create(job, NX_KIND_PORT, &port);

	if (status != NX_OK)
		return status;
	port->depth_max = depth;
	list_init(&port->receivers);
	list_init(&port->callers);
	list_init(&port->senders);
	list_init(&port->messages);
	list_init(&port->handled);
	work_init(&port->closing, closing_step);
	*out_port = port;
	return NX_OK;
}

/* Wake one of those who wait, or drop a message; false: nothing is left. */
HELD static bool close_one(struct port *port)
{
	struct list *const lists[] = { &port->receivers, &port->callers,
				       &port->senders };

	if (!list_is_empty(&port->handled)) {
		job_handler_end(
			LIST_ENTRY(port->handled.next, struct job, in_handler));
		return true;
	}
	for (unsigned i = 0; i < ARRAY_COUNT(lists); i++) {
		if (list_is_empty(lists[i]))
			continue;
		thread_wake_closed(
			LIST_ENTRY(lists[i]->next, struct thread, queue));
		return true;
	}
	if (list_is_empty(&port->messages))
		return false;
	message_drop(port);
	return true;
}

/* Whoever waits through a handle that is gone shall not get a message any
 * more; the number is still in its register. The others go on in a circle,
 * which is completed before the next one, so that their order is kept. */
HELD static bool recheck_one(struct port *port)
{
	struct thread *thread;
	struct handle *handle;

	if (list_is_empty(&port->receivers))
		return false;
	thread = LIST_ENTRY(port->receivers.next, struct thread, queue);
	if (thread->recheck_round == port->recheck_round) {
		if (!port->recheck_again)
			return false;
		port->recheck_again = false;
		port->recheck_round = ++rounds;
	}
	thread->recheck_round = port->recheck_round;
	list_remove(&thread->queue);
	list_push_back(&port->receivers, &thread->queue);
	if (handle_find(&thread->process->handles,
			(nx_handle_t)thread->frame.registers.a[0], NX_KIND_NONE,
			0, &handle) != NX_OK)
		thread_wake_with(thread, NX_ERR_BAD_HANDLE, 0, 0);
	return true;
}

/* There is room in the queue: the threads that wait for it go on, in their
 * order. */
HELD static bool refill_one(struct port *port)
{
	struct thread *sender =
		LIST_ENTRY(port->senders.next, struct thread, queue);

	if (port->depth >= port->depth_max || list_is_empty(&port->senders))
		return false;
	thread_wake(sender, message_enqueue(sender, port, sender->identity));
	return true;
}

HELD static bool closing_step(struct work *work)
{
	struct port *port = CONTAINER_OF(work, struct port, closing);

	if (port->closed ? close_one(port)
			 : recheck_one(port) || refill_one(port))
		return false;
	port->is_closing = false;
	port->recheck_again = false;
	object_unref(&port->object);
	return true;
}

void port_work(struct port *port)
{
	if (!port->is_closing)
		object_ref(&port->object);
	port->is_closing = true;
	steps_add(&port->closing);
}

bool port_destroy(struct object *object)
{
	/* Without handles it was closed; one that never had any is empty. */
	(void)object;
	return true;
}

void port_handle_opened(struct object *object, nx_rights_t rights)
{
	struct port *port = CONTAINER_OF(object, struct port, object);

	if ((rights & NX_RIGHT_RECV) != 0)
		port->receiver_handles++;
}

void port_handle_closed(struct object *object, nx_rights_t rights, bool death)
{
	struct port *port = CONTAINER_OF(object, struct port, object);

	if ((rights & NX_RIGHT_RECV) == 0)
		return;
	port->receiver_handles--;
	if (death)
		port->generation++;
	if (port->receiver_handles == 0)
		port->closed = true;
	if (port->is_closing)
		port->recheck_again = true;
	else
		port->recheck_round = ++rounds;
	if (port->closed || !list_is_empty(&port->receivers))
		port_work(port);
}

void port_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct port *port = (const struct port *)object;

	*state = !port->closed;
	*value = port->generation;
}
