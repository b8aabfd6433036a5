/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_OPTIONS_H
#define PACKAGE_OPTIONS_H
/* What a user may say. options.def is the one table of options. */
#include "options_shared.h"

/* Commands an option belongs to, as bits. */
#define FOR_LIST 1u
#define FOR_ADD 2u
#define FOR_REMOVE 4u
#define FOR_VERIFY 8u
#define FOR_RUN 16u
#define FOR_WHICH 32u
#define FOR_REPORT 64u
#define FOR_INSPECT 128u
#define FOR_ALL 255u
#define FOR_WRITERS (FOR_ADD | FOR_REMOVE)
/* Those that read an image for somebody, under a signature policy. */
#define FOR_READERS (FOR_ALL & ~FOR_REMOVE)

struct options {
	SHARED_OPTIONS;
	const char *place;   /* of --store; NULL: the user's and the system's */
	const char *program; /* of --command */
	const char *user_data;
	uint32_t wait_s;
	bool allow_downgrade;
	bool all;
};

#endif /* PACKAGE_OPTIONS_H */
