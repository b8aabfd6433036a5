/* SPDX-License-Identifier: BSD-2-Clause */
/* random FILE COUNT: reads 4 KiB at COUNT places, always the same ones, and
 * prints the median and the 99th percentile in microseconds. What the kernel
 * keeps of FILE is dropped first. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 4096

static double now_us(void)
{
	struct timespec clock;

	clock_gettime(CLOCK_MONOTONIC, &clock);
	return (double)clock.tv_sec * 1e6 + (double)clock.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a;
	const double right = *(const double *)b;

	return (left > right) - (left < right);
}

/* One read; its time, or a negative number. */
static double sample(int fd, uint64_t pages, uint64_t *seed)
{
	char buffer[READ_SIZE];
	double from;

	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	from = now_us();
	if (pread(fd, buffer, READ_SIZE,
		  (off_t)((*seed >> 20) % pages * READ_SIZE)) != READ_SIZE)
		return -1;
	return now_us() - from;
}

int main(int argc, char **argv)
{
	const long count = argc == 3 ? atol(argv[2]) : 0;
	const int fd = count > 0 ? open(argv[1], O_RDONLY) : -1;
	double *times = fd >= 0 ? calloc((size_t)count, sizeof(*times)) : NULL;
	uint64_t seed = 1;
	struct stat info;

	if (times == NULL || fstat(fd, &info) != 0 || info.st_size < READ_SIZE)
		return 1;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	for (long i = 0; i < count; i++) {
		times[i] =
			sample(fd, (uint64_t)info.st_size / READ_SIZE, &seed);
		if (times[i] < 0)
			return 1;
	}
	qsort(times, (size_t)count, sizeof(*times), compare);
	printf("%.3f %.3f\n", times[count / 2], times[count * 99 / 100]);
	free(times);
	return 0;
}
