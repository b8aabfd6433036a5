/* SPDX-License-Identifier: BSD-2-Clause
 * First instructions of a program: a0 = handle of the startup VMO, a1 =
 * address of the message buffer, sp = the stack, everything else zero.
 */
	.section .text.start, "ax"
	.globl _start
	.type _start, @function
_start:
	.option push
	.option norelax
	lla	gp, __global_pointer$
	.option pop
	andi	sp, sp, -16
	mv	s0, zero
	call	crt_start
	unimp
	.size _start, . - _start

/* A further thread: a0 and a1 as crt_thread_run() takes them. tp stays 0:
 * such a thread uses nothing of libc that is thread-local. */
	.text
	.globl crt_thread_entry
	.type crt_thread_entry, @function
crt_thread_entry:
	.option push
	.option norelax
	lla	gp, __global_pointer$
	.option pop
	andi	sp, sp, -16
	mv	s0, zero
	call	crt_thread_run
	unimp
	.size crt_thread_entry, . - crt_thread_entry
