/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static enum progress_kind choose(const struct options *options)
{
	if (options->progress != PROGRESS_AUTO)
		return options->progress;
	if (options->quiet || options->json || isatty(STDERR_FILENO) != 1)
		return PROGRESS_NONE;
	return PROGRESS_BAR;
}

void progress_begin(struct progress *progress, const struct options *options,
		    const char *doing)
{
	*progress = (struct progress){
		.doing = doing,
		.kind = choose(options),
		.step = -1,
		.began = now(),
	};
}

static void print_json(const struct progress *progress, uint64_t done,
		       uint64_t total)
{
	fprintf(stderr,
		"{\"progress\":\"%s\",\"done\":%" PRIu64 ",\"total\":%" PRIu64
		"}\n",
		progress->doing, done, total);
}

/** Rate and time left are said when there is something to judge by. */
static void print_bar(struct progress *progress, uint64_t done, uint64_t total)
{
	const double seconds = now() - progress->began;
	const double rate =
		seconds > 0.5 && done != 0 ? (double)done / seconds : 0;

	if (total)
		fprintf(stderr, "\r%s %3d %% of %" PRIu64 " MB",
			progress->doing, progress->step,
			(total + 500000) / 1000000);
	else
		fprintf(stderr, "\r%s %" PRIu64 " MB", progress->doing,
			done / 1000000);
	if (rate > 0)
		fprintf(stderr, ", %.0f MB/s", rate / 1e6);
	if (rate > 0 && total)
		fprintf(stderr, ", %.0f s left", (double)(total - done) / rate);
	fputs("\033[K", stderr);
	progress->line_open = true;
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total)
{
	int step;

	if (progress->kind == PROGRESS_NONE)
		return;
	if (total && done > total)
		done = total;
	step = (int)(total ? (double)done * 100 / (double)total
			   : (double)(done >> 24));
	if (step == progress->step)
		return;
	progress->step = step;
	if (progress->kind == PROGRESS_JSON)
		print_json(progress, done, total);
	else
		print_bar(progress, done, total);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->line_open)
		fprintf(stderr, "\r\033[K");
	progress->line_open = false;
}
