/* SPDX-License-Identifier: BSD-2-Clause */
#include "color.h"

#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wanted(FILE *stream)
{
	const char *no = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (no && *no != '\0')
		return false;
	if (!terminal || *terminal == '\0' || strcmp(terminal, "dumb") == 0)
		return false;
	return isatty(fileno(stream)) == 1;
}

const char *color(const struct options *options, FILE *stream,
		  const char *sequence)
{
	if (options->color == COLOR_NEVER)
		return "";
	return options->color == COLOR_ALWAYS || is_wanted(stream) ? sequence
								   : "";
}
