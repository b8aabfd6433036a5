/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_PROTO_H
#define PROTO_PROTO_H
/** @file proto.h
 * How the services' tables become code. A table <name>.def has one row per
 * method:
 *
 *	METHOD(number, name, since, rights, "what it does", rows...)
 *
 * rights is a set of PROTO_* bits that the client's badge must have. Rows:
 *
 *	IN(n, type, name) OUT(n, type, name)    word n of request, of answer
 *	DATA_IN(min, max, name)                 the frame of the request
 *	DATA_OUT(max, name)                     the frame of the answer
 *	CAP_IN(n, kind, name, rights)           capability n, with at most
 *						these kernel rights
 *	CAP_OUT(n, kind, name)                  capability n of the answer
 *
 * Numbers are 1 to PROTO_METHODS_MAX, never given out again. An answer
 * carries its status in the method field of the header, negated.
 *
 * <proto/<name>.h> has the typed stubs of clients, <proto/server.h> makes
 * the dispatch of the server. */
#include <nexus/errors.h>
#include <nexus/foreach.h>
#include <nexus/message.h>
#include <nexus/objects.h>
#include <nexus/syscalls.h>

#include <stddef.h>
#include <string.h>

#define PROTO_METHODS_MAX 32
/** The same in every protocol that has it: a client is gone. Posted by init
 * and execd; one word, its service id. */
#define PROTO_METHOD_RELEASE_CLIENT 31

enum {
#define PROTO_RIGHT(bit, upper, lower, text) PROTO_##upper = 1 << (bit),
#include <proto/rights.def>
#undef PROTO_RIGHT
	PROTO_RIGHT_NONE = 0
};

/** The services' own bits of a badge. */
#define PROTO_BADGE_SELF (UINT32_C(1) << 31)

/* Parameters of a client's stub (P), what they put into the request (L)
 * and what they take from the answer (S). */
#define PROTO_P_IN(n, type, name) , type name
#define PROTO_P_OUT(n, type, name) , type *out_##name
#define PROTO_P_DATA_IN(min, max, name) , const void *name, size_t name##_bytes
#define PROTO_P_DATA_OUT(max, name)                                            \
	, void *name, size_t name##_max, size_t *out_##name##_bytes
#define PROTO_P_CAP_IN(n, kind, name, rights) , nx_##kind##_t name
#define PROTO_P_CAP_OUT(n, kind, name) , nx_##kind##_t *out_##name

#define PROTO_L_IN(n, type, name) exchange.message.words[n] = (uint64_t)(name);
#define PROTO_L_OUT(n, type, name)
#define PROTO_L_DATA_IN(min, max, name)                                        \
	exchange.data = name;                                                  \
	exchange.data_bytes = name##_bytes;                                    \
	if (name##_bytes > (max))                                              \
		return NX_ERR_TOO_BIG;
#define PROTO_L_DATA_OUT(max, name)                                            \
	exchange.out = name;                                                   \
	exchange.out_max = name##_max < (max) ? name##_max : (max);
#define PROTO_L_CAP_IN(n, kind, name, allowed)                                 \
	exchange.caps[n].handle = name.handle;                                 \
	exchange.caps[n].rights = (allowed);
#define PROTO_L_CAP_OUT(n, kind, name)

#define PROTO_S_IN(n, type, name)
#define PROTO_S_OUT(n, type, name)                                             \
	*out_##name = (type)exchange.message.words[n];
#define PROTO_S_DATA_IN(min, max, name)
#define PROTO_S_DATA_OUT(max, name) *out_##name##_bytes = exchange.out_bytes;
#define PROTO_S_CAP_IN(n, kind, name, rights)
#define PROTO_S_CAP_OUT(n, kind, name)                                         \
	out_##name->handle = exchange.caps_out[n];

/* Sums over the rows, as constant expressions. */
#define PROTO_NI_IN(n, type, name) +1
#define PROTO_NI_OUT(n, type, name)
#define PROTO_NI_DATA_IN(min, max, name)
#define PROTO_NI_DATA_OUT(max, name)
#define PROTO_NI_CAP_IN(n, kind, name, rights)
#define PROTO_NI_CAP_OUT(n, kind, name)

#define PROTO_CI_IN(n, type, name)
#define PROTO_CI_OUT(n, type, name)
#define PROTO_CI_DATA_IN(min, max, name)
#define PROTO_CI_DATA_OUT(max, name)
#define PROTO_CI_CAP_IN(n, kind, name, rights) +1
#define PROTO_CI_CAP_OUT(n, kind, name)

#define PROTO_CO_IN(n, type, name)
#define PROTO_CO_OUT(n, type, name)
#define PROTO_CO_DATA_IN(min, max, name)
#define PROTO_CO_DATA_OUT(max, name)
#define PROTO_CO_CAP_IN(n, kind, name, rights)
#define PROTO_CO_CAP_OUT(n, kind, name) +1

#define PROTO_FMIN_IN(n, type, name)
#define PROTO_FMIN_OUT(n, type, name)
#define PROTO_FMIN_DATA_IN(min, max, name) +(min)
#define PROTO_FMIN_DATA_OUT(max, name)
#define PROTO_FMIN_CAP_IN(n, kind, name, rights)
#define PROTO_FMIN_CAP_OUT(n, kind, name)

#define PROTO_FMAX_IN(n, type, name)
#define PROTO_FMAX_OUT(n, type, name)
#define PROTO_FMAX_DATA_IN(min, max, name) +(max)
#define PROTO_FMAX_DATA_OUT(max, name)
#define PROTO_FMAX_CAP_IN(n, kind, name, rights)
#define PROTO_FMAX_CAP_OUT(n, kind, name)

#define PROTO_OMAX_IN(n, type, name)
#define PROTO_OMAX_OUT(n, type, name)
#define PROTO_OMAX_DATA_IN(min, max, name)
#define PROTO_OMAX_DATA_OUT(max, name) +(max)
#define PROTO_OMAX_CAP_IN(n, kind, name, rights)
#define PROTO_OMAX_CAP_OUT(n, kind, name)

/** One request and its answer, as the stubs fill it. */
struct proto_exchange {
	struct nx_message message;
	const void *data;
	size_t data_bytes;
	void *out;
	size_t out_max;
	size_t out_bytes;
	unsigned cap_count;
	unsigned cap_out_count;
	struct nx_message_cap caps[NX_MESSAGE_CAPS_MAX];
	nx_handle_t caps_out[NX_MESSAGE_CAPS_MAX];
};

/** Everything about a request that its words do not say. */
static inline uint64_t proto_header(unsigned method, unsigned word_count,
				    size_t frame_bytes, unsigned cap_count)
{
	return nx_header(method, (unsigned)frame_bytes, cap_count, 0) |
	       (uint64_t)word_count << NX_HEADER_WORDS_SHIFT;
}

/**
 * Call a service and check that the answer is of the form the table says.
 *
 * @return the status of the call, else the one of the answer;
 *         NX_ERR_MALFORMED for an answer of another form.
 */
nx_status_t proto_call(struct nx_message_buffer *buffer, nx_client_t service,
		       struct proto_exchange *exchange);

/** The same without an answer and without waiting: WOULD_BLOCK when the
 * service's queue is full. No capability, no frame. */
nx_status_t proto_post(nx_client_t service, unsigned method,
		       unsigned word_count, uint64_t word);
#endif /* PROTO_PROTO_H */
