/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_SYSCALLS_H
#define NEXUS_SYSCALLS_H
/** @file syscalls.h
 * The calls as typed functions, made from syscalls.def. What each does,
 * needs and returns is said there, once; nx_<name>() is the function of
 * the row <name>. Any thread may make any call. No call changes a handle
 * it was passed, but handle_close and a reply through a reply handle. */
#include <nexus/dma.h>
#include <nexus/errors.h>
#include <nexus/foreach.h>
#include <nexus/message.h>
#include <nexus/objects.h>
#include <nexus/options.h>
#include <nexus/trap.h>
#include <nexus/types.h>

struct nx_filter_rules; /* filter.h */

/* Numbers: NX_SYS_<name>, and NX_OP_<name> for operations. */
enum {
#define NX_CALL(number, name, ...) NX_SYS_##name = (number),
#define NX_MESSAGE(number, name, since, kind) NX_SYS_##name = (number),
#define NX_CONTROL(number, name, since) NX_SYS_##name = (number),
#define NX_RESERVED(number, name) NX_SYS_##name = (number),
#include <nexus/syscalls.def>
	NX_SYS_COUNT = 32
};

enum {
#define NX_OP(control, number, name, ...) NX_OP_##name = (number),
#include <nexus/syscalls.def>
	NX_OP_END_
};

/* How the rows of a call become parameters (P), loads of argument
 * registers (L) and stores of results (S). */
#define NX_P_IN(n, type, name) , type name
#define NX_P_IN_H(n, kind, name) , nx_##kind##_t name
#define NX_P_IN_P(n, type, name) , type *name
#define NX_P_OUT(n, type, name) , type *out_##name
#define NX_P_OUT_H(n, kind, name) , nx_##kind##_t *out_##name
#define NX_L_IN(n, type, name) registers.a[n] = (uint64_t)(name);
#define NX_L_IN_H(n, kind, name) registers.a[n] = (name).handle;
#define NX_L_IN_P(n, type, name) registers.a[n] = (uint64_t)(uintptr_t)(name);
#define NX_L_OUT(n, type, name)
#define NX_L_OUT_H(n, kind, name)
#define NX_S_IN(n, type, name)
#define NX_S_IN_H(n, kind, name)
#define NX_S_IN_P(n, type, name)
#define NX_S_OUT(n, type, name) *out_##name = (type)registers.a[n];
#define NX_S_OUT_H(n, kind, name)                                              \
	out_##name->handle = (nx_handle_t)registers.a[n];

#define NX_STUB(call, name, operation, ...)                                    \
	static inline nx_status_t nx_##name(NX_PARAMETERS(NX_P_, __VA_ARGS__)) \
	{                                                                      \
		struct nx_registers registers = { { 0, operation } };          \
		nx_status_t status;                                            \
                                                                               \
		NX_EACH(NX_L_, __VA_ARGS__)                                    \
		status = nx_trap(call, &registers);                            \
		if (status == NX_OK) {                                         \
			NX_EACH(NX_S_, __VA_ARGS__)                            \
		}                                                              \
		return status;                                                 \
	}

/** The form of the message calls: the message goes out and the one that
 * comes back replaces it, whatever the status: after BUFFER_TOO_SMALL the
 * header tells the size, after PEER_CLOSED the identity is the restart
 * generation of the port. */
static inline nx_status_t nx_message_trap(uint64_t call, nx_handle_t handle,
					  struct nx_message *message)
{
	struct nx_registers registers = {
		{ handle, message->header, message->words[0], message->words[1],
		  message->words[2], message->words[3], message->words[4],
		  message->words[5] }
	};
	nx_status_t status = nx_trap(call, &registers);

	message->identity = registers.a[0];
	message->header = registers.a[1];
	message->words[0] = registers.a[2];
	message->words[1] = registers.a[3];
	message->words[2] = registers.a[4];
	message->words[3] = registers.a[5];
	message->words[4] = registers.a[6];
	message->words[5] = registers.a[7];
	return status;
}

#define NX_CALL(number, name, ...) NX_STUB(number, name, 0, __VA_ARGS__)
#define NX_MESSAGE(number, name, since, kind)                                  \
	static inline nx_status_t nx_##name(nx_##kind##_t to,                  \
					    struct nx_message *message)        \
	{                                                                      \
		return nx_message_trap(number, to.handle, message);            \
	}
#define NX_OP(control, number, name, ...)                                      \
	NX_STUB(NX_SYS_##control, name, number, __VA_ARGS__)
#include <nexus/syscalls.def>

NX_BEGIN_DECLS
/** Name of a call, such as "vmo_create", or NULL if there is none. */
const char *nx_call_name(uint32_t number);
/** Name of an operation of a control call, or NULL. */
const char *nx_operation_name(uint32_t call, uint32_t operation);
NX_END_DECLS
#endif /* NEXUS_SYSCALLS_H */
