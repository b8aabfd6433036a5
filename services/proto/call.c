/* SPDX-License-Identifier: BSD-2-Clause */
#include <proto/proto.h>

static void put_request(struct nx_message_buffer *buffer,
			const struct proto_exchange *exchange)
{
	if (exchange->data_bytes)
		memcpy(buffer->send_frame, exchange->data,
		       exchange->data_bytes);
	for (unsigned i = 0; i < exchange->cap_count; i++)
		buffer->send_caps[i] = exchange->caps[i];
	buffer->recv_bytes_max = (uint32_t)exchange->out_max;
	buffer->recv_caps_max = exchange->cap_out_count;
}

static void close_received(const struct nx_message_buffer *buffer,
			   unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		nx_handle_close(buffer->recv_caps[i].handle);
}

static nx_status_t take_answer(const struct nx_message_buffer *buffer,
			       struct proto_exchange *exchange)
{
	uint64_t header = exchange->message.header;
	nx_status_t status = -(nx_status_t)nx_header_method(header);
	unsigned caps = nx_header_caps(header);
	size_t bytes = nx_header_bytes(header);

	if (caps > exchange->cap_out_count || bytes > exchange->out_max ||
	    (status == NX_OK && caps != exchange->cap_out_count)) {
		close_received(buffer, caps);
		return NX_ERR_MALFORMED;
	}
	if (status != NX_OK) {
		close_received(buffer, caps);
		return status;
	}
	for (unsigned i = 0; i < caps; i++)
		exchange->caps_out[i] = buffer->recv_caps[i].handle;
	if (bytes)
		memcpy(exchange->out, buffer->recv_frame, bytes);
	exchange->out_bytes = bytes;
	return NX_OK;
}

nx_status_t proto_call(struct nx_message_buffer *buffer, nx_client_t service,
		       struct proto_exchange *exchange)
{
	nx_status_t status;

	put_request(buffer, exchange);
	status = nx_call(service, &exchange->message);
	buffer->recv_bytes_max = NX_MESSAGE_FRAME_MAX;
	buffer->recv_caps_max = NX_MESSAGE_CAPS_MAX;
	return status == NX_OK ? take_answer(buffer, exchange) : status;
}

nx_status_t proto_post(nx_client_t service, unsigned method,
		       unsigned word_count, uint64_t word)
{
	struct nx_message message = {
		.header = proto_header(method, word_count, 0, 0) |
			  NX_HEADER_NONBLOCK,
		.words = { word },
	};

	return nx_send(service, &message);
}
