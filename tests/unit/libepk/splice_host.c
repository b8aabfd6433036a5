/* SPDX-License-Identifier: BSD-2-Clause */
/* Slices on a host: sealed memory of verified bytes, copied once; budgets,
 * eviction, refusals; never the package's own file. */
#include <epk/splice_host.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <vmo/vmo.h>

#include "support/tap.h"

#include "forge.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define FILES 4u
#define FILE_SIZE UINT64_C(12288)

static struct forged image;
static struct forge_reader reader;
static struct forge_open opened;
static struct epk_splicer *splicer;

/* Four mapped files of three pages and a bit of pad each, one executable;
 * one file that is not mapped. Blocks are two pages. */
static void open_image(void)
{
	static uint8_t *patterns[FILES];
	struct forge_item items[FILES + 2] = { 0 };
	static const char *const names[FILES] = { "a", "b", "c", "run" };
	static const char manifest[] = "name = \"x\"\nversion = \"1.0.0\"\n"
				       "arch = \"any\"\nkernel_api = \"0.1\"\n";
	struct forge_recipe recipe = { .items = items,
				       .count = FILES + 2,
				       .manifest = manifest,
				       .block_log2 = 13 };

	for (uint32_t i = 0; i < FILES; i++) {
		patterns[i] = forge_pattern(FILE_SIZE - 100, i + 3);
		items[i] = (struct forge_item){ .path = names[i],
						.type = EPK_TYPE_FILE,
						.flags = EPK_FLAG_MAPPED,
						.bytes = patterns[i],
						.size = FILE_SIZE - 100 };
	}
	items[3].flags |= EPK_FLAG_EXEC;
	items[4] = items[0];
	items[4].path = "copy";
	items[5] = (struct forge_item){ .path = "plain",
					.type = EPK_TYPE_FILE,
					.bytes = "plain",
					.size = 5 };
	image = forge(&recipe);
	for (uint32_t i = 0; i < FILES; i++)
		free(patterns[i]);
	reader = (struct forge_reader){ .image = &image };
	{
		const struct epk_source source = forge_callback(&reader);

		is_i64(forge_open(&opened, &source, epk_ops_default(), NULL),
		       EPK_OK, "an image of mapped files is opened");
	}
}

static bool create(uint64_t request_max, uint64_t live_max)
{
	const struct epk_splice_budgets budgets = {
		.size_bytes = sizeof(budgets),
		.request_max_bytes = request_max,
		.live_max_bytes = live_max,
	};

	return epk_splicer_create(&opened.image, &budgets, &splicer) == EPK_OK;
}

static struct epk_splice_counters counters(void)
{
	struct epk_splice_counters now;

	epk_splicer_counters(splicer, &now);
	return now;
}

static epk_status_t get(const char *path, uint64_t offset, uint64_t size,
			struct epk_slice **out_slice)
{
	return epk_splice(splicer, forge_find(&image, path), offset, size,
			  out_slice);
}

/* The bytes of the slice are the image's, as a mapping shows them. */
static bool holds(const struct epk_slice *slice, const char *path,
		  uint64_t offset)
{
	const uint32_t node = forge_find(&image, path);
	const size_t size = (size_t)epk_slice_size(slice);
	const uint8_t *wanted = forge_block_bytes(
		&image, epk_load32(forge_node(&image, node) + EPK_NODE_FIRST));
	void *bytes =
		mmap(NULL, size, PROT_READ, MAP_SHARED, epk_slice_fd(slice), 0);
	bool same;

	if (bytes == MAP_FAILED)
		return false;
	same = memcmp(bytes, wanted + offset, size) == 0;
	munmap(bytes, size);
	return same;
}

static void check_sealed(const struct epk_slice *slice)
{
	const int fd = epk_slice_fd(slice);
	const size_t size = (size_t)epk_slice_size(slice);
	char path[64];
	int again;

	is_i64(fcntl(fd, F_GET_SEALS) & SEALS, SEALS,
	       "it cannot shrink, grow, be written or unsealed");
	ok(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) < 0, "nor be sealed otherwise");
	ok(ftruncate(fd, 0) < 0, "truncating fails");
	ok(pwrite(fd, "x", 1, 0) < 0, "writing fails");
	ok(mmap(NULL, size, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED,
	   "a writable shared mapping fails");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	ok(again < 0 || pwrite(again, "x", 1, 0) < 0,
	   "opened again for writing it cannot be written either");
	if (again >= 0)
		close(again);
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "programs do not inherit it");
}

static void check_first(void)
{
	struct epk_slice *slice = NULL;
	struct epk_slice *second = NULL;

	ok(create(0, 0), "a splicer has default budgets");
	is_i64(get("a", 0, FILE_SIZE, &slice), EPK_OK, "a file is handed out");
	is_u64(counters().copied_bytes, FILE_SIZE, "copied once");
	ok(holds(slice, "a", 0), "it maps as the file's bytes and pad");
	is_u64(epk_slice_content_size(slice), FILE_SIZE - 100,
	       "its content ends before the pad");
	ok(!epk_slice_executable(slice), "it is not executable");
	check_sealed(slice);
	is_i64(get("copy", 0, FILE_SIZE, &second), EPK_OK,
	       "an equal file is handed out");
	ok(second == slice, "as the same memory");
	is_u64(counters().copied_bytes, FILE_SIZE, "and nothing was copied");
	epk_slice_release(second);
	epk_slice_release(slice);
	reader.calls = 0;
	is_i64(get("a", 0, FILE_SIZE - 100, &slice), EPK_OK,
	       "the file again, after nobody held it");
	is_u64(counters().copied_bytes, FILE_SIZE, "costs no copy");
	is_u64(reader.calls, 0, "and no read");
	is_u64(counters().hits, 2, "and counts as found");
	is_i64(epk_splicer_destroy(splicer), EPK_ERR_BUSY,
	       "a splicer is kept while a slice is held");
	epk_slice_release(slice);
	is_i64(epk_splicer_destroy(splicer), EPK_OK, "and goes afterwards");
}

static void check_parts(void)
{
	struct epk_slice *slice = NULL;
	struct vmo vmo;
	uint8_t byte = 0;

	(void)create(0, 0);
	is_i64(get("b", 4096, 8192, &slice), EPK_OK,
	       "a range that begins within a block");
	ok(holds(slice, "b", 4096), "has its bytes");
	is_u64(counters().copied_bytes, 8192, "and no others were copied");
	is_u64(epk_slice_content_size(slice), 8092, "content up to the end");
	epk_slice_release(slice);
	is_i64(get("b", 0, 1, &slice), EPK_OK, "one byte is a page");
	is_u64(epk_slice_size(slice), 4096, "of memory");
	is_u64(epk_slice_content_size(slice), 4096, "and of the file");
	epk_slice_release(slice);
	is_i64(get("run", 0, 4096, &slice), EPK_OK, "an executable file");
	ok(epk_slice_executable(slice), "says so");
	is_i64(vmo_init_take(fcntl(epk_slice_fd(slice), F_DUPFD_CLOEXEC, 0),
			     &vmo),
	       NX_OK, "a memory object takes the descriptor");
	is_i64(vmo_read(&vmo, 1, &byte, 1), NX_OK, "and reads it");
	is_i64(byte,
	       forge_block_bytes(
		       &image,
		       epk_load32(
			       forge_node(&image, forge_find(&image, "run")) +
			       EPK_NODE_FIRST))[1],
	       "the file's byte");
	vmo_fini(&vmo);
	epk_slice_release(slice);
	(void)epk_splicer_destroy(splicer);
}

static void check_budgets(void)
{
	struct epk_slice *held[3] = { 0 };
	struct epk_slice *slice = NULL;

	ok(create(FILE_SIZE, 2 * FILE_SIZE), "budgets: one file, two files");
	is_i64(get("a", 0, FILE_SIZE, &held[0]), EPK_OK, "the first");
	is_i64(get("b", 0, FILE_SIZE, &held[1]), EPK_OK, "the second");
	is_i64(get("c", 0, FILE_SIZE, &slice), EPK_ERR_SPLICE_LIVE,
	       "the third is refused while both are held");
	is_i64(get("a", 0, FILE_SIZE, &slice), EPK_OK,
	       "what is there is handed out all the same");
	epk_slice_release(slice);
	is_u64(counters().evicted_bytes, 0, "nothing was thrown away");
	epk_slice_release(held[1]);
	epk_slice_release(held[0]);
	(void)get("b", 0, FILE_SIZE, &slice);
	epk_slice_release(slice);
	is_i64(get("c", 0, FILE_SIZE, &held[2]), EPK_OK,
	       "with room to make it is handed out");
	is_u64(counters().live_bytes, 2 * FILE_SIZE, "and the budget is full");
	(void)get("b", 0, FILE_SIZE, &slice);
	is_u64(counters().copied_bytes, 3 * FILE_SIZE,
	       "the one used last has stayed");
	epk_slice_release(slice);
	(void)get("a", 0, FILE_SIZE, &slice);
	is_u64(counters().copied_bytes, 4 * FILE_SIZE,
	       "the one used longest ago had gone");
	ok(holds(held[2], "c", 0), "what is held is never thrown away");
	epk_slice_release(slice);
	epk_slice_release(held[2]);
	is_u64(counters().held_bytes, 0, "nothing is held");
	(void)epk_splicer_destroy(splicer);
	(void)create(FILE_SIZE - 1, 0);
	is_i64(get("a", 0, FILE_SIZE, &slice), EPK_ERR_SPLICE_REQUEST,
	       "a byte more than a request may have");
	is_i64(get("a", 0, 8192, &slice), EPK_OK, "less is granted");
	epk_slice_release(slice);
	(void)epk_splicer_destroy(splicer);
}

static void check_refusals(void)
{
	struct epk_splice_budgets wrong = { .size_bytes = sizeof(wrong),
					    .reserved = 1 };
	struct epk_slice *slice = NULL;

	(void)create(0, 0);
	is_i64(get("plain", 0, 5, &slice), EPK_ERR_NO_ZEROCOPY,
	       "a file that is not mapped");
	is_i64(get("a", 1, 1, &slice), EPK_ERR_NO_ZEROCOPY,
	       "an offset within a page");
	is_i64(get("a", 0, 0, &slice), EPK_ERR_NO_ZEROCOPY, "no bytes");
	is_i64(get("a", FILE_SIZE, 1, &slice), EPK_ERR_NO_ZEROCOPY,
	       "an offset behind the file");
	is_i64(get("a", 0, FILE_SIZE + 1, &slice), EPK_ERR_NO_ZEROCOPY,
	       "more than the file");
	is_i64(get("a", 0, UINT64_MAX, &slice), EPK_ERR_NO_ZEROCOPY,
	       "a size that overflows");
	is_i64(epk_splice(splicer, 99, 0, 1, &slice), EPK_ERR_RANGE,
	       "no such node");
	is_i64(epk_splice(splicer, 0, 0, 1, NULL), EPK_ERR_INVALID,
	       "no place for the slice");
	is_i64(epk_splice(NULL, 0, 0, 1, &slice), EPK_ERR_INVALID,
	       "no splicer");
	ok(slice == NULL, "and none of them handed out anything");
	is_u64(counters().copied_bytes, 0, "or read anything");
	(void)epk_splicer_destroy(splicer);
	is_i64(epk_splicer_create(&opened.image, &wrong, &splicer),
	       EPK_ERR_INVALID, "unknown budgets are refused");
	wrong.reserved = 0;
	wrong.size_bytes = 8;
	is_i64(epk_splicer_create(&opened.image, &wrong, &splicer),
	       EPK_ERR_INVALID, "of another size too");
	is_i64(epk_splicer_create(NULL, NULL, &splicer), EPK_ERR_INVALID,
	       "and no image");
	is_i64(epk_splicer_destroy(NULL), EPK_OK, "destroying none is fine");
	epk_slice_release(NULL);
}

/* The package's file changes: what was verified does not. */
static void check_damage(void)
{
	const uint32_t node = forge_find(&image, "c");
	uint8_t *bytes = forge_block_bytes(
		&image, epk_load32(forge_node(&image, node) + EPK_NODE_FIRST));
	struct epk_slice *slice = NULL;
	struct epk_slice *other = NULL;
	uint8_t seen[8];

	(void)create(0, 0);
	bytes[FILE_SIZE - 100] ^= 1;
	is_i64(get("c", 0, FILE_SIZE, &slice), EPK_ERR_BLOCK_DIGEST,
	       "a changed byte in the pad is found");
	is_u64(counters().live_bytes, 0, "and nothing is kept");
	is_i64(get("c", 0, 8192, &slice), EPK_OK,
	       "the block beside it is handed out");
	bytes[FILE_SIZE - 100] ^= 1;
	bytes[0] ^= 1;
	is_i64(get("c", 0, 8192, &other), EPK_OK,
	       "when the package's file changes afterwards");
	ok(pread(epk_slice_fd(other), seen, 1, 0) == 1 &&
		   seen[0] == (bytes[0] ^ 1),
	   "the memory has the bytes that were verified");
	epk_slice_release(other);
	epk_slice_release(slice);
	is_i64(get("c", 0, 4096, &slice), EPK_ERR_BLOCK_DIGEST,
	       "a new range of it is refused");
	bytes[0] ^= 1;
	reader.calls = 0;
	reader.fail_at = 1;
	is_i64(get("c", 0, 4096, &slice), EPK_ERR_IO, "a read that fails: IO");
	reader.fail_at = 0;
	is_i64(get("c", 0, 4096, &slice), EPK_OK, "and nothing worse");
	epk_slice_release(slice);
	(void)epk_splicer_destroy(splicer);
}

static void *hammer(void *wrong)
{
	for (uint32_t i = 0; i < 200; i++) {
		static const char *const names[] = { "a", "b", "c", "run" };
		struct epk_slice *slice = NULL;

		if (get(names[i % 4], 0, FILE_SIZE, &slice) != EPK_OK ||
		    !holds(slice, names[i % 4], 0))
			*(bool *)wrong = true;
		epk_slice_release(slice);
	}
	return NULL;
}

static void check_threads(void)
{
	pthread_t threads[3];
	bool wrong[3] = { 0 };

	/* Three are held at a time and a fourth always fits. */
	(void)create(0, 3 * FILE_SIZE);
	for (uint32_t i = 0; i < 3; i++)
		(void)pthread_create(&threads[i], NULL, hammer, &wrong[i]);
	for (uint32_t i = 0; i < 3; i++)
		(void)pthread_join(threads[i], NULL);
	ok(!wrong[0] && !wrong[1] && !wrong[2],
	   "three threads get the right bytes, again and again");
	is_u64(counters().requests, 600, "and each request was granted");
	ok(counters().live_bytes <= 3 * FILE_SIZE, "within the budget");
	is_i64(epk_splicer_destroy(splicer), EPK_OK, "nothing is left held");
}

/* A source whose reads of one block wait until they are let through. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct epk_source inner;
	uint64_t from; /* offset of the block */
	uint32_t arrived;
	bool open;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .changed = PTHREAD_COND_INITIALIZER };

static epk_status_t gated_read(void *context, uint64_t offset, void *buffer,
			       size_t size_bytes)
{
	(void)context;
	(void)pthread_mutex_lock(&gate.lock);
	if (offset == gate.from) {
		gate.arrived++;
		(void)pthread_cond_broadcast(&gate.changed);
		while (!gate.open)
			(void)pthread_cond_wait(&gate.changed, &gate.lock);
	}
	(void)pthread_mutex_unlock(&gate.lock);
	return gate.inner.read(gate.inner.context, offset, buffer, size_bytes);
}

struct asking {
	pthread_t thread;
	struct epk_slice *slice;
	epk_status_t status;
};

static void *ask(void *context)
{
	struct asking *asking = context;

	asking->status = get("a", 0, FILE_SIZE, &asking->slice);
	return NULL;
}

/* Two threads want "a", whose first block does not come yet. */
static void ask_twice(struct asking asking[2])
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	gate.arrived = 0;
	gate.open = false;
	for (uint32_t i = 0; i < 2; i++)
		(void)pthread_create(&asking[i].thread, NULL, ask, &asking[i]);
	(void)pthread_mutex_lock(&gate.lock);
	while (gate.arrived == 0)
		(void)pthread_cond_wait(&gate.changed, &gate.lock);
	(void)pthread_mutex_unlock(&gate.lock);
	(void)nanosleep(&pause, NULL); /* the other may come too */
}

static void let_through(struct asking asking[2])
{
	(void)pthread_mutex_lock(&gate.lock);
	gate.open = true;
	(void)pthread_cond_broadcast(&gate.changed);
	(void)pthread_mutex_unlock(&gate.lock);
	for (uint32_t i = 0; i < 2; i++)
		(void)pthread_join(asking[i].thread, NULL);
}

static void check_single_flight(void)
{
	struct asking asking[2] = { 0 };
	struct epk_slice *other = NULL;
	uint8_t *bytes = forge_block_bytes(
		&image, epk_load32(forge_node(&image, forge_find(&image, "a")) +
				   EPK_NODE_FIRST));

	(void)create(0, 2 * FILE_SIZE);
	gate.from = (uint64_t)(bytes - image.bytes);
	ask_twice(asking);
	is_i64(get("b", 0, FILE_SIZE, &other), EPK_OK,
	       "while a range is read another one is granted");
	is_u64(counters().live_bytes, 2 * FILE_SIZE,
	       "and the bytes of both are spoken for");
	epk_slice_release(other);
	is_i64(epk_splicer_destroy(splicer), EPK_ERR_BUSY,
	       "a splicer is not destroyed meanwhile");
	let_through(asking);
	ok(asking[0].status == EPK_OK && asking[1].status == EPK_OK &&
		   asking[0].slice == asking[1].slice,
	   "two threads that want one range get one slice");
	is_u64(gate.arrived, 1, "which was read once");
	ok(asking[0].slice != NULL && holds(asking[0].slice, "a", 0),
	   "with the right bytes");
	epk_slice_release(asking[0].slice);
	epk_slice_release(asking[1].slice);
	is_i64(epk_splicer_destroy(splicer), EPK_OK, "nothing is left held");

	(void)create(0, 2 * FILE_SIZE);
	bytes[0] ^= 1;
	asking[0] = asking[1] = (struct asking){ 0 };
	ask_twice(asking);
	let_through(asking);
	bytes[0] ^= 1;
	ok(asking[0].status == EPK_ERR_BLOCK_DIGEST &&
		   asking[1].status == EPK_ERR_BLOCK_DIGEST &&
		   asking[0].slice == NULL && asking[1].slice == NULL,
	   "a damaged range is refused to both");
	is_u64(counters().live_bytes, 0, "and its bytes are given back");
	is_i64(get("a", 0, FILE_SIZE, &other), EPK_OK,
	       "it is read again when it is asked for again");
	epk_slice_release(other);
	is_i64(epk_splicer_destroy(splicer), EPK_OK, "nothing is left held");
}

static void open_gated(void)
{
	struct epk_source source = forge_callback(&reader);

	forge_close(&opened);
	gate.inner = source;
	gate.open = true;
	source.read = gated_read;
	is_i64(forge_open(&opened, &source, epk_ops_default(), NULL), EPK_OK,
	       "the image is opened once more");
}

int main(void)
{
	plan(0);
	if (sysconf(_SC_PAGESIZE) != 4096)
		return skip_all("the image is made for pages of 4,096 bytes");
	open_image();
	check_first();
	check_parts();
	check_budgets();
	check_refusals();
	check_damage();
	check_threads();
	open_gated();
	check_single_flight();
	forge_close(&opened);
	forge_free(&image);
	return done();
}
