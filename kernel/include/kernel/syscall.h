/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H
/** @file syscall.h
 * The bodies of the calls: sys_<name>() for each row of syscalls.def, with
 * the row's registers as arguments. A body decodes and checks everything,
 * then acts; outputs are written on success only. It returns a status, or
 * SYS_BLOCKED, SYS_DONE or SYS_AGAIN. Handles are looked up in
 * current_process().
 * Where a body is: ipc/sys_message.c, object/sys_handle.c, and so on, by
 * noun. */
#include <kernel/lock.h>
#include <nexus/foreach.h>
#include <nexus/trap.h>

#define NX_K_IN(n, type, name) , type name
#define NX_K_IN_H(n, kind, name) , nx_handle_t name
#define NX_K_IN_P(n, type, name) , nx_uaddr_t name
#define NX_K_OUT(n, type, name) , type *out_##name
#define NX_K_OUT_H(n, kind, name) , nx_handle_t *out_##name

#define NX_CALL(number, name, ...)                                             \
	HELD nx_status_t sys_##name(NX_PARAMETERS(NX_K_, __VA_ARGS__));
#define NX_MESSAGE(number, name, since, kind)                                  \
	HELD nx_status_t sys_##name(struct nx_registers *registers);
#define NX_OP(control, number, name, ...)                                      \
	HELD nx_status_t sys_##name(NX_PARAMETERS(NX_K_, __VA_ARGS__));
#include <nexus/syscalls.def>

/** Call the body that a frame asks for. */
nx_status_t syscall_dispatch(uint64_t number, struct nx_registers *registers);

struct thread;

/** The same for a thread that is watched. */
HELD nx_status_t syscall_watched(struct thread *thread, uint64_t number);
/** Let a thread make this call again. */
HELD void syscall_again(struct thread *thread);
#endif /* KERNEL_SYSCALL_H */
