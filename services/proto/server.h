/* SPDX-License-Identifier: BSD-2-Clause
 * Dispatch of one protocol: define PROTO_NAME, PROTO_TABLE and PROTO_STATE,
 * then include, in the one file of the server that holds its table. For a
 * protocol p and a method m the handler is
 *
 *	nx_status_t p_serve_m(struct PROTO_STATE *state,
 *			      struct service_request *request, ...)
 *
 * with one parameter per row: the value of an IN, a pointer for an OUT; of
 * DATA_IN bytes and size, of DATA_OUT room for its max and a size to set; of
 * CAP_IN the handle, of CAP_OUT a handle to set, which the server keeps. The
 * table is p_methods. Include a second time with PROTO_PROTOTYPES defined to
 * get only the prototypes.
 */
#include <lib/service.h>

#define PROTO_PASTE_(a, b) a##b
#define PROTO_PASTE(a, b) PROTO_PASTE_(a, b)
#define PROTO_SYMBOL(suffix) PROTO_PASTE(PROTO_NAME, suffix)

#ifndef PROTO_SERVER_ROWS
#define PROTO_SERVER_ROWS
/* Parameters of a handler (H), variables of a shim (V), arguments (A) and
 * what is put into the answer (R). */
#define PROTO_H_IN(n, type, name) , type name
#define PROTO_H_OUT(n, type, name) , type *out_##name
#define PROTO_H_DATA_IN(min, max, name)                                        \
	, const uint8_t *name, size_t name##_bytes
#define PROTO_H_DATA_OUT(max, name)                                            \
	, uint8_t *out_##name, size_t *out_##name##_bytes
#define PROTO_H_CAP_IN(n, kind, name, rights) , nx_##kind##_t name
#define PROTO_H_CAP_OUT(n, kind, name) , nx_##kind##_t *out_##name

#define PROTO_V_IN(n, type, name)
#define PROTO_V_OUT(n, type, name) type name = 0;
#define PROTO_V_DATA_IN(min, max, name)
#define PROTO_V_DATA_OUT(max, name)
#define PROTO_V_CAP_IN(n, kind, name, rights)                                  \
	const nx_##kind##_t name = { request->caps[n] };
#define PROTO_V_CAP_OUT(n, kind, name) nx_##kind##_t name = { NX_HANDLE_NONE };

#define PROTO_A_IN(n, type, name) , (type)request->words[n]
#define PROTO_A_OUT(n, type, name) , &name
#define PROTO_A_DATA_IN(min, max, name) , request->frame, request->frame_bytes
#define PROTO_A_DATA_OUT(max, name)                                            \
	, request->answer_frame, &request->answer_bytes
#define PROTO_A_CAP_IN(n, kind, name, rights) , name
#define PROTO_A_CAP_OUT(n, kind, name) , &name

#define PROTO_R_IN(n, type, name)
#define PROTO_R_OUT(n, type, name) request->answer_words[n] = (uint64_t)name;
#define PROTO_R_DATA_IN(min, max, name)
#define PROTO_R_DATA_OUT(max, name)
#define PROTO_R_CAP_IN(n, kind, name, rights)
#define PROTO_R_CAP_OUT(n, kind, name)                                         \
	request->answer_caps[n].handle = name.handle;                          \
	request->answer_caps[n].rights = request->answer_rights                \
						 ? request->answer_rights      \
						 : NX_RIGHTS_SAME;             \
	request->answer_cap_count = (n) + 1;
#endif

#define METHOD(number, name, since, rights, ...)                               \
	nx_status_t PROTO_SYMBOL(_serve_##name)(                               \
		struct PROTO_STATE * state,                                    \
		struct service_request *                                       \
			request NX_EACH(PROTO_H_, __VA_ARGS__));
#include PROTO_TABLE
#undef METHOD

#ifndef PROTO_PROTOTYPES
#define METHOD(number, name, since, rights, ...)                               \
	static nx_status_t shim_##name(void *shim_state,                       \
				       struct service_request *request)        \
	{                                                                      \
		nx_status_t shim_status;                                       \
		NX_EACH(PROTO_V_, __VA_ARGS__)                                 \
                                                                               \
		shim_status = PROTO_SYMBOL(_serve_##name)(                     \
			shim_state, request NX_EACH(PROTO_A_, __VA_ARGS__));   \
		if (shim_status == NX_OK) {                                    \
			NX_EACH(PROTO_R_, __VA_ARGS__)                         \
		}                                                              \
		return shim_status;                                            \
	}
#include PROTO_TABLE
#undef METHOD

static const struct service_method PROTO_SYMBOL(_methods)[] = {
#define METHOD(number, title, first, need, ...)                                \
	[number] = {                                                           \
		.name = #title,                                                \
		.rights = (need),                                              \
		.since = (first),                                              \
		.words = 0 NX_EACH(PROTO_NI_, __VA_ARGS__),                    \
		.caps = 0 NX_EACH(PROTO_CI_, __VA_ARGS__),                     \
		.answer_caps = 0 NX_EACH(PROTO_CO_, __VA_ARGS__),              \
		.frame_min = 0 NX_EACH(PROTO_FMIN_, __VA_ARGS__),              \
		.frame_max = 0 NX_EACH(PROTO_FMAX_, __VA_ARGS__),              \
		.answer_max = 0 NX_EACH(PROTO_OMAX_, __VA_ARGS__),             \
		.serve = shim_##title,                                         \
	},
#include PROTO_TABLE
#undef METHOD
};
#endif

#undef PROTO_PROTOTYPES
#undef PROTO_SYMBOL
#undef PROTO_PASTE
#undef PROTO_PASTE_
#undef PROTO_NAME
#undef PROTO_TABLE
#undef PROTO_STATE
