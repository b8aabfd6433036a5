/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/service.h>

#include <crt/thread.h>

/** What the watching thread sends: never given to a client. */
#define METHOD_EVENT 0
/** Between two tries to send it. */
#define RETRY_NS UINT64_C(5000000)

static const struct service_method *find_method(const struct service_table *of,
						unsigned number)
{
	if (number >= of->count || !of->methods[number].name)
		return NULL;
	return &of->methods[number];
}

static bool well_formed(const struct service_method *method,
			const struct service_request *request, uint64_t header)
{
	unsigned words = (unsigned)(header >> NX_HEADER_WORDS_SHIFT &
				    NX_HEADER_WORDS_MASK);

	return words == method->words && request->cap_count == method->caps &&
	       request->frame_bytes >= method->frame_min &&
	       request->frame_bytes <= method->frame_max;
}

nx_status_t service_dispatch(const struct service_table *table, void *state,
			     struct service_request *request, uint64_t header)
{
	const struct service_method *method =
		find_method(table, request->method);
	nx_status_t status;

	if (!method || !well_formed(method, request, header))
		return NX_ERR_MALFORMED;
	if ((request->rights & method->rights) != method->rights)
		return NX_ERR_POLICY_DENIED;
	status = method->serve(state, request);
	if (status == NX_OK && request->answer_bytes > method->answer_max)
		return NX_ERR_TOO_BIG;
	return status;
}

/* The message buffer is ours again at the next call: copy first. */
static void take_request(struct service *service,
			 const struct nx_message *message)
{
	const struct nx_message_buffer *buffer = service->program->buffer;
	struct service_request *request = &service->request;

	request->identity = message->identity;
	request->client = nx_identity_service(message->identity);
	request->rights = nx_identity_badge(message->identity);
	request->method = nx_header_method(message->header);
	request->frame_bytes = nx_header_bytes(message->header);
	request->cap_count = nx_header_caps(message->header);
	request->answer_bytes = 0;
	request->answer_cap_count = 0;
	request->answer_rights = 0;
	request->close_answer_caps = false;
	memcpy(request->words, message->words, sizeof(request->words));
	memset(request->answer_words, 0, sizeof(request->answer_words));
	memcpy(request->frame, buffer->recv_frame, request->frame_bytes);
	for (unsigned i = 0; i < NX_MESSAGE_CAPS_MAX; i++)
		request->caps[i] = i < request->cap_count
					   ? buffer->recv_caps[i].handle
					   : NX_HANDLE_NONE;
}

static void close_caps(struct service_request *request)
{
	for (unsigned i = 0; i < request->cap_count; i++)
		if (request->caps[i] != NX_HANDLE_NONE)
			nx_handle_close(request->caps[i]);
}

static void put_answer(struct service *service, nx_status_t status,
		       struct nx_message *message)
{
	struct nx_message_buffer *buffer = service->program->buffer;
	struct service_request *request = &service->request;

	if (status != NX_OK) {
		request->answer_bytes = 0;
		request->answer_cap_count = 0;
	}
	memcpy(message->words, request->answer_words, sizeof(message->words));
	memcpy(buffer->send_frame, request->answer_frame,
	       request->answer_bytes);
	memcpy(buffer->send_caps, request->answer_caps,
	       request->answer_cap_count * sizeof(buffer->send_caps[0]));
	message->header =
		proto_header((unsigned)-status, 0, request->answer_bytes,
			     request->answer_cap_count);
}

static nx_status_t handle(struct service *service,
			  const struct nx_message *message)
{
	const struct service_table *table = service->table;
	nx_status_t status;

	take_request(service, message);
	if (service->request.rights & PROTO_BADGE_SELF) {
		close_caps(&service->request);
		if (table->event && service->request.method == METHOD_EVENT)
			table->event(service->state, service->request.words[0]);
		return SERVICE_LATER;
	}
	status = service_dispatch(table, service->state, &service->request,
				  message->header);
	close_caps(&service->request);
	service->served_count++;
	if (status == NX_ERR_MALFORMED || status == NX_ERR_POLICY_DENIED)
		service->refused_count++;
	return status;
}

/* Handles that were made for the answer. It cannot be part of the next
 * receive when they exist: they are closed between the two. */
static nx_status_t answer_and_close(struct service *service,
				    struct nx_message *message)
{
	const nx_reply_t caller = { NX_HANDLE_CALLER };
	const struct service_request *request = &service->request;
	nx_status_t status = nx_reply(caller, message);

	for (unsigned i = 0; i < request->answer_cap_count; i++)
		nx_handle_close(request->answer_caps[i].handle);
	/* Sent, not called: there is nobody to answer. */
	if (status != NX_OK && status != NX_ERR_BAD_STATE)
		return status;
	*message = (struct nx_message){ 0 };
	return nx_recv(service->port, message);
}

/* An answer that cannot be delivered is the caller's loss: its buffer is
 * too small, or it is gone. It must not keep us from the next request. */
static bool answer_failed(nx_status_t status)
{
	return status == NX_ERR_BUFFER_TOO_SMALL ||
	       status == NX_ERR_QUOTA_HANDLES || status == NX_ERR_QUOTA_PAGES ||
	       status == NX_ERR_NO_MEMORY || status == NX_ERR_BAD_HANDLE;
}

/* Tell the caller why instead; whoever is gone hears nothing. */
static void answer_refused(nx_status_t why)
{
	const nx_reply_t caller = { NX_HANDLE_CALLER };
	struct nx_message message = {
		.header = proto_header((unsigned)-why, 0, 0, 0),
	};

	nx_reply(caller, &message);
}

nx_status_t service_run(struct service *service)
{
	struct nx_message message = { 0 };
	nx_status_t status = nx_recv(service->port, &message);

	for (;;) {
		if (status == NX_OK) {
			nx_status_t answer = handle(service, &message);

			if (answer == SERVICE_LATER) {
				message = (struct nx_message){ 0 };
				status = nx_recv(service->port, &message);
				continue;
			}
			put_answer(service, answer, &message);
			status = service->request.close_answer_caps
					 ? answer_and_close(service, &message)
					 : nx_reply_recv(service->port,
							 &message);
		} else if (answer_failed(status)) {
			answer_refused(status);
			message = (struct nx_message){ 0 };
			status = nx_recv(service->port, &message);
		} else if (status == NX_ERR_PEER_CLOSED) {
			uint64_t open = 0;

			status = nx_handle_info(
				service->port.handle, &(uint32_t){ 0 },
				&(nx_rights_t){ 0 }, &(uint64_t){ 0 },
				&(uint64_t){ 0 }, &open, &(uint64_t){ 0 });
			if (status != NX_OK || open != 1)
				return NX_ERR_PEER_CLOSED;
			message = (struct nx_message){ 0 };
			status = nx_recv(service->port, &message);
		} else {
			return status;
		}
	}
}

nx_status_t service_defer(nx_reply_t *out_reply)
{
	const nx_process_t self = { NX_HANDLE_NONE };

	return nx_handle_dup(NX_HANDLE_CALLER, NX_RIGHTS_SAME, 0, self,
			     &out_reply->handle);
}

nx_status_t service_answer(struct program *program, nx_reply_t reply,
			   nx_status_t status, const void *data,
			   size_t data_bytes)
{
	struct nx_message message = {
		.header = proto_header((unsigned)-status, 0, data_bytes, 0),
	};
	nx_status_t sent;

	if (data_bytes)
		memcpy(program->buffer->send_frame, data, data_bytes);
	sent = nx_reply(reply, &message);
	if (sent != NX_OK)
		nx_handle_close(reply.handle);
	return sent;
}

/* Memory for the message may be short for a while; then more bits may come
 * meanwhile. Anything else is the end of the port. */
static bool pass_on(const struct service_watch *watch, uint64_t bits)
{
	for (;;) {
		uint64_t more = 0;
		uint64_t deadline = program_now_ns(watch->program) + RETRY_NS;
		struct nx_message message = {
			.header = proto_header(METHOD_EVENT, 1, 0, 0),
			.words = { bits },
		};
		nx_status_t status = nx_send(watch->self, &message);

		if (status == NX_OK)
			return true;
		if (status != NX_ERR_NO_MEMORY && status != NX_ERR_QUOTA_PAGES)
			return false;
		nx_wait(watch->event, watch->mask, deadline, &more);
		bits |= more;
	}
}

/* Runs on a thread of its own: only system calls. */
static void watch_loop(void *argument, struct nx_message_buffer *buffer)
{
	const struct service_watch *watch = argument;
	uint64_t bits;

	(void)buffer;
	while (nx_wait(watch->event, watch->mask, NX_DEADLINE_NEVER, &bits) ==
	       NX_OK)
		if (!pass_on(watch, bits))
			return;
}

nx_status_t service_watch(struct service *service, struct service_watch *watch)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	struct program_thread *what;
	nx_status_t status;

	what = heap_allocate(&service->program->heap, sizeof(*what));
	if (!what)
		return NX_ERR_NO_MEMORY;
	watch->program = service->program;
	what->run = watch_loop;
	what->argument = watch;
	status = nx_handle_dup(service->port.handle, NX_RIGHT_SEND,
			       PROTO_BADGE_SELF, self, &watch->self.handle);
	if (status == NX_OK)
		status = program_thread_start(service->program, what);
	if (status != NX_OK)
		heap_free(&service->program->heap, what);
	return status;
}
