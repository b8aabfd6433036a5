/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_PLATFORM_H
#define PACKAGE_PLATFORM_H
/* What this host can run: step 18. */
#include <epk/manifest.h>

struct options;
struct tool_image;

/** The running kernel's release and machine. */
void platform_of_host(struct epk_platform *out_platform);

/** The same from words: "6.1.0-18-amd64", "x86_64". */
void platform_from(const char *release, const char *machine,
		   struct epk_platform *out_platform);

/** Reports what does not fit, with what is wanted and what is here. */
bool platform_check(const struct tool_image *image,
		    const struct options *options);

#endif /* PACKAGE_PLATFORM_H */
