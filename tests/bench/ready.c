/* SPDX-License-Identifier: BSD-2-Clause */
/* ready FOLDER COMMAND...: starts the command and prints the milliseconds from
 * then until FOLDER is another file system and its stat succeeds. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec clock;

	clock_gettime(CLOCK_MONOTONIC, &clock);
	return (double)clock.tv_sec * 1e3 + (double)clock.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	struct stat before;
	struct stat now;
	double from;
	double to;
	int status = 0;
	pid_t child;

	if (argc < 3 || stat(argv[1], &before) != 0)
		return 2;
	from = now_ms();
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0)
		return 1;
	while (stat(argv[1], &now) != 0 || now.st_dev == before.st_dev) {
		const struct timespec pause = { .tv_nsec = 50000 };

		nanosleep(&pause, NULL);
		if (now_ms() - from > 10000)
			return 1;
	}
	to = now_ms();
	if (waitpid(child, &status, 0) != child || status != 0)
		return 1;
	printf("%.3f\n", to - from);
	return 0;
}
