/* SPDX-License-Identifier: BSD-2-Clause */
/* From registers to bodies. Each row of syscalls.def becomes a function
 * that takes the arguments out of the registers, calls sys_<name>() and on
 * success puts the results back, and one entry of a table. A register that
 * does not hold a value of its argument's type is refused, never cut. */
#include <kernel/syscall.h>

#include <nexus/syscalls.h>

typedef nx_status_t (*call_body)(struct nx_registers *registers);

#define OPERATIONS_MAX 16

/* D: a local for each register. */
#define D_IN(n, type, name) type name = (type)registers->a[n];
#define D_IN_H(n, kind, name) nx_handle_t name = (nx_handle_t)registers->a[n];
#define D_IN_P(n, type, name) nx_uaddr_t name = registers->a[n];
#define D_OUT(n, type, name) type name = 0;
#define D_OUT_H(n, kind, name) nx_handle_t name = NX_HANDLE_NONE;
/* C: is the value one of the type? */
#define C_IN(n, type, name)                                                    \
	if ((uint64_t)name != registers->a[n])                                 \
		return NX_ERR_INVALID_ARGS;
#define C_IN_H(n, kind, name)                                                  \
	if (name != registers->a[n])                                           \
		return NX_ERR_BAD_HANDLE;
#define C_IN_P(n, type, name)
#define C_OUT(n, type, name)
#define C_OUT_H(n, kind, name)
/* A: an argument of the call. */
#define A_IN(n, type, name) , name
#define A_IN_H(n, kind, name) , name
#define A_IN_P(n, type, name) , name
#define A_OUT(n, type, name) , &name
#define A_OUT_H(n, kind, name) , &name
/* S: a result stored. */
#define S_IN(n, type, name)
#define S_IN_H(n, kind, name)
#define S_IN_P(n, type, name)
#define S_OUT(n, type, name) registers->a[n] = (uint64_t)name;
#define S_OUT_H(n, kind, name) registers->a[n] = name;

#define ARGUMENTS_NONE(...)
#define ARGUMENTS_SOME(...) NX_REST(-NX_EACH(__VA_ARGS__))
#define ARGUMENTS(p, ...)                                                      \
	NX_PASTE(ARGUMENTS_, NX_ANY(__VA_ARGS__))(p, __VA_ARGS__)

#define SHIM(call, ...)                                                        \
	HELD static nx_status_t do_##call(struct nx_registers *registers)      \
	{                                                                      \
		nx_status_t status;                                            \
		NX_EACH(D_, __VA_ARGS__)                                       \
                                                                               \
		NX_EACH(C_, __VA_ARGS__)                                       \
		status = sys_##call(ARGUMENTS(A_, __VA_ARGS__));               \
		if (status != NX_OK)                                           \
			return status;                                         \
		NX_EACH(S_, __VA_ARGS__)                                       \
		(void)registers;                                               \
		return NX_OK;                                                  \
	}

HELD static nx_status_t operate(uint32_t call, struct nx_registers *registers);

static nx_status_t do_reserved(struct nx_registers *registers)
{
	(void)registers;
	return NX_ERR_NOT_SUPPORTED;
}

#define NX_CALL(number, name, ...) SHIM(name, __VA_ARGS__)
#define NX_CONTROL(number, name, since)                                        \
	HELD static nx_status_t do_##name(struct nx_registers *registers)      \
	{                                                                      \
		return operate(number, registers);                             \
	}
#define NX_OP(control, number, name, ...) SHIM(name, __VA_ARGS__)
#include <nexus/syscalls.def>

static const call_body calls[NX_SYS_COUNT] = {
#define NX_CALL(number, name, ...) [number] = do_##name,
#define NX_MESSAGE(number, name, since, kind) [number] = sys_##name,
#define NX_CONTROL(number, name, since) [number] = do_##name,
#define NX_RESERVED(number, name) [number] = do_reserved,
#include <nexus/syscalls.def>
};

static const call_body operations[NX_SYS_COUNT][OPERATIONS_MAX] = {
#define NX_OP(control, number, name, ...)                                      \
	[NX_SYS_##control][number] = do_##name,
#include <nexus/syscalls.def>
};

static nx_status_t operate(uint32_t call, struct nx_registers *registers)
{
	uint64_t operation = registers->a[1];

	if (operation >= OPERATIONS_MAX || operations[call][operation] == NULL)
		return NX_ERR_BAD_CALL;
	return operations[call][operation](registers);
}

nx_status_t syscall_dispatch(uint64_t number, struct nx_registers *registers)
{
	if (number >= NX_SYS_COUNT)
		return NX_ERR_BAD_CALL;
	return calls[number](registers);
}
