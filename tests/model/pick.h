/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_PICK_H
#define MODEL_PICK_H
/** @file pick.h
 * What a call by chance is made of: mostly something that could work. Never a
 * handle that chance may not touch, see drive.h. */
#include "drive.h"

static inline bool chance(unsigned percent)
{
	return drive_random(100) < percent;
}

/** Any number at all. */
nx_handle_t pick_wild(const struct model_thread *self);
/** One of a process's handles; of a kind, or any for NX_KIND_NONE. */
nx_handle_t pick_own(struct model_thread *self, uint32_t kind);
/** That one mostly, or something else. */
nx_handle_t pick_handle(struct model_thread *self, uint32_t kind);
/** Who pays; what the first process makes shall die with the rest. */
nx_handle_t pick_payer(struct model_thread *self);
nx_rights_t pick_rights(void);
/** Who has none of a kind makes one first, mostly. */
bool pick_lacks(struct model_thread *self, uint32_t kind);

/** The thread makes this call. */
void make_call(struct model_thread *self, uint64_t call, uint64_t a0,
	       uint64_t a1, uint64_t a2, uint64_t a3);
/* random_memory.c, random_device.c: any call of these. */
void random_memory(struct model_thread *self);
void random_device(struct model_thread *self);
/* random_task.c: what makes or starts something, and what ends it or bounds
 * it. */
void random_beginning(struct model_thread *self);
void random_leave(struct model_thread *self);
void random_kill(struct model_thread *self);
void random_filter(struct model_thread *self);
void random_budget(struct model_thread *self);
#endif /* MODEL_PICK_H */
