/* SPDX-License-Identifier: BSD-2-Clause */
/* Many who wait in vain; see crowd.h. */
#include "system/crowd.h"

#include <string.h>

/* words[] of a member; handles[0]: the port, handles[1]: what is sent */
enum { W_KIND, W_REFUSED };

static void member(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_message message = { .header = nx_header(0, 0, 1, 0) };
	nx_status_t status;

	buffer->send_caps[0].handle = page->handles[1];
	buffer->send_caps[0].rights = NX_RIGHTS_SAME;
	buffer->recv_bytes_max = 0;
	if (page->words[W_KIND] == CROWD_CALLERS) {
		status = nx_call((nx_client_t){ page->handles[0] }, &message);
	} else if (page->words[W_KIND] == CROWD_SENDERS) {
		status = nx_send((nx_client_t){ page->handles[0] }, &message);
	} else {
		message.header = 0;
		status = nx_recv((nx_port_t){ page->handles[0] }, &message);
	}
	page->words[W_REFUSED] = status == NX_ERR_BAD_HANDLE ||
				 status == NX_ERR_BUFFER_TOO_SMALL;
}

static nx_status_t plain_send(nx_port_t port, unsigned frame_bytes)
{
	struct nx_message message = { .header = nx_header(0, frame_bytes, 0,
							  NX_HEADER_NONBLOCK) };

	return nx_send((nx_client_t){ port.handle }, &message);
}

/* A table that grew for their handles would stay so. */
static void forget(struct peer *peer)
{
	nx_handle_t *const handles[] = { &peer->thread.handle,
					 &peer->page_vmo.handle,
					 &peer->stack_vmo.handle };

	for (unsigned i = 0; i < ARRAY_COUNT(handles); i++) {
		nx_handle_close(*handles[i]);
		*handles[i] = NX_HANDLE_NONE;
	}
}

bool crowd_gather(struct test *test, struct crowd *crowd, enum crowd_kind kind,
		  unsigned count)
{
	nx_event_t event = new_event();

	crowd->kind = kind;
	nx_port_create((nx_job_t){ 0 }, 1, &crowd->port);
	if (kind == CROWD_SENDERS)
		plain_send(crowd->port, 0);
	for (crowd->count = 0; crowd->count < count; crowd->count++) {
		struct peer *peer = &crowd->peers[crowd->count];

		if (!peer_thread(test, peer, member))
			return false;
		peer_give(peer, 0, crowd->port.handle, NX_RIGHTS_SAME);
		peer_give(peer, 1, event.handle, NX_RIGHTS_SAME);
		peer->page->words[W_KIND] = kind;
		peer_start(peer);
		if (!peer_await_blocked(test, peer))
			return false;
		forget(peer);
	}
	nx_handle_close(event.handle);
	return true;
}

nx_status_t crowd_meet(const struct crowd *crowd)
{
	struct nx_message message = { .header = NX_HEADER_NONBLOCK };

	return crowd->kind == CROWD_RECEIVERS ? plain_send(crowd->port, 8)
					      : nx_recv(crowd->port, &message);
}

unsigned crowd_drop(struct test *test, struct crowd *crowd)
{
	unsigned refused = 0;

	for (unsigned i = 0; i < crowd->count; i++)
		for (unsigned n = 0;
		     n < 1000 && crowd->peers[i].page->words[W_REFUSED] == 0;
		     n++)
			sleep_ns(test, 100000);
	sleep_ns(test, 10000000);
	for (unsigned i = 0; i < crowd->count; i++) {
		refused += crowd->peers[i].page->words[W_REFUSED] == 1;
		peer_drop(test, &crowd->peers[i]);
	}
	nx_handle_close(crowd->port.handle);
	return refused;
}
