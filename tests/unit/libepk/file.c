/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted side: files and devices as sources, opening with malloc, and
 * malloc and zlib running out of memory at each of their calls. */
#include "support/tap.h"

#include "forge.h"

#include <fcntl.h>
#include <unistd.h>

static uint32_t calls;
static uint32_t fail_at;
static int live;

static void *fault(void *memory)
{
	if (++calls == fail_at) {
		free(memory);
		return NULL;
	}
	live++;
	return memory;
}

static void fault_free(void *memory)
{
	live -= memory != NULL;
	free(memory);
}

static epk_status_t faulty_open(const struct epk_source *source,
				const struct epk_options *options,
				struct epk_failure *out_failure,
				struct epk_file **out_file);
static struct epk_file *faulty_close(struct epk_file *file);
static struct epk_image *faulty_image(struct epk_file *file) TAP_UNUSED;

/* The library's own source, with its memory in our hands. */
#define malloc(size) fault(malloc(size))
#define calloc(count, size) fault(calloc(count, size))
#define free(memory) fault_free(memory)
#define epk_file_open faulty_open
#define epk_file_close faulty_close
#define epk_file_image faulty_image
#include "../../../libepk/src/file.c"
#undef malloc
#undef calloc
#undef free
#undef epk_file_open
#undef epk_file_close
#undef epk_file_image

static char path[] = "/tmp/epk-file-XXXXXX";

static int write_image(const struct forged *image)
{
	const int fd = mkstemp(path);

	if (fd < 0 ||
	    write(fd, image->bytes, image->size) != (ssize_t)image->size)
		abort();
	return fd;
}

static void check_file(const struct forged *image)
{
	const int fd = write_image(image);
	struct epk_failure failure = { .stage = 99 };
	struct epk_source source;
	struct epk_file *file = NULL;
	uint32_t index;

	is_i64(epk_source_from_fd(fd, &source), EPK_OK,
	       "a regular file is a source");
	is_u64(source.size_bytes, image->size, "of its size");
	ok(source.mapped == NULL, "and is not mapped");
	is_i64(epk_file_open(&source, NULL, &failure, &file), EPK_OK,
	       "the image in it opens");
	is_u64(failure.stage, EPK_STAGE_NONE, "without a failure");
	ok(file != NULL && epk_walk(epk_file_image(file), 0, "bin/main", 8, 0,
				    &index) == EPK_OK,
	   "and can be walked");
	ok(epk_file_close(file) == NULL, "closing gives NULL");
	ok(epk_file_close(NULL) == NULL, "closing nothing is fine");
	if (ftruncate(fd, 5000) != 0)
		abort();
	is_i64(epk_file_open(&source, NULL, &failure, &file), EPK_ERR_IO,
	       "a file that shrank under its reader: IO");
	is_u64(failure.stage, EPK_STAGE_METADATA, "at step 12");
	close(fd);
	is_i64(epk_source_from_fd(fd, &source), EPK_ERR_IO,
	       "a closed descriptor: IO");
	is_i64(epk_file_open(&source, NULL, NULL, NULL), EPK_ERR_INVALID,
	       "no room for the file: INVALID");
	unlink(path);
}

static void check_other_files(void)
{
	struct epk_source source;
	int fd = open("/dev/null", O_RDONLY);

	is_i64(epk_source_from_fd(fd, &source), EPK_ERR_IO,
	       "a character device: IO");
	close(fd);
	fd = open("/tmp", O_RDONLY);
	is_i64(epk_source_from_fd(fd, &source), EPK_ERR_IO, "a folder: IO");
	close(fd);
}

static void check_malloc(const struct forged *image)
{
	struct forge_reader reader = { .image = image };
	const struct epk_source source = forge_callback(&reader);
	struct epk_file *file = NULL;
	uint32_t wrong = 0;
	uint32_t most;

	is_i64(faulty_open(&source, NULL, NULL, &file), EPK_OK,
	       "with enough memory the image opens");
	(void)faulty_close(file);
	most = calls;
	for (fail_at = 1; fail_at <= most; fail_at++) {
		struct epk_failure failure;

		calls = 0;
		file = NULL;
		wrong += faulty_open(&source, NULL, &failure, &file) !=
				 EPK_ERR_NO_MEMORY ||
			 file != NULL;
	}
	is_u64(most, 3, "opening allocates three times");
	is_u64(wrong, 0, "and a failure of each is NO_MEMORY");
	is_i64(live, 0, "and nothing is left behind");
	fail_at = 0;
}

int main(void)
{
	struct forged image = forge_golden(2);

	plan(0);
	check_file(&image);
	check_other_files();
	check_malloc(&image);
	forge_free(&image);
	return done();
}
