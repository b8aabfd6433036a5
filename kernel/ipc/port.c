/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports. Everybody in a port is in one of its lists, and the lists are
 * emptied when the last handle that could receive is closed. */
#include <kernel/port.h>

#include <kernel/hooks.h>
#include <kernel/message.h>
#include <kernel/process.h>
#include <kernel/thread.h>

nx_status_t port_create(struct job *job, uint32_t depth, struct port **out_port)
{
	struct port *port;
	void *object;
	nx_status_t status = object_create(job, NX_KIND_PORT, &object);

	if (status != NX_OK)
		return status;
	port = object;
	port->depth_max = depth;
	list_init(&port->receivers);
	list_init(&port->callers);
	list_init(&port->senders);
	list_init(&port->messages);
	*out_port = port;
	return NX_OK;
}

static void wake_all(struct list *list)
{
	while (!list_is_empty(list))
		thread_wake_closed(
			LIST_ENTRY(list->next, struct thread, queue));
}

static void port_close(struct port *port)
{
	port->closed = true;
	wake_all(&port->receivers);
	wake_all(&port->callers);
	wake_all(&port->senders);
	while (!list_is_empty(&port->messages))
		message_drop(port);
}

void port_destroy(struct object *object)
{
	/* Without handles it was closed; one that never had any is empty. */
	(void)object;
}

void port_handle_opened(struct object *object, nx_rights_t rights)
{
	struct port *port = CONTAINER_OF(object, struct port, object);

	if ((rights & NX_RIGHT_RECV) != 0)
		port->receiver_handles++;
}

/* Whoever waits through a handle that is gone shall not get a message any
 * more; the number is still in its register. */
static void recheck_receivers(struct port *port)
{
	struct list *node = port->receivers.next;

	while (node != &port->receivers) {
		struct thread *thread = LIST_ENTRY(node, struct thread, queue);
		nx_handle_t number = (nx_handle_t)thread->frame.registers.a[0];
		struct handle *handle;

		node = node->next;
		if (handle_lookup(&thread->process->handles, number,
				  NX_KIND_PORT, NX_RIGHT_RECV,
				  &handle) != NX_OK)
			thread_wake_with(thread, NX_ERR_BAD_HANDLE, 0, 0);
	}
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
		port_close(port);
	else
		recheck_receivers(port);
}

void port_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct port *port = (const struct port *)object;

	*state = !port->closed;
	*value = port->generation;
}
