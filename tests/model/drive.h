/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_DRIVE_H
#define MODEL_DRIVE_H
/** @file drive.h
 * The model beside the kernel: a call from chance, made by both, and all
 * that can be seen compared. The kernel is that of the simulator, entered
 * where its machine would enter it; which thread goes on is the kernel's
 * choice. */
#include "model.h"

struct sim_package;

/** Numbers by chance: splitmix64 from a seed, or these bytes as long as there
 * are some, then 0. */
uint64_t drive_random(uint64_t below);
void drive_seed(uint64_t seed);
void drive_bytes(const uint8_t *bytes, size_t size);
/** There were bytes, and none is left. */
bool drive_is_over(void);

/** model.c: one machine, with what comes of the numbers until it has made
 * enough calls. False: the two differ, which was said. */
bool drive_machine(uint64_t seed, const struct sim_package *package);
/** The package that it boots. */
void drive_pack(struct sim_package *out_package);

/** random.c: fill registers and buffer of the thread for a call. */
void random_call(struct model_thread *self);
/** Begin anew: what was begun before is over. */
void random_restart(void);
/** The handles that chance may not touch: of the first process. */
enum { KEPT_ROOT, KEPT_JOB, KEPT_MMIO, KEPT_IRQ, KEPT_DMA, KEPT_COUNT };
extern nx_handle_t random_kept[KEPT_COUNT];
extern struct model_thread *random_first;
/** The job that all the rest lives in. */
extern nx_handle_t random_job;

/** compare.c: has the kernel come to the same? Prints the first difference. */
bool compare_answers(void);
bool compare_state(void);
/** Remember what stands beside the model: taken once, at the start. */
void compare_start(void);
bool differs(const char *what, uint64_t kernel, uint64_t wanted);
#endif /* MODEL_DRIVE_H */
