/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_RUN_H
#define PACKAGE_RUN_H
/* Running a program of a package: run.c and run_*.c. Who calls has found the
 * package and the program and has asked policy and platform; who is called
 * makes the namespace, serves the image in it, and waits. */
#include "image.h"

struct package_run {
	const struct options *options; /* for reports */
	/* Passed the mount checks, the signature policy and step 18. Its
	 * descriptor has a shared lock (flock): while a copy of it is open
	 * somewhere, the package is running and cannot be removed. */
	struct tool_image *image;
	const char *name;    /* of the package */
	const char *program; /* path in the image, '/' in front; a file with
			      * EXEC, or a link to one */
	const char *const *arguments; /* behind argv[0] */
	uint32_t argument_count;
	const char *user_data; /* the host's folder for /user-data, exists */
};

/**
 * Run the program until it ends: /package is the image, /user-data the
 * folder, nothing stays behind.
 *
 * @return its exit status, 128 + n if signal n ended it; -1: reported.
 */
int package_run(const struct package_run *run);

#endif /* PACKAGE_RUN_H */
