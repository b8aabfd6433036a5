/* SPDX-License-Identifier: BSD-2-Clause */
/* The copying read: the right bytes at every offset, over both kinds of
 * source and both codecs; what fails when the source, the digest, the
 * decoder or the caller's memory does not play along. */
#include "support/tap.h"

#include "forge.h"

#define MANIFEST                                                               \
	"name = \"a\"\nversion = \"0.0.0\"\narch = \"any\"\n"                  \
	"kernel_api = \"0.1\"\n"

struct served {
	struct forge_open opened;
	struct epk_mount mount;
	void *memory;
};

static epk_status_t serve(struct served *served,
			  const struct epk_source *source, uint32_t cached)
{
	uint64_t size;
	epk_status_t status;

	*served = (struct served){ .memory = NULL };
	status = forge_open(&served->opened, source, epk_ops_default(), NULL);
	if (status != EPK_OK)
		return status;
	size = epk_mount_size(&served->opened.image, cached);
	served->memory = malloc(size);
	return epk_mount_init(&served->mount, &served->opened.image,
			      served->memory, size);
}

static epk_status_t leave(struct served *served)
{
	const epk_status_t status = epk_mount_fini(&served->mount);

	free(served->memory);
	forge_close(&served->opened);
	return status;
}

/* Sizes around one and two blocks; the last is compressible. */
static const size_t sizes[] = { 1, 4095, 4096, 4097, 8191, 8192, 8193, 20000 };
#define FILES (sizeof(sizes) / sizeof(sizes[0]))

static struct forged make_image(uint32_t codec, uint8_t *contents[FILES])
{
	static const char *const names[FILES] = { "a", "b", "c", "d",
						  "e", "f", "g", "h" };
	struct forge_item items[FILES];

	for (size_t i = 0; i < FILES; i++) {
		contents[i] = forge_pattern(sizes[i], (uint32_t)(3 + 2 * i));
		if (i == FILES - 1)
			memset(contents[i], 'h', sizes[i]);
		items[i] = (struct forge_item){
			names[i], EPK_TYPE_FILE, 0, contents[i], sizes[i], NULL,
		};
		if (i % 3 == 0)
			items[i].flags = EPK_FLAG_MAPPED;
	}
	return forge(&(struct forge_recipe){ .items = items,
					     .count = FILES,
					     .codec = codec,
					     .meta_codec = codec,
					     .manifest = MANIFEST });
}

/* All offsets of the file for a few sizes, and around the end. */
static uint32_t read_all_offsets(struct epk_mount *mount, uint32_t node,
				 const uint8_t *content, size_t size)
{
	static const size_t wanted[] = { 0, 1, 7, 4096, 5000, 30000 };
	static uint8_t buffer[30000];
	const size_t step = size > 5000 ? 61 : 1;
	uint32_t wrong = 0;

	for (size_t at = 0; at <= size + 2; at += step) {
		for (size_t k = 0; k < 6; k++) {
			const size_t left = at < size ? size - at : 0;
			const size_t part = wanted[k] < left ? wanted[k] : left;
			size_t got = 99;

			wrong += epk_read(mount, node, at, buffer, wanted[k],
					  &got) != EPK_OK ||
				 got != part ||
				 memcmp(buffer, content + at - (part ? 0 : at),
					part) != 0;
		}
	}
	return wrong;
}

static void check_reads(const struct epk_source *source, uint8_t **contents,
			const char *kind)
{
	struct served served;

	if (!ok(serve(&served, source, 2) == EPK_OK, "%s: is served", kind))
		return;
	for (uint32_t i = 0; i < FILES; i++)
		is_u64(read_all_offsets(&served.mount, i + 1, contents[i],
					sizes[i]),
		       0, "%s: %zu bytes read right at every offset", kind,
		       sizes[i]);
	is_i64(leave(&served), EPK_OK, "%s: nothing is held at the end", kind);
}

static void check_kinds(void)
{
	uint8_t *contents[FILES];
	char kind[64];

	for (uint32_t codec = 0; codec < 2; codec++) {
		struct forged image = make_image(codec, contents);
		struct forge_reader reader = { .image = &image };
		const struct epk_source mapped = forge_source(&image);
		const struct epk_source callback = forge_callback(&reader);

		snprintf(kind, sizeof(kind), "codec %u, mapped", codec);
		check_reads(&mapped, contents, kind);
		snprintf(kind, sizeof(kind), "codec %u, callback", codec);
		check_reads(&callback, contents, kind);
		for (size_t i = 0; i < FILES; i++)
			free(contents[i]);
		forge_free(&image);
	}
}

static void check_arguments(const struct forged *image)
{
	const struct epk_source source = forge_source(image);
	struct served served;
	uint8_t byte = 0;
	size_t got = 99;

	(void)serve(&served, &source, 1);
	is_i64(epk_read(&served.mount, 0, 0, &byte, 1, &got), EPK_ERR_NOT_FILE,
	       "reading a folder: NOT_FILE");
	is_i64(epk_read(&served.mount, forge_find(image, "link"), 0, &byte, 1,
			&got),
	       EPK_ERR_NOT_FILE, "reading a link: NOT_FILE");
	is_i64(epk_read(&served.mount, 99, 0, &byte, 1, &got), EPK_ERR_RANGE,
	       "reading no node: RANGE");
	is_i64(epk_read(&served.mount, 3, 0, NULL, 1, &got), EPK_ERR_INVALID,
	       "reading to nowhere: INVALID");
	is_u64(got, 99, "a failed read leaves the size alone");
	is_i64(epk_read(&served.mount, 3, UINT64_MAX, &byte, 1, &got), EPK_OK,
	       "reading far behind the end is fine");
	is_u64(got, 0, "and gives nothing");
	(void)leave(&served);
}

/* Some pieces are taken, then no more. */
struct taker {
	const uint8_t *content;
	size_t taken;
	unsigned pieces;
	unsigned wanted;
	bool wrong;
};

static epk_status_t take(void *context, const void *bytes, size_t size_bytes)
{
	struct taker *taker = context;

	if (taker->pieces++ == taker->wanted)
		return EPK_ERR_BUSY;
	taker->wrong |=
		memcmp(bytes, taker->content + taker->taken, size_bytes) != 0;
	taker->taken += size_bytes;
	return EPK_OK;
}

static void check_pieces(const struct epk_source *source, uint8_t *content,
			 const char *kind)
{
	const uint32_t node = FILES; /* the last, of 20,000 bytes */
	struct served served;
	struct taker all = { content + 5, 0, 0, 99, false };
	struct taker some = { content + 5, 0, 0, 2, false };
	uint64_t got = 99;

	(void)serve(&served, source, 1);
	is_i64(epk_read_each(&served.mount, node, 5, UINT64_MAX, take, &some,
			     &got),
	       EPK_ERR_BUSY, "%s: who takes no more ends the reading", kind);
	is_u64(got, 99, "%s: and then no size is given", kind);
	ok(some.taken == 8187 && !some.wrong,
	   "%s: what was taken is right: %zu bytes", kind, some.taken);
	is_i64(epk_read_each(&served.mount, node, 5, UINT64_MAX, take, &all,
			     &got),
	       EPK_OK, "%s: pieces to the end of the file", kind);
	ok(got == sizes[FILES - 1] - 5 && got == all.taken && !all.wrong &&
		   all.pieces == 5,
	   "%s: all bytes in order, a piece for each block", kind);
	is_i64(epk_read_each(&served.mount, node, 0, 1, NULL, NULL, &got),
	       EPK_ERR_INVALID, "%s: nobody to take: INVALID", kind);
	is_i64(leave(&served), EPK_OK, "%s: no block stays held", kind);
}

static void check_each(void)
{
	uint8_t *contents[FILES];

	for (uint32_t codec = 0; codec < 2; codec++) {
		struct forged image = make_image(codec, contents);
		struct forge_reader reader = { .image = &image };
		const struct epk_source mapped = forge_source(&image);
		const struct epk_source callback = forge_callback(&reader);

		check_pieces(&mapped, contents[FILES - 1], "mapped");
		check_pieces(&callback, contents[FILES - 1], "callback");
		for (size_t i = 0; i < FILES; i++)
			free(contents[i]);
		forge_free(&image);
	}
}

/* A flipped bit is found by the read that needs it, and by no other. */
static void check_damage(const struct forged *golden)
{
	struct forged image = forge_copy(golden);
	const struct epk_source mapped = forge_source(&image);
	struct forge_reader reader = { .image = &image };
	const struct epk_source callback = forge_callback(&reader);
	const struct epk_source *sources[] = { &mapped, &callback };
	const uint32_t more = forge_find(&image, "a/more");
	const uint32_t full = forge_find(&image, "a/full");
	static uint8_t buffer[5000];
	size_t got;

	forge_block_bytes(&image, 3)[17] ^= 4;
	for (size_t i = 0; i < 2; i++) {
		struct served served;

		(void)serve(&served, sources[i], 1);
		is_i64(epk_read(&served.mount, more, 0, buffer, 5000, &got),
		       EPK_ERR_BLOCK_DIGEST, "a damaged block is not read");
		is_u64(served.mount.failed_block, 3, "and is named");
		is_i64(epk_read(&served.mount, more, 4096, buffer, 1, &got),
		       EPK_OK, "another block of the file is read");
		is_i64(epk_read(&served.mount, full, 0, buffer, 4096, &got),
		       EPK_OK, "and another file");
		is_i64(epk_read(&served.mount, more, 0, buffer, 1, &got),
		       EPK_ERR_BLOCK_DIGEST, "the damage is found again");
		(void)leave(&served);
	}
	forge_free(&image);
}

static void check_without_inflate(void)
{
	uint8_t *contents[FILES];
	struct forged image = make_image(EPK_CODEC_ZLIB, contents);
	const struct epk_source source = forge_source(&image);
	struct served served;
	struct epk_ops ops = *epk_ops_default();
	uint8_t byte;
	size_t got;

	(void)serve(&served, &source, 1);
	ops.inflate = NULL;
	served.opened.image.ops = &ops;
	is_i64(epk_read(&served.mount, 8, 0, &byte, 1, &got), EPK_ERR_COMPAT,
	       "a compressed block without inflate: COMPAT");
	is_i64(epk_read(&served.mount, 1, 0, &byte, 1, &got), EPK_OK,
	       "a mapped file is read all the same");
	(void)leave(&served);
	for (size_t i = 0; i < FILES; i++)
		free(contents[i]);
	forge_free(&image);
}

/* The source fails at each of its calls in turn. */
static void check_source_failures(void)
{
	uint8_t *contents[FILES];
	struct forged image = make_image(EPK_CODEC_ZLIB, contents);
	struct forge_reader reader = { .image = &image };
	const struct epk_source source = forge_callback(&reader);
	static uint8_t buffer[20000];
	uint32_t wrong = 0;
	uint32_t calls = 1;
	uint32_t at;

	for (at = 1; at <= calls; at++) {
		struct served served;
		epk_status_t status;
		size_t got;

		reader.calls = 0;
		reader.fail_at = at == calls ? 0 : at;
		status = serve(&served, &source, 1);
		for (uint32_t i = 1; status == EPK_OK && i <= FILES; i++)
			status = epk_read(&served.mount, i, 0, buffer,
					  sizeof(buffer), &got);
		if (at == 1)
			calls = 2;
		if (reader.fail_at == 0 && status == EPK_OK &&
		    calls < reader.calls + 1)
			calls = reader.calls + 1;
		else
			wrong += status !=
				 (reader.fail_at == 0 ? EPK_OK : EPK_ERR_IO);
		if (served.memory != NULL)
			(void)leave(&served);
	}
	ok(calls > 10, "opening and reading all asks the source %u times",
	   calls - 1);
	is_u64(wrong, 0, "and a failure of each of them is IO");
	for (size_t i = 0; i < FILES; i++)
		free(contents[i]);
	forge_free(&image);
}

/* The operations run out of memory at each of their calls in turn. */
static uint32_t ops_calls;
static uint32_t ops_fail_at;
static int hashes_open;

static epk_status_t count_call(void)
{
	return ++ops_calls == ops_fail_at ? EPK_ERR_NO_MEMORY : EPK_OK;
}

static epk_status_t fault_init(struct epk_hash *hash)
{
	if (count_call() != EPK_OK)
		return EPK_ERR_NO_MEMORY;
	hashes_open++;
	return epk_ops_core()->sha256_init(hash);
}

static epk_status_t fault_update(struct epk_hash *hash, const void *bytes,
				 size_t size)
{
	if (count_call() != EPK_OK)
		return EPK_ERR_NO_MEMORY;
	return epk_ops_core()->sha256_update(hash, bytes, size);
}

static void fault_final(struct epk_hash *hash, uint8_t *digest)
{
	hashes_open--;
	epk_ops_core()->sha256_final(hash, digest);
}

static epk_status_t fault_inflate(const void *in, size_t in_size, void *out,
				  size_t out_size)
{
	if (count_call() != EPK_OK)
		return EPK_ERR_NO_MEMORY;
	return epk_ops_default()->inflate(in, in_size, out, out_size);
}

static epk_status_t use_everything(const struct epk_source *source)
{
	static const struct epk_ops ops = {
		.sha256_init = fault_init,
		.sha256_update = fault_update,
		.sha256_final = fault_final,
		.inflate = fault_inflate,
	};
	struct forge_open opened;
	uint8_t id[32];
	void *scratch;
	epk_status_t status = forge_open(&opened, source, &ops, NULL);

	if (status != EPK_OK)
		return status;
	scratch = malloc(epk_deep_size(&opened.image));
	status = epk_verify_deep(&opened.image, scratch,
				 epk_deep_size(&opened.image), NULL, NULL);
	if (status == EPK_OK)
		status = epk_content_id(&opened.image, id);
	free(scratch);
	forge_close(&opened);
	return status;
}

static void check_ops_failures(void)
{
	uint8_t *contents[FILES];
	struct forged image = make_image(EPK_CODEC_ZLIB, contents);
	const struct epk_source source = forge_source(&image);
	uint32_t wrong = 0;
	uint32_t calls;

	is_i64(use_everything(&source), EPK_OK,
	       "opening, deep verification and content_id succeed");
	calls = ops_calls;
	for (ops_fail_at = 1; ops_fail_at <= calls; ops_fail_at++) {
		ops_calls = 0;
		wrong += use_everything(&source) != EPK_ERR_NO_MEMORY;
	}
	ok(calls > 50, "they use the operations %u times", calls);
	is_u64(wrong, 0, "and a failure of each of them is NO_MEMORY");
	is_i64(hashes_open, 0, "and no digest is left running");
	for (size_t i = 0; i < FILES; i++)
		free(contents[i]);
	forge_free(&image);
}

/* Memory one byte short, misaligned, or missing, at every call. */
static void check_scratch(void)
{
	uint8_t *contents[FILES];
	struct forged image = make_image(EPK_CODEC_ZLIB, contents);
	struct forge_reader reader = { .image = &image };
	const struct epk_source source = forge_callback(&reader);
	static uint64_t page[512];
	struct epk_image opened;
	struct epk_mount mount;
	struct epk_need need;
	char *metadata;
	char *work;
	uint64_t size;

	is_i64(epk_probe(&opened, &source, epk_ops_default(), NULL, page,
			 &need),
	       EPK_OK, "the probe says what the load needs");
	metadata = malloc(need.metadata_size_bytes + 1);
	work = malloc(need.work_size_bytes + 1);
	is_i64(epk_load(&opened, metadata, need.metadata_size_bytes - 1, work,
			need.work_size_bytes),
	       EPK_ERR_SCRATCH, "metadata memory one byte short: SCRATCH");
	is_i64(epk_load(&opened, metadata, need.metadata_size_bytes, work,
			need.work_size_bytes - 1),
	       EPK_ERR_SCRATCH, "work memory one byte short: SCRATCH");
	is_i64(epk_load(&opened, metadata + 1, need.metadata_size_bytes, work,
			need.work_size_bytes),
	       EPK_ERR_SCRATCH, "misaligned metadata memory: SCRATCH");
	is_i64(epk_load(&opened, metadata, need.metadata_size_bytes, work + 1,
			need.work_size_bytes),
	       EPK_ERR_SCRATCH, "misaligned work memory: SCRATCH");
	is_i64(epk_load(&opened, NULL, 0, work, need.work_size_bytes),
	       EPK_ERR_SCRATCH, "no metadata memory: SCRATCH");
	is_i64(epk_mount_init(&mount, &opened, page, sizeof(page)),
	       EPK_ERR_STATE, "a mount before the load: STATE");
	is_i64(epk_content_id(&opened, (uint8_t *)page), EPK_ERR_STATE,
	       "content_id before the load: STATE");
	is_i64(epk_load(&opened, metadata, need.metadata_size_bytes, work,
			need.work_size_bytes),
	       EPK_OK, "after all that, exact memory suffices");
	is_i64(epk_load(&opened, metadata, need.metadata_size_bytes, work,
			need.work_size_bytes),
	       EPK_ERR_STATE, "a second load: STATE");
	{
		static uint8_t plain[4096];
		const uint8_t *bytes;
		struct epk_block block = { .codec = 0 };
		uint32_t index = 0;

		while (epk_block_get(&opened, index, &block) == EPK_OK &&
		       block.codec != EPK_CODEC_ZLIB)
			index++;
		is_i64(epk_block_read(&opened, index, NULL, plain, &bytes),
		       EPK_ERR_INVALID,
		       "a compressed block without scratch: INVALID");
	}
	free(work);
	size = epk_deep_size(&opened);
	work = malloc(size + 1);
	is_i64(epk_verify_deep(&opened, work, size - 1, NULL, NULL),
	       EPK_ERR_SCRATCH, "deep memory one byte short: SCRATCH");
	is_i64(epk_verify_deep(&opened, work + 1, size, NULL, NULL),
	       EPK_ERR_SCRATCH, "misaligned deep memory: SCRATCH");
	is_i64(epk_verify_canon(&opened, work,
				4ull * opened.header.node_count - 1),
	       EPK_ERR_SCRATCH, "canon memory one byte short: SCRATCH");
	is_i64(epk_verify_canon(&opened, work, 4ull * opened.header.node_count),
	       EPK_OK, "4 bytes a node suffice");
	free(work);
	size = epk_mount_size(&opened, 1);
	work = malloc(size);
	is_i64(epk_mount_init(&mount, &opened, work, size - 1), EPK_ERR_SCRATCH,
	       "mount memory one byte short: SCRATCH");
	is_i64(epk_mount_init(&mount, &opened, work, 4095), EPK_ERR_SCRATCH,
	       "mount memory without a stored block: SCRATCH");
	is_i64(epk_mount_init(&mount, &opened, work, size), EPK_OK,
	       "exact mount memory suffices");
	free(work);
	free(metadata);
	for (size_t i = 0; i < FILES; i++)
		free(contents[i]);
	forge_free(&image);
}

static epk_status_t stop_halfway(void *context, uint64_t done_bytes,
				 uint64_t total_bytes)
{
	(void)context;
	return done_bytes * 2 >= total_bytes ? EPK_ERR_BUSY : EPK_OK;
}

static void check_progress(const struct forged *golden)
{
	const struct epk_source source = forge_source(golden);
	struct forge_open opened;
	uint64_t size;
	void *scratch;

	(void)forge_open(&opened, &source, epk_ops_default(), NULL);
	size = epk_deep_size(&opened.image);
	scratch = malloc(size);
	is_i64(epk_verify_deep(&opened.image, scratch, size, stop_halfway,
			       NULL),
	       EPK_ERR_BUSY, "a progress callback can stop deep verification");
	free(scratch);
	forge_close(&opened);
}

static void check_probe_arguments(const struct forged *golden)
{
	static uint64_t page[512];
	const struct epk_ops *ops = epk_ops_default();
	struct epk_source source = forge_source(golden);
	struct epk_source bad = source;
	struct epk_options options = { .size_bytes = sizeof(options) };
	struct epk_ops lame = *ops;
	struct epk_image image;
	struct epk_need need;

	ok(epk_probe(NULL, &source, ops, NULL, page, &need) ==
			   EPK_ERR_INVALID &&
		   epk_probe(&image, NULL, ops, NULL, page, &need) ==
			   EPK_ERR_INVALID &&
		   epk_probe(&image, &source, NULL, NULL, page, &need) ==
			   EPK_ERR_INVALID &&
		   epk_probe(&image, &source, ops, NULL, NULL, &need) ==
			   EPK_ERR_INVALID &&
		   epk_probe(&image, &source, ops, NULL, page, NULL) ==
			   EPK_ERR_INVALID,
	   "a missing argument of the probe: INVALID");
	lame.sha256_init = NULL;
	is_i64(epk_probe(&image, &source, &lame, NULL, page, &need),
	       EPK_ERR_INVALID, "operations without a digest: INVALID");
	lame = *ops;
	lame.sha256_update = NULL;
	is_i64(epk_probe(&image, &source, &lame, NULL, page, &need),
	       EPK_ERR_INVALID, "operations without an update: INVALID");
	lame = *ops;
	lame.sha256_final = NULL;
	is_i64(epk_probe(&image, &source, &lame, NULL, page, &need),
	       EPK_ERR_INVALID, "operations without an end: INVALID");
	bad.flags = 2;
	is_i64(epk_probe(&image, &bad, ops, NULL, page, &need), EPK_ERR_INVALID,
	       "an unknown flag of the source: INVALID");
	bad.flags = 0;
	bad.reserved = 1;
	is_i64(epk_probe(&image, &bad, ops, NULL, page, &need), EPK_ERR_INVALID,
	       "a reserved field of the source: INVALID");
	bad.reserved = 0;
	bad.mapped = NULL;
	is_i64(epk_probe(&image, &bad, ops, NULL, page, &need), EPK_ERR_INVALID,
	       "a source without bytes: INVALID");
	options.size_bytes--;
	is_i64(epk_probe(&image, &source, ops, &options, page, &need),
	       EPK_ERR_INVALID, "options of another size: INVALID");
	options.size_bytes++;
	options.reserved = 1;
	is_i64(epk_probe(&image, &source, ops, &options, page, &need),
	       EPK_ERR_INVALID, "a reserved option: INVALID");
	is_i64(epk_load(&image, NULL, 0, page, 4096), EPK_ERR_STATE,
	       "a load after a failed probe: STATE");
	is_i64(epk_load(NULL, NULL, 0, page, 4096), EPK_ERR_INVALID,
	       "a load of nothing: INVALID");
}

/* What each kind of image needs, and no more. */
static void check_need(void)
{
	for (uint32_t codec = 0; codec < 2; codec++) {
		uint8_t *contents[FILES];
		struct forged image = make_image(codec, contents);
		struct forge_reader reader = { .image = &image };
		const struct epk_source mapped = forge_source(&image);
		const struct epk_source callback = forge_callback(&reader);
		static uint64_t page[512];
		struct epk_image opened;
		struct epk_need need;

		(void)epk_probe(&opened, &mapped, epk_ops_default(), NULL, page,
				&need);
		ok(need.metadata_size_bytes ==
				   (codec ? opened.header.meta_size : 0) &&
			   need.work_size_bytes == 1024,
		   "codec %u, mapped: as much memory as needed", codec);
		(void)epk_probe(&opened, &callback, epk_ops_default(), NULL,
				page, &need);
		ok(need.metadata_size_bytes == opened.header.meta_size &&
			   need.work_size_bytes == 1024,
		   "codec %u, callback: as much memory as needed", codec);
		for (size_t i = 0; i < FILES; i++)
			free(contents[i]);
		forge_free(&image);
	}
}

/* A missing argument, or an image that is not loaded, at every call. */
static void check_missing(const struct forged *golden)
{
	const struct epk_source source = forge_source(golden);
	const struct epk_image empty = { .state = 0 };
	static uint64_t memory[4096];
	const size_t size = sizeof(memory);
	const uint8_t *bytes;
	struct forge_open opened;
	struct epk_image *image = &opened.image;
	struct epk_image none = { .state = 0 };
	struct epk_run_cursor cursor;
	struct epk_block block;
	struct epk_node node;
	struct epk_run run;
	struct epk_mount mount;
	size_t got;

	(void)forge_open(&opened, &source, epk_ops_default(), NULL);
	epk_run_begin(&cursor, 0);
	ok(epk_block_get(NULL, 0, &block) == EPK_ERR_INVALID &&
		   epk_block_get(image, 0, NULL) == EPK_ERR_INVALID &&
		   epk_block_get(&empty, 0, &block) == EPK_ERR_STATE,
	   "epk_block_get: INVALID, STATE");
	ok(epk_block_read(image, 0, NULL, NULL, &bytes) == EPK_ERR_INVALID &&
		   epk_block_read(image, 0, NULL, memory, NULL) ==
			   EPK_ERR_INVALID &&
		   epk_block_read(&empty, 0, NULL, memory, &bytes) ==
			   EPK_ERR_STATE,
	   "epk_block_read: INVALID, STATE");
	ok(epk_run_next(NULL, &cursor, &run) == EPK_ERR_INVALID &&
		   epk_run_next(image, NULL, &run) == EPK_ERR_INVALID &&
		   epk_run_next(image, &cursor, NULL) == EPK_ERR_INVALID &&
		   epk_run_next(&empty, &cursor, &run) == EPK_ERR_STATE,
	   "epk_run_next: INVALID, STATE");
	ok(epk_node_get(NULL, 0, &node) == EPK_ERR_INVALID &&
		   epk_node_get(&empty, 0, &node) == EPK_ERR_STATE,
	   "epk_node_get: INVALID, STATE");
	ok(epk_node_path(image, 0, (char *)memory, 9, NULL) ==
			   EPK_ERR_INVALID &&
		   epk_node_path(image, 1, NULL, 9, &got) == EPK_ERR_INVALID,
	   "epk_node_path: INVALID");
	ok(epk_child_get(image, 0, 0, NULL) == EPK_ERR_INVALID,
	   "epk_child_get: INVALID");
	ok(epk_verify_deep(NULL, memory, size, NULL, NULL) == EPK_ERR_INVALID &&
		   epk_verify_deep(image, NULL, size, NULL, NULL) ==
			   EPK_ERR_INVALID &&
		   epk_verify_deep(&none, memory, size, NULL, NULL) ==
			   EPK_ERR_STATE,
	   "epk_verify_deep: INVALID, STATE");
	ok(epk_verify_canon(NULL, memory, size) == EPK_ERR_INVALID &&
		   epk_verify_canon(image, NULL, size) == EPK_ERR_INVALID &&
		   epk_verify_canon(&none, memory, size) == EPK_ERR_STATE,
	   "epk_verify_canon: INVALID, STATE");
	ok(epk_content_id(NULL, (uint8_t *)memory) == EPK_ERR_INVALID &&
		   epk_content_id(image, NULL) == EPK_ERR_INVALID,
	   "epk_content_id: INVALID");
	ok(epk_mount_init(NULL, image, memory, size) == EPK_ERR_INVALID &&
		   epk_mount_init(&mount, NULL, memory, size) ==
			   EPK_ERR_INVALID &&
		   epk_mount_init(&mount, image, NULL, size) ==
			   EPK_ERR_INVALID &&
		   epk_mount_init(&mount, image, (char *)memory + 4,
				  size - 4) == EPK_ERR_INVALID,
	   "epk_mount_init: INVALID");
	(void)epk_mount_init(&mount, image, memory, size);
	ok(epk_read(NULL, 3, 0, &got, 1, &got) == EPK_ERR_INVALID &&
		   epk_read(&mount, 3, 0, &got, 1, NULL) == EPK_ERR_INVALID,
	   "epk_read: INVALID");
	forge_close(&opened);
}

int main(void)
{
	struct forged golden = forge_golden(2);

	plan(0);
	check_kinds();
	check_arguments(&golden);
	check_each();
	check_damage(&golden);
	check_without_inflate();
	check_source_failures();
	check_ops_failures();
	check_scratch();
	check_need();
	check_missing(&golden);
	check_progress(&golden);
	check_probe_arguments(&golden);
	forge_free(&golden);
	return done();
}
