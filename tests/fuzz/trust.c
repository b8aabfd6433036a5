/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of a trust store. One entry has one text: what is accepted is
 * written again byte by byte. */
#include <epk/trust.h>

#include "fuzz.h"

#include <string.h>

#define TEXT_MAX (EPK_TRUST_ENTRY_SIZE_MAX + 200u)
#define SEEDS 4u

static uint32_t accepted;

static size_t seed(uint32_t which, uint8_t *bytes)
{
	static const char *const prefixes[] = { "", "a", "a.b-c", "demo.tools",
						"z9" };
	struct epk_trust_entry entry = {
		.not_after = which == 1 ? EPK_TRUST_NEVER : 1700000000 * which,
		.revoked = which == 3,
	};
	char text[EPK_TRUST_ENTRY_SIZE_MAX + 1];
	size_t size;

	memset(entry.public_key, (int)(9 + which), sizeof(entry.public_key));
	fuzz_must(epk_key_id(entry.public_key, entry.key_id) == EPK_OK,
		  "a key has an id");
	for (uint32_t i = 0; i <= which; i++)
		fuzz_must(epk_trust_entry_allow(&entry, prefixes[i]) == EPK_OK,
			  "a prefix is allowed");
	fuzz_must(epk_trust_entry_write(&entry, text, &size) == EPK_OK,
		  "an entry is written");
	memcpy(bytes, text, size);
	return size;
}

static const char *const words[] = {
	"epk-trust 1\n",
	"prefix ",
	"prefix a\n",
	"prefix *\n",
	"prefix zz\n",
	"revoked\n",
	"not-after ",
	"not-after 2028-02-29T23:59:59Z\n",
	"-----BEGIN ",
	"PUBLIC KEY-----\n",
	"\n",
	"0",
	"9",
	".",
	"=",
	"A",
};

static void run(const uint8_t *bytes, size_t size)
{
	struct epk_trust_problem problem = { 0 };
	struct epk_trust_entry entry;
	char text[EPK_TRUST_ENTRY_SIZE_MAX + 1];
	size_t text_size;

	if (epk_trust_entry_read(bytes, size, &problem, &entry) != EPK_OK) {
		fuzz_must(problem.reason != NULL && *problem.reason != '\0',
			  "a refusal says why");
		return;
	}
	accepted++;
	fuzz_must(entry.prefix_count <= EPK_TRUST_PREFIXES_MAX &&
			  entry.revoked <= 1,
		  "counts are within their limits");
	fuzz_must(epk_trust_entry_write(&entry, text, &text_size) == EPK_OK &&
			  text_size == size && memcmp(text, bytes, size) == 0,
		  "an entry has one text");
}

static void report(uint32_t runs)
{
	fuzz_ok(accepted > runs / 100 && accepted < runs / 2,
		"some are entries still (%u)", accepted);
}

const struct fuzz_target fuzz_target = {
	.name = "trust",
	.runs = 20000,
	.long_runs = 1000000,
	.size_max = TEXT_MAX,
	.seed_count = SEEDS,
	.seed = seed,
	.mutate = fuzz_mutate_text,
	.words = { words, sizeof(words) / sizeof(words[0]) },
	.run = run,
	.report = report,
};
