/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of manifests. What it accepts lies in the text, has no control
 * byte once decoded, and is the same when it is read again. */
#include <epk/manifest.h>
#include <epk/name.h>

#include "fuzz.h"

#include <string.h>

#define TEXT_MAX 4096u

static uint32_t details[64];
static uint32_t accepted;

static const char *const seeds[] = {
	"name = \"a\"\nversion = \"1.2.3\"\narch = \"any\"\n"
	"kernel_api = \"0.1\"\n",
	"# a comment\n\n  name=\"demo.tools-2\"\t# more\n"
	"version = \"0.0.4294967295\"\narch = \"riscv64\"\n"
	"kernel_api = \"linux-6.1\"\nentry = \"/bin/tool\"\n"
	"description = \"tab\\t \\\"quoted\\\" \\\\ \\n\"\n"
	"license = \"MIT\"\nhomepage = \"https://example.org/\"\n"
	"\n[commands]\ntool = \"/bin/tool\"\n\"c.d\" = \"/run/\xc3\xa9\"\n"
	"[ permissions ]\nlog = \"writes\"\n\"net.raw\" = \"\"\n",
	"[permissions]\na = \"x\"\n[commands]\nb = \"/b\"\nc = \"/c\"\n",
};

static size_t seed(uint32_t which, uint8_t *bytes)
{
	const size_t size = strlen(seeds[which]);

	memcpy(bytes, seeds[which], size);
	return size;
}

static const char *const words[] = {
	"name",
	"version",
	"arch",
	"kernel_api",
	"entry",
	"license",
	"requires",
	"provides",
	"depends",
	"[",
	"]",
	"[commands]\n",
	"\n",
	" = ",
	"\"\"",
	"\"1.2.3\"",
	"\"01.2.3\"",
	"\"0.1\"",
	"\"linux-\"",
	"\"x86-64\"",
	"\\\"",
	"\\u0041",
	"\xc0\x80",
	"\xed\xa0\x80",
	"\xf0\x9f\x98\x80",
	"\xef\xbb\xbf",
	"\r\n",
	"'a'",
	"\"/a/../b\"",
	"\"/\"",
	"4294967296",
	"[permissions]\n",
	"a.b = \"c\"\n",
	"x = \"y\"\n",
	"homepage",
	"description",
};

static void see_string(const struct epk_manifest *manifest,
		       const struct epk_string *string)
{
	static char text[TEXT_MAX];
	size_t size;

	if (!epk_string_present(string))
		return;
	fuzz_must(string->offset <= manifest->text_size &&
			  string->size_bytes <=
				  manifest->text_size - string->offset,
		  "a string lies in the text");
	fuzz_must(string->line != 0 && string->column != 0,
		  "a string has a place");
	fuzz_must(epk_string_copy(manifest, string, text, sizeof(text),
				  &size) == EPK_OK &&
			  epk_string_equals(manifest, string, text, size) &&
			  epk_utf8_valid(text, size),
		  "a string is text, equal to itself");
}

static void see(const struct epk_manifest *manifest)
{
	fuzz_must(manifest->command_count <= EPK_COMMANDS_MAX &&
			  manifest->permission_count <= EPK_PERMISSIONS_MAX &&
			  manifest->arch < EPK_ARCH_COUNT,
		  "counts are within their limits");
	for (uint32_t i = 0; i < EPK_KEY_COUNT; i++)
		see_string(manifest, &manifest->keys[i]);
	fuzz_must(epk_string_present(&manifest->keys[EPK_KEY_NAME]) &&
			  epk_string_present(&manifest->keys[EPK_KEY_VERSION]),
		  "an accepted manifest has a name and a version");
	for (uint32_t i = 0; i < manifest->command_count; i++) {
		see_string(manifest, &manifest->commands[i].key);
		see_string(manifest, &manifest->commands[i].value);
	}
	for (uint32_t i = 0; i < manifest->permission_count; i++) {
		see_string(manifest, &manifest->permissions[i].key);
		see_string(manifest, &manifest->permissions[i].value);
	}
}

static void run(const uint8_t *bytes, size_t size)
{
	struct epk_failure failure = { 0 };
	struct epk_manifest manifest;
	epk_status_t status;

	status = epk_manifest_parse(bytes, size, &manifest, &failure);
	if (status == EPK_OK) {
		accepted++;
		see(&manifest);
		return;
	}
	fuzz_must(status == EPK_ERR_MANIFEST || status == EPK_ERR_INVALID,
		  "a text is a manifest or is not");
	fuzz_must(failure.status == status && failure.detail < 64,
		  "a refusal says why");
	details[failure.detail]++;
}

static void report(uint32_t runs)
{
	fuzz_ok(accepted > runs / 100, "some are manifests still (%u times)",
		accepted);
	for (uint32_t i = 1; i < 64; i++) {
		const char *name = epk_manifest_error_name(i);

		/* These need more bytes than an input here has, or another
		 * caller. */
		if (strcmp(name, "UNKNOWN") == 0 || strcmp(name, "SIZE") == 0 ||
		    strncmp(name, "TARGET_", 7) == 0 ||
		    strcmp(name, "TOO_MANY") == 0)
			continue;
		fuzz_ok(details[i] > 0, "mutations reach %s (%u times)", name,
			details[i]);
	}
}

const struct fuzz_target fuzz_target = {
	.name = "manifest",
	.runs = 50000,
	.long_runs = 2000000,
	.size_max = TEXT_MAX,
	.seed_count = sizeof(seeds) / sizeof(seeds[0]),
	.seed = seed,
	.mutate = fuzz_mutate_text,
	.words = { words, sizeof(words) / sizeof(words[0]) },
	.run = run,
	.report = report,
};
