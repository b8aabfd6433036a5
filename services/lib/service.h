/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_SERVICE_H
#define LIB_SERVICE_H
/** @file service.h
 * The loop of every service: receive, hold the request against the table,
 * call the handler, answer. What the table does not allow never reaches a
 * handler: MALFORMED for a wrong method or form, POLICY_DENIED for a badge
 * without the right. One thread; a handler never waits for a client. */
#include <crt/program.h>
#include <proto/proto.h>

/** A handler's result when it will answer later, or never. */
#define SERVICE_LATER 1

struct service_request {
	uint64_t identity;
	uint32_t client; /* service id of whoever asks */
	uint32_t rights; /* PROTO_* */
	unsigned method;
	uint64_t words[NX_MESSAGE_WORDS];
	uint64_t answer_words[NX_MESSAGE_WORDS];
	unsigned cap_count;
	unsigned answer_cap_count;
	nx_rights_t answer_rights; /* of CAP_OUT; 0: what our handle has */
	bool close_answer_caps;	   /* ours are temporary: close them after */
	/** Received; closed after the handler unless it set NONE here. */
	nx_handle_t caps[NX_MESSAGE_CAPS_MAX];
	struct nx_message_cap answer_caps[NX_MESSAGE_CAPS_MAX];
	size_t frame_bytes;
	size_t answer_bytes;
	/** Copies: a handler may call other services. */
	uint8_t frame[NX_MESSAGE_FRAME_MAX];
	uint8_t answer_frame[NX_MESSAGE_FRAME_MAX];
};

struct service_method {
	const char *name; /* NULL: there is no method of this number */
	uint32_t rights;
	uint8_t since;
	uint8_t words;
	uint8_t caps;
	uint8_t answer_caps;
	uint16_t frame_min;
	uint16_t frame_max;
	uint16_t answer_max;
	nx_status_t (*serve)(void *state, struct service_request *request);
};

struct service_table {
	const char *name;
	const struct service_method *methods; /* by number */
	unsigned count;
	/** Bits of an event watched with service_watch(); may be NULL. */
	void (*event)(void *state, uint64_t bits);
};

struct service {
	struct program *program;
	nx_port_t port;
	const struct service_table *table;
	void *state;
	uint64_t served_count;
	uint64_t refused_count; /* by the loop, before a handler */
	struct service_request request;
};

/** Serve until the port fails; returns why. `service` is zeroed storage
 * with its first four members set. */
nx_status_t service_run(struct service *service);

/** Handle a received message: everything but receiving and answering.
 * Returns the status to answer, or SERVICE_LATER. For tests and fuzzing. */
nx_status_t service_dispatch(const struct service_table *table, void *state,
			     struct service_request *request, uint64_t header);

/** Keep the caller waiting: gives the right to answer it. The handler then
 * returns SERVICE_LATER. */
nx_status_t service_defer(nx_reply_t *out_reply);

/** Answer a caller that was kept waiting; consumes the reply handle. */
nx_status_t service_answer(struct program *program, nx_reply_t reply,
			   nx_status_t status, const void *data,
			   size_t data_bytes);

/** A thread that waits for the bits of an event and passes them on to the
 * service's loop as messages. Lives as long as the service. */
struct service_watch {
	nx_event_t event;
	uint64_t mask;
	nx_client_t self;	       /* made by service_watch() */
	const struct program *program; /* set by it, too */
};

nx_status_t service_watch(struct service *service, struct service_watch *watch);
#endif /* LIB_SERVICE_H */
