/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIM_WORKER_H
#define SIM_WORKER_H
/** @file worker.h
 * A program of the stress test: it does whatever chance says, with whatever
 * handles it happens to have, until it ends or is ended. */
#include <stdint.h>

/** Entry of a thread: a0 is the seed of what it does, a1 its buffer. */
void worker(uint64_t seed, uint64_t buffer);

/** The next number; *state is any number but 0. */
uint64_t worker_random(uint64_t *state);
#endif /* SIM_WORKER_H */
