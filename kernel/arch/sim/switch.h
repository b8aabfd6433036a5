/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIM_SWITCH_H
#define SIM_SWITCH_H
/** @file switch.h
 * The few instructions of the simulator that C has no words for. */
#include <stdint.h>

/** Save this stack in *out_from and go on where `to` was saved. */
void fiber_switch(void **out_from, void *to);
/** A saved stack that begins `function` on an empty stack. */
void *fiber_first_frame(void *top, void (*function)(void));
#endif /* SIM_SWITCH_H */
