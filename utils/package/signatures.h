/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_SIGNATURES_H
#define PACKAGE_SIGNATURES_H
/* The signatures a file carries. They are no part of a package's id: two
 * files of the same package may be signed by different people. */
#include <epk/sign.h>

#include <stdbool.h>
#include <stdint.h>

struct signatures {
	struct epk_signature rows[EPK_SIGNATURES_MAX];
	uint32_t count;
};

/** Of an image; none if its first page cannot be read. */
void signatures_read(int fd, struct signatures *out_signatures);
/** True if all of `few` are among `all`. */
bool signatures_hold(const struct signatures *all,
		     const struct signatures *few);

#endif /* PACKAGE_SIGNATURES_H */
