/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H
/** @file watch.h
 * Telling the nearest watched job that a process ended. A crash sets the
 * crash bits and the exit bits, any other end the exit bits. */
#include <kernel/lock.h>

struct process;
struct fault;

/** The process has ended, its state says how. */
HELD void watch_exit(struct process *process);
/** Keep a report of a crash; watch_exit() follows. False: for nobody. */
HELD bool watch_crash(struct process *process, const struct fault *fault);
#endif /* KERNEL_WATCH_H */
