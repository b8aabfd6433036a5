/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_LAUNCH_H
#define LIB_LAUNCH_H
/** @file launch.h
 * From a file to a running process: the one way init and execd start
 * programs. Text and constants are mapped from the file as they lie there;
 * only data that the program may change is copied. */
#include <nexus/objects.h>
#include <nexus/program.h>
#include <nexus/startup.h>

#include <stdbool.h>

/** A program file: whole pages of a sealed VMO, mapped for the launcher. */
struct launch_file {
	nx_vmo_t vmo;
	uint64_t offset; /* of the file in the VMO, page aligned */
	uint64_t size_bytes;
	const uint8_t *bytes;
};

/** A handle the program begins with, derived from one of ours. */
struct launch_handle {
	uint32_t role;
	nx_handle_t source;
	nx_rights_t rights;
	uint32_t badge;
};

struct launch {
	nx_job_t job; /* pays for everything */
	uint32_t service_id;
	const char *name;
	struct launch_file file;
	uint64_t stack_bytes;
	const struct launch_handle *handles;
	unsigned handle_count;
	const char *const *args;
	unsigned arg_count;
	/** Facts of the machine that are passed on. */
	const struct nx_startup *parent;
};

/**
 * Start a program. On failure nothing of it is left but what the job's kill
 * returns.
 *
 * @param out_process  MANAGE and INSPECT; the caller's to close.
 * @return NX_OK, NX_ERR_NOT_EXECUTABLE, NX_ERR_TOO_BIG (arguments),
 *         NX_ERR_OUT_OF_RANGE (handles), or what a call of the kernel said.
 */
nx_status_t launch_start(const struct launch *launch,
			 nx_process_t *out_process);
#endif /* LIB_LAUNCH_H */
