/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOLS_COLOR_H
#define TOOLS_COLOR_H
/* Colour, for few words: on a terminal that can show it and where nobody said
 * no (NO_COLOR, TERM=dumb), or as --color says. */
#include <stdio.h>

struct options;

#define COLOR_ERROR "\033[1;31m"
#define COLOR_ADDED "\033[32m"
#define COLOR_REMOVED "\033[31m"
#define COLOR_CHANGED "\033[33m"
#define COLOR_END "\033[m"

/** The sequence, or "" where there is no colour. */
const char *color(const struct options *options, FILE *stream,
		  const char *sequence);

#endif /* TOOLS_COLOR_H */
