/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_HART_H
#define ARCH_HART_H
/** @file hart.h
 * A hart of the simulator; what makes it up is in ../../machine.h. */

struct hart;

struct arch_hart {
	char nothing;
};

/** The hart whose turn it is. */
extern struct hart *sim_hart;

static inline struct hart *this_hart(void)
{
	return sim_hart;
}
#endif /* ARCH_HART_H */
