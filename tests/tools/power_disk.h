/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOLS_POWER_DISK_H
#define TOOLS_POWER_DISK_H
/* A disk that fails at a chosen call. The calls that change a file system
 * are wrapped by the linker (--wrap) and counted; at the chosen one the disk
 * says EIO, or the power goes: the process ends there and then, and what was
 * not made durable by fsync is taken back. */
#include <stdint.h>

enum disk_fault {
	DISK_SOUND,	/* calls are only counted */
	DISK_ERROR,	/* that call fails with EIO */
	DISK_DEAD,	/* that call and all behind it do */
	DISK_FULL,	/* that call and all behind it: ENOSPC, if they write */
	DISK_KILL,	/* the process ends before it; all was written */
	DISK_LOSE_DATA, /* ends; bytes without fsync are gone */
	DISK_LOSE_NAMES, /* ends; names without fsync of the folder are */
	DISK_LOSE_ALL,	 /* both */
	DISK_FAULTS,
};

extern const char *const disk_fault_names[DISK_FAULTS];

#define DISK_POWER_GONE 77 /* exit status */

/**
 * Begin to count calls and to keep what can be lost, in this process.
 *
 * @param at     the call that meets the fault, from 1.
 * @param side   a folder of the same file system for what may come back.
 * @param calls  counted here; may be shared with another process.
 */
void disk_begin(enum disk_fault fault, uint32_t at, const char *side,
		volatile uint32_t *calls);

/** The power goes after all is done. */
void disk_end(void);

#endif /* TOOLS_POWER_DISK_H */
