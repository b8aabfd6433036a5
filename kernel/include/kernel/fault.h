/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H
/** @file fault.h
 * Exceptions that somebody is asked about: a call, made for the thread, on the
 * port that a job above it names. Meanwhile the thread is blocked as any caller
 * is, its registers are kept beside its frame, and the answer never reaches
 * them. */
#include <kernel/lock.h>

struct fault;
struct thread;

/** Ask about an exception of the current thread, which then is blocked; false:
 * nobody is there to ask. To be called last if true. */
HELD bool fault_ask(struct thread *thread, const struct fault *fault);
/** The frame has the status of that call, and the answer if it is NX_OK: give
 * the thread its registers back. */
HELD void fault_answered(struct thread *thread);
#endif /* KERNEL_FAULT_H */
