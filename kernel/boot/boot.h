/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H
/** @file boot.h
 * From what the machine found to the first process. */
#include <kernel/arch.h>

/** Say in one line why there is nothing to run, and stop the machine. Works
 * before anything else does. */
HELD _Noreturn void boot_refuse(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/** A file of the boot package, unpacked in it, whole pages. */
struct boot_file {
	uint64_t offset; /* in the package; a multiple of the page */
	uint64_t size_bytes;
};

/** Check the package (steps 1 to 16 of the format) and its /init (digest of
 * the file). Refuses what is not sound, not MAPPED or not executable. */
HELD void package_check(const struct boot_range *package,
			struct boot_file *out_init);
/** Create the first process and start its thread. */
HELD void first_process_start(const struct boot_info *info,
			      const struct boot_file *init);
#endif /* BOOT_BOOT_H */
