/* SPDX-License-Identifier: BSD-2-Clause */
/* Every request for memory and every write fails once; each time the writer
 * says so, closes its files and gives back all memory. */
#include "writer_forest.h"

#include "support/tap.h"

#include <pthread.h>

/** Counts what is out; the nth request is refused. */
struct failing {
	pthread_mutex_t lock;
	uint32_t requests;
	uint32_t refuse; /* from 1; 0: none */
	uint32_t live;
};

static void *failing_allocate(void *context, size_t size_bytes)
{
	struct failing *failing = context;
	void *memory = NULL;

	pthread_mutex_lock(&failing->lock);
	if (++failing->requests != failing->refuse)
		memory = malloc(size_bytes);
	failing->live += memory != NULL;
	pthread_mutex_unlock(&failing->lock);
	return memory;
}

static void failing_release(void *context, void *memory)
{
	struct failing *failing = context;

	pthread_mutex_lock(&failing->lock);
	failing->live -= memory != NULL;
	pthread_mutex_unlock(&failing->lock);
	free(memory);
}

static epk_status_t pack(struct forest *forest, struct failing *failing,
			 uint32_t threads, uint32_t fail_write,
			 struct image *image)
{
	const struct epk_allocator allocator = {
		.allocate = failing_allocate,
		.release = failing_release,
		.context = failing,
	};
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.block_log2 = 12,
		.threads = threads,
		.level = -1,
		.codec = epk_codec_zlib(),
		.meta_codec = epk_codec_zlib(),
		.allocator = &allocator,
	};
	struct epk_writer_result result;

	*image = (struct image){ .fail_write = fail_write };
	forest->tree.open_now = 0;
	failing->requests = 0;
	failing->live = 0;
	return pack_tree(&forest->tree, &settings, image, &result);
}

static void check_memory(struct forest *forest, uint32_t threads)
{
	struct failing failing = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct image image;
	uint32_t requests;
	uint32_t wrong = 0;

	is_i64(pack(forest, &failing, threads, 0, &image), EPK_OK,
	       "with all memory %u threads pack", threads);
	image_drop(&image);
	requests = failing.requests;
	ok(requests > 20 && failing.live == 0, "%u requests, all given back",
	   requests);
	for (uint32_t i = 1; i <= requests; i++) {
		epk_status_t status;

		failing.refuse = i;
		status = pack(forest, &failing, threads, 0, &image);
		image_drop(&image);
		if (status == EPK_ERR_NO_MEMORY && failing.live == 0 &&
		    forest->tree.open_now == 0)
			continue;
		diag("request %u of %u: %s, %u live, %u open", i, requests,
		     epk_status_name(status), failing.live,
		     forest->tree.open_now);
		wrong++;
	}
	is_u64(wrong, 0, "each refused request ends in NO_MEMORY, cleanly");
}

static void check_writes(struct forest *forest)
{
	struct failing failing = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct image image;
	uint32_t writes;
	uint32_t wrong = 0;

	(void)pack(forest, &failing, 2, 0, &image);
	writes = image.writes;
	image_drop(&image);
	ok(writes > 10, "an image takes %u writes", writes);
	for (uint32_t i = 1; i <= writes; i++) {
		epk_status_t status = pack(forest, &failing, 2, i, &image);

		image_drop(&image);
		if (status != EPK_ERR_IO || failing.live != 0 ||
		    forest->tree.open_now != 0)
			wrong++;
	}
	is_u64(wrong, 0, "each failed write ends in IO, cleanly");
}

static void check_changes(struct forest *forest)
{
	struct failing failing = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct image image;
	uint32_t changed = 0;
	uint32_t opens;

	forest->tree.opens = 0;
	(void)pack(forest, &failing, 2, 0, &image);
	image_drop(&image);
	opens = forest->tree.opens;
	/* A file that is read twice and differs is refused; one that is read
	 * once is what it was then. Nothing else may happen. */
	for (uint32_t i = 1; i <= opens; i++) {
		epk_status_t status;

		forest->tree.opens = 0;
		forest->tree.change_on_open = i;
		status = pack(forest, &failing, 2, 0, &image);
		image_drop(&image);
		if (status == EPK_ERR_CHANGED)
			changed++;
		else if (status != EPK_OK || failing.live)
			changed += opens;
	}
	forest->tree.change_on_open = 0;
	ok(changed > 0 && changed < opens,
	   "%u of %u changed readings met a second one and were refused",
	   changed, opens);
}

int main(void)
{
	static struct forest forest;

	plan(9);
	forest_init(&forest, 11);
	check_memory(&forest, 1);
	check_memory(&forest, 3);
	check_writes(&forest);
	check_changes(&forest);
	forest_fini(&forest);
	return done();
}
