/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include "options.h"

#include <stdio.h>
#include <unistd.h>

void progress_begin(struct progress *progress, const struct options *options,
		    const char *doing)
{
	*progress = (struct progress){
		.doing = doing,
		.shown = !options->quiet && !options->json &&
			 isatty(STDERR_FILENO) == 1,
		.percent = -1,
	};
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total)
{
	int percent;

	if (!progress->shown || total == 0)
		return;
	percent = (int)((double)done * 100 / (double)total);
	if (percent == progress->percent)
		return;
	progress->percent = percent;
	progress->line_open = true;
	fprintf(stderr, "\r%s %3d %% of %llu MB", progress->doing, percent,
		(unsigned long long)((total + 500000) / 1000000));
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->line_open)
		fprintf(stderr, "\r\033[K");
	progress->line_open = false;
}
