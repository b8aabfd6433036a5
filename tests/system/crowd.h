/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_CROWD_H
#define SYSTEM_CROWD_H
/** @file crowd.h
 * Threads that wait in a port until somebody comes, which is in vain for each
 * of them: what they would send is gone, or what is sent is too large. */
#include "use.h"

#define CROWD_MAX 150

enum crowd_kind { CROWD_CALLERS, CROWD_SENDERS, CROWD_RECEIVERS };

struct crowd {
	enum crowd_kind kind;
	unsigned count;
	nx_port_t port;
	struct peer peers[CROWD_MAX];
};

bool crowd_gather(struct test *test, struct crowd *crowd, enum crowd_kind kind,
		  unsigned count);
/** The one call that comes past all of them. */
nx_status_t crowd_meet(const struct crowd *crowd);
/** Let them end. How many have learned that it was in vain? */
unsigned crowd_drop(struct test *test, struct crowd *crowd);
#endif /* SYSTEM_CROWD_H */
