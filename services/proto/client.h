/* SPDX-License-Identifier: BSD-2-Clause
 * Stubs of one protocol: define PROTO_NAME and PROTO_TABLE, then include.
 * No include guard: each protocol's header includes it once. Made are, for a
 * protocol p and a method m, the number p_METHOD_m and the function
 * p_m(buffer, service, ...).
 */
#include <proto/proto.h>

#define PROTO_PASTE_(a, b) a##b
#define PROTO_PASTE(a, b) PROTO_PASTE_(a, b)
#define PROTO_SYMBOL(suffix) PROTO_PASTE(PROTO_NAME, suffix)

enum {
#define METHOD(number, name, ...) PROTO_SYMBOL(_METHOD_##name) = (number),
#include PROTO_TABLE
#undef METHOD
};

#define METHOD(number, name, since, rights, ...)                               \
	static inline nx_status_t PROTO_SYMBOL(_##name)(                       \
		struct nx_message_buffer * buffer,                             \
		nx_client_t service NX_EACH(PROTO_P_, __VA_ARGS__))            \
	{                                                                      \
		struct proto_exchange exchange = {                             \
			.cap_count = 0 NX_EACH(PROTO_CI_, __VA_ARGS__),        \
			.cap_out_count = 0 NX_EACH(PROTO_CO_, __VA_ARGS__),    \
		};                                                             \
		nx_status_t status;                                            \
                                                                               \
		NX_EACH(PROTO_L_, __VA_ARGS__)                                 \
		exchange.message.header = proto_header(                        \
			number, 0 NX_EACH(PROTO_NI_, __VA_ARGS__),             \
			exchange.data_bytes, exchange.cap_count);              \
		status = proto_call(buffer, service, &exchange);               \
		if (status == NX_OK) {                                         \
			NX_EACH(PROTO_S_, __VA_ARGS__)                         \
		}                                                              \
		return status;                                                 \
	}
#include PROTO_TABLE
#undef METHOD

#undef PROTO_SYMBOL
#undef PROTO_PASTE
#undef PROTO_PASTE_
#undef PROTO_NAME
#undef PROTO_TABLE
