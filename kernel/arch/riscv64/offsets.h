/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_OFFSETS_H
#define RISCV64_OFFSETS_H
/** @file offsets.h
 * What assembly knows of the core's structures, in bytes and numbers.
 * offsets.c holds each line against the structure. */
#define HART_CURRENT 0
#define HART_THREAD_TICKS 8
#define HART_FAST_COUNT 16
#define HART_HAS_LOCK 28
#define HART_BIT 32
#define HART_STACK 280
#define HART_TRAP_STACK 288
#define HART_NUMBER 296
#define HART_REGISTERS 304
#define HART_SIZE 616
#define HARTS_MAX 8

#define THREAD_STATE 288
#define THREAD_HART 296
#define THREAD_PROCESS 304
#define THREAD_QUEUE 344
#define THREAD_SLOW_HEADERS 440
#define THREAD_RESUME 448
#define THREAD_PORT 456
#define THREAD_CALLER 464
#define THREAD_CALLEE 480
#define THREAD_CPU_TICKS 552

#define STATE_RUNNING 0
#define STATE_RECEIVING 5
#define STATE_AWAITING_REPLY 6

#define PROCESS_STALE 476
#define PROCESS_SERVICE_ID 28
#define PROCESS_HANDLE_PAGES 120

#define HANDLE_SIZE_SHIFT 6 /* log2 of sizeof(struct handle) */
#define HANDLE_SLOT_BITS 6  /* log2 of HANDLES_PER_PAGE */
#define HANDLE_PLACE_BITS 8 /* log2 of HANDLE_PAGES_MAX */
#define HANDLE_RIGHTS 34
#define HANDLE_NUMBER 36
#define HANDLE_OBJECT 40
#define HANDLE_IDENTITY 48

#define PORT_WAITING 24 /* depth and caller_count, one word */
#define PORT_RECEIVERS 56

#define LOCK_OWNER 4

#define LIST_NEXT 0
#define LIST_PREV 8

#define CALL_CALL 0
#define CALL_REPLY_RECV 1
#define RIGHT_CALL 0x100
#define RIGHT_RECV 0x400
/* Adding it carries into a bit that must be zero if the count is 7. */
#define HEADER_WORDS_ONE 0x40
#endif /* RISCV64_OFFSETS_H */
