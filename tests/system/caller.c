/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer that makes one message call and writes down what came of it. */
#include "messages.h"

#include <string.h>

#define WITHIN_NS UINT64_C(2000000000)

void frame_fill(uint8_t *frame, unsigned count, unsigned first)
{
	for (unsigned i = 0; i < count; i++)
		frame[i] = (uint8_t)(first + i);
}

uint64_t frame_sum(const uint8_t *frame, unsigned count)
{
	uint64_t sum = count;

	for (unsigned i = 0; i < count; i++)
		sum = sum * 31 + frame[i];
	return sum;
}

static void caller_prepare(const struct peer_page *page,
			   struct nx_message_buffer *buffer)
{
	for (unsigned i = 0; i < NX_MESSAGE_CAPS_MAX; i++) {
		buffer->send_caps[i].handle = page->handles[1 + i];
		buffer->send_caps[i].rights = NX_RIGHTS_SAME;
	}
	buffer->deadline_ns = page->words[CALLER_DEADLINE];
	if (page->words[CALLER_BYTES_MAX] > 0)
		buffer->recv_bytes_max =
			(uint32_t)page->words[CALLER_BYTES_MAX];
	if (page->words[CALLER_CAPS_MAX] > 0)
		buffer->recv_caps_max =
			(uint32_t)page->words[CALLER_CAPS_MAX] - 1;
	frame_fill(buffer->send_frame, NX_MESSAGE_FRAME_MAX,
		   (unsigned)page->words[CALLER_FILL]);
}

static void caller_note(struct peer_page *page,
			const struct nx_message_buffer *buffer,
			const struct nx_message *message, nx_status_t status)
{
	unsigned bytes = nx_header_bytes(message->header);

	page->words[CALLER_HEADER] = message->header;
	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		page->words[CALLER_WORDS + i] = message->words[i];
	page->words[CALLER_IDENTITY] = message->identity;
	page->words[CALLER_STATUS] = (uint64_t)(int64_t)status;
	page->words[CALLER_CAP] = buffer->recv_caps[0].handle;
	if (bytes <= NX_MESSAGE_FRAME_MAX)
		page->words[CALLER_FRAME_SUM] =
			frame_sum(buffer->recv_frame, bytes);
	page->words[CALLER_DONE] = 1;
}

void caller(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_client_t to = { page->handles[0] };
	struct nx_message message = { .header = page->words[CALLER_HEADER] };
	nx_status_t status;

	for (unsigned i = 0; i < NX_MESSAGE_WORDS; i++)
		message.words[i] = page->words[CALLER_WORDS + i];
	caller_prepare(page, buffer);
	if (page->words[CALLER_NUMBER] == NX_SYS_send)
		status = nx_send(to, &message);
	else
		status = nx_call(to, &message);
	caller_note(page, buffer, &message, status);
}

bool caller_make(struct test *test, struct peer *peer, nx_handle_t port,
		 unsigned method, uint64_t word)
{
	if (!peer_thread(test, peer, caller))
		return false;
	peer_give(peer, 0, port, NX_RIGHTS_SAME);
	peer->page->words[CALLER_HEADER] = nx_header(method, 0, 0, 0);
	peer->page->words[CALLER_WORDS] = word;
	return true;
}

bool caller_begin(struct test *test, struct peer *peer, nx_handle_t port,
		  unsigned method, uint64_t word)
{
	if (!caller_make(test, peer, port, method, word) ||
	    peer_start(peer) != NX_OK)
		return false;
	return peer_await_blocked(test, peer);
}

nx_status_t caller_status(struct test *test, struct peer *peer)
{
	if (!peer_await(test, peer, CALLER_DONE, 1))
		return 1;
	return (nx_status_t)peer->page->words[CALLER_STATUS];
}

struct nx_message receive_within(struct test *test)
{
	struct nx_message message = { .header = NX_HEADER_DEADLINE };

	test->buffer->deadline_ns = now_ns(test) + WITHIN_NS;
	return message;
}
