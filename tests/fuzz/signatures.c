/* SPDX-License-Identifier: BSD-2-Clause */
/* The signature page, by the calls that signing tools make, and the file of
 * detached signatures. The first byte of an input says which of the two the
 * rest is. A page that is accepted stays well formed whatever is added or
 * removed; a file that is accepted is the one that would be written. */
#include <epk/sign.h>

#include "../../utils/common/files.h"
#include "../../utils/common/report.h"
#include "../../utils/epk/detached.h"
#include "fuzz.h"

#include <string.h>

#define PAGE EPK_PAGE_SIZE
#define INPUT_MAX (1 + PAGE)

static uint32_t pages_accepted;
static uint32_t texts_accepted;

/* ---- files, as detached.c wants them ---- */

static const uint8_t *file_bytes;
static size_t file_size;
static char written[INPUT_MAX];
static size_t written_size;

bool file_read(const struct options *options, const char *file, char *bytes,
	       size_t size_max, size_t *out_size)
{
	(void)options;
	(void)file;
	if (file_size > size_max)
		return false;
	memcpy(bytes, file_bytes, file_size);
	*out_size = file_size;
	return true;
}

bool file_replace(const struct options *options, const char *file,
		  const char *bytes, size_t size)
{
	(void)options;
	(void)file;
	fuzz_must(size <= sizeof(written), "a file has its limit");
	memcpy(written, bytes, size);
	written_size = size;
	return true;
}

bool tool_error(const struct options *options, epk_status_t status,
		const char *file, const char *advice, ...)
{
	(void)options;
	(void)status;
	(void)file;
	(void)advice;
	return false;
}

/* ---- the corpus ---- */

static void make_signature(uint8_t number, struct epk_signature *signature)
{
	memset(signature, number, sizeof(*signature));
	signature->key_id[0] = (uint8_t)(number * 40);
}

static size_t seed_page(uint32_t count, uint8_t *bytes)
{
	bytes[0] = 0;
	memset(bytes + 1, 0, PAGE);
	memcpy(bytes + 1 + EPK_SIGAREA_OFFSET, EPK_SIGAREA_MAGIC, 4);
	for (uint8_t i = 0; i < count; i++) {
		struct epk_signature signature;

		make_signature(i, &signature);
		fuzz_must(epk_signature_add(bytes + 1, &signature) == EPK_OK,
			  "a signature is added");
	}
	return 1 + PAGE;
}

static size_t seed_text(uint32_t count, uint8_t *bytes)
{
	struct detached detached = { .count = count };

	memset(detached.package_id, 0xab, sizeof(detached.package_id));
	for (uint8_t i = 0; i < count; i++)
		make_signature(i, &detached.signatures[i]);
	fuzz_must(detached_write(NULL, "", &detached), "a file is written");
	bytes[0] = 1;
	memcpy(bytes + 1, written, written_size);
	return 1 + written_size;
}

static size_t seed(uint32_t which, uint8_t *bytes)
{
	static const uint32_t counts[] = { 0, 1, 3, 6 };

	if (which % 2 == 0)
		return seed_page(counts[which / 2], bytes);
	return seed_text(1 + counts[which / 2], bytes);
}

/* ---- the mutator ---- */

static void change_slot(uint8_t *page, struct fuzz_random *random)
{
	static const uint8_t fields[][2] = {
		{ EPK_SLOT_ALG, 2 },	{ EPK_SLOT_ZERO_A, 2 },
		{ EPK_SLOT_ZERO_B, 4 }, { EPK_SLOT_KEY_ID, 1 },
		{ EPK_SLOT_ZERO_C, 8 }, { EPK_SLOT_SIGNATURE, 8 },
	};
	const uint8_t *field =
		fields[fuzz_below(random, sizeof(fields) / sizeof(fields[0]))];

	fuzz_change_number(page + EPK_SIGAREA_SLOTS +
				   (size_t)fuzz_below(random, 8) *
					   EPK_SLOT_SIZE +
				   field[0],
			   field[1], random);
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	static const char *const list[] = {
		"signature ", "package-id ", "epk-signatures 1\n", "00", " ",
		"A",	      "\n"
	};
	static const struct fuzz_words words = { list, 7 };
	uint8_t *page = bytes + 1;

	if (size < 1 + PAGE)
		return size < 2 ? size
				: 1 + fuzz_change_text(page, size - 1,
						       size_max - 1, &words,
						       random);
	switch (fuzz_below(random, 4)) {
	case 0:
		fuzz_change_byte(page + fuzz_below(random, PAGE), random);
		break;
	case 1:
		fuzz_change_number(page + EPK_SIGAREA_COUNT, 2, random);
		break;
	default:
		change_slot(page, random);
	}
	return size;
}

/* ---- runs ---- */

static uint32_t count_of(const uint8_t *page)
{
	struct epk_signature signature;
	uint32_t count = 0;

	while (epk_signature_get(page, count, &signature) == EPK_OK)
		count++;
	fuzz_must(count <= EPK_SIGNATURES_MAX, "a page has eight slots");
	return count;
}

static void run_page(const uint8_t *bytes, size_t size)
{
	struct fuzz_random random = fuzz_random_from(bytes, size);
	static uint8_t page[PAGE];
	struct epk_signature signature;
	uint32_t count;

	if (size < PAGE)
		return;
	memcpy(page, bytes, PAGE);
	count = count_of(page);
	make_signature((uint8_t)fuzz_below(&random, 7), &signature);
	if (epk_signature_add(page, &signature) != EPK_OK) {
		fuzz_must(memcmp(page, bytes, PAGE) == 0,
			  "a refusal changes nothing");
		return;
	}
	pages_accepted++;
	fuzz_must(count_of(page) >= count, "one was added or replaced");
	fuzz_must(epk_signature_remove(page, signature.key_id) == EPK_OK,
		  "what was added can be removed");
	fuzz_must(epk_signature_remove(page, signature.key_id) ==
			  EPK_ERR_NOT_FOUND,
		  "once");
}

static void run_text(const uint8_t *bytes, size_t size)
{
	struct detached detached;

	file_bytes = bytes;
	file_size = size;
	if (!detached_read(NULL, "", &detached))
		return;
	texts_accepted++;
	fuzz_must(detached.count <= EPK_SIGNATURES_MAX,
		  "a file has eight signatures");
	fuzz_must(detached_write(NULL, "", &detached) && written_size == size &&
			  memcmp(written, bytes, size) == 0,
		  "signatures have one text");
}

static void run(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return;
	if (bytes[0] % 2 == 0)
		run_page(bytes + 1, size - 1);
	else
		run_text(bytes + 1, size - 1);
}

static void report(uint32_t runs)
{
	fuzz_ok(pages_accepted > runs / 100 && pages_accepted < runs / 2,
		"some pages are well formed (%u)", pages_accepted);
	fuzz_ok(texts_accepted > runs / 1000 && texts_accepted < runs / 2,
		"some files are (%u)", texts_accepted);
}

const struct fuzz_target fuzz_target = {
	.name = "signatures",
	.runs = 40000,
	.long_runs = 1000000,
	.size_max = INPUT_MAX,
	.seed_count = 8,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};
