/* SPDX-License-Identifier: BSD-2-Clause */
/* random FOLDER COUNT [SEED]: opens a file below FOLDER, reads 4 KiB of it at
 * a page and closes it, COUNT times, and prints the median, the 99th
 * percentile and the mean in microseconds. Every page of the tree is as
 * likely as any other; the same tree and seed give the same places. All names
 * are looked up before, and what the kernel keeps of a file's bytes is dropped
 * then; pages that a read brings in stay for the reads behind it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 4096

struct file {
	char *path;
	uint64_t end; /* pages of this file and all before it */
	uint64_t pages;
};

static struct file *files;
static size_t file_count;

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

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path,
		      ((const struct file *)b)->path);
}

/* Files of a page at least. */
static int visit(const char *path, const struct stat *info, int type,
		 struct FTW *where)
{
	struct file *more;
	int fd;

	(void)where;
	if (type != FTW_F || !S_ISREG(info->st_mode) ||
	    info->st_size < READ_SIZE)
		return 0;
	if ((file_count & (file_count - 1)) == 0) {
		more = realloc(files, (file_count ? 2 * file_count : 1) *
					      sizeof(*files));
		if (!more)
			return 1;
		files = more;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* not ours to read, in no image either */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	files[file_count].path = strdup(path);
	files[file_count].pages = (uint64_t)info->st_size / READ_SIZE;
	return files[file_count++].path == NULL;
}

static const struct file *file_of(uint64_t page)
{
	size_t low = 0;
	size_t high = file_count - 1;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (files[middle].end <= page)
			low = middle + 1;
		else
			high = middle;
	}
	return &files[low];
}

/* One read; its time, or a negative number. */
static double sample(uint64_t *seed)
{
	const uint64_t pages = files[file_count - 1].end;
	const struct file *file;
	char buffer[READ_SIZE];
	uint64_t page;
	double from;
	ssize_t got;
	int fd;

	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	page = (*seed >> 20) % pages;
	file = file_of(page);
	page -= file->end - file->pages;
	from = now_us();
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	got = pread(fd, buffer, READ_SIZE, (off_t)(page * READ_SIZE));
	close(fd);
	return got == READ_SIZE ? now_us() - from : -1;
}

int main(int argc, char **argv)
{
	const long count = argc >= 3 ? atol(argv[2]) : 0;
	double *times =
		count > 0 ? calloc((size_t)count, sizeof(*times)) : NULL;
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	uint64_t pages = 0;
	double sum = 0;

	if (times == NULL || nftw(argv[1], visit, 16, FTW_PHYS) != 0 ||
	    file_count == 0)
		return 1;
	qsort(files, file_count, sizeof(*files), compare_paths);
	for (size_t i = 0; i < file_count; i++)
		files[i].end = pages += files[i].pages;
	for (long i = 0; i < count; i++) {
		times[i] = sample(&seed);
		if (times[i] < 0)
			return 1;
		sum += times[i];
	}
	qsort(times, (size_t)count, sizeof(*times), compare);
	printf("%.3f %.3f %.3f\n", times[count / 2], times[count * 99 / 100],
	       sum / (double)count);
	return 0;
}
