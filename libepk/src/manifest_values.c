/* SPDX-License-Identifier: BSD-2-Clause */
/* What the strings of a manifest say: required keys, then values, in the
 * order of section 8. */
#include "manifest_internal.h"

static const char *const arch_names[EPK_ARCH_COUNT] = {
	[EPK_ARCH_ANY] = "any",		[EPK_ARCH_RISCV64] = "riscv64",
	[EPK_ARCH_X86_64] = "x86-64",	[EPK_ARCH_X86_32] = "x86-32",
	[EPK_ARCH_AARCH64] = "aarch64",
};

const char *epk_arch_name(uint32_t arch)
{
	return arch < EPK_ARCH_COUNT ? arch_names[arch] : "unknown";
}

static bool is_digit(int letter)
{
	return letter >= '0' && letter <= '9';
}

static bool is_small(int letter)
{
	return (letter >= 'a' && letter <= 'z') || is_digit(letter);
}

/* [a-z0-9]+([.-][a-z0-9]+)*, 1..64 bytes */
static bool is_identifier(const struct epk_manifest *manifest,
			  const struct epk_string *string)
{
	struct epk_letters letters = epk_letters_of(manifest, string);
	bool after_letter = false;
	uint32_t size = 0;
	int letter;

	while ((letter = epk_letters_next(&letters)) != EPK_SCAN_STOP) {
		const bool joint = letter == '.' || letter == '-';

		if (++size > EPK_IDENTIFIER_MAX ||
		    !(is_small(letter) || (joint && after_letter)))
			return false;
		after_letter = !joint;
	}
	return after_letter;
}

/* [a-z0-9][a-z0-9._-]{0,63} */
static bool is_command(const struct epk_manifest *manifest,
		       const struct epk_string *string)
{
	struct epk_letters letters = epk_letters_of(manifest, string);
	uint32_t size = 0;
	int letter;

	while ((letter = epk_letters_next(&letters)) != EPK_SCAN_STOP) {
		const bool mark =
			letter == '.' || letter == '_' || letter == '-';

		if (++size > EPK_IDENTIFIER_MAX ||
		    !(is_small(letter) || (mark && size > 1)))
			return false;
	}
	return size > 0;
}

/*
 * A decimal u32 without leading zeros; *last is the letter behind it.
 */
static bool take_number(struct epk_letters *letters, uint32_t *out_number,
			int *out_last)
{
	int letter = epk_letters_next(letters);
	const bool zero = letter == '0';
	uint64_t number = 0;
	uint32_t digits = 0;

	while (is_digit(letter) && digits < 11) {
		number = number * 10 + (uint64_t)(letter - '0');
		digits++;
		letter = epk_letters_next(letters);
	}
	*out_last = letter;
	*out_number = (uint32_t)number;
	return digits != 0 && number <= UINT32_MAX && !(zero && digits > 1);
}

/* Exactly count numbers joined by dots, to the end. */
static bool take_numbers(struct epk_letters *letters, uint32_t *numbers,
			 uint32_t count)
{
	int last = EPK_SCAN_STOP;

	for (uint32_t i = 0; i < count; i++) {
		if (!take_number(letters, &numbers[i], &last))
			return false;
		if (i + 1 < count && last != '.')
			return false;
	}
	return last == EPK_SCAN_STOP;
}

static bool take_arch(struct epk_manifest *manifest)
{
	const struct epk_string *string = &manifest->keys[EPK_KEY_ARCH];

	for (uint32_t i = 0; i < EPK_ARCH_COUNT; i++) {
		size_t size = 0;

		while (arch_names[i][size] != '\0')
			size++;
		if (epk_string_equals(manifest, string, arch_names[i], size)) {
			manifest->arch = i;
			return true;
		}
	}
	return false;
}

static bool take_kernel(struct epk_manifest *manifest)
{
	static const char prefix[] = "linux-";
	const struct epk_string *string = &manifest->keys[EPK_KEY_KERNEL_API];
	struct epk_letters letters = epk_letters_of(manifest, string);
	struct epk_letters ahead = letters;
	uint32_t numbers[2];
	size_t same = 0;

	while (same < sizeof(prefix) - 1 &&
	       epk_letters_next(&ahead) == prefix[same])
		same++;
	manifest->kernel = EPK_KERNEL_NEXUS;
	if (same == sizeof(prefix) - 1) {
		manifest->kernel = EPK_KERNEL_LINUX;
		letters = ahead;
	}
	if (!take_numbers(&letters, numbers, 2))
		return false;
	manifest->kernel_major = numbers[0];
	manifest->kernel_minor = numbers[1];
	return true;
}

static bool take_version(struct epk_manifest *manifest)
{
	struct epk_letters letters =
		epk_letters_of(manifest, &manifest->keys[EPK_KEY_VERSION]);

	return take_numbers(&letters, manifest->version, 3);
}

/* One name of a path: reads on to a slash (*more) or the end. */
static bool take_name(struct epk_letters *letters, bool *more)
{
	uint32_t size = 0;
	bool dots = true;
	int letter;

	while ((letter = epk_letters_next(letters)) != EPK_SCAN_STOP &&
	       letter != '/') {
		if (letter < 0x20 || letter == 0x7f || ++size > EPK_NAME_MAX)
			return false;
		dots = dots && letter == '.';
	}
	*more = letter == '/';
	return size > 0 && !(dots && size <= 2);
}

/* The text is UTF-8 and a line is short; the rest of the rule is here. */
static bool is_path(const struct epk_manifest *manifest,
		    const struct epk_string *string)
{
	struct epk_letters letters = epk_letters_of(manifest, string);
	bool more = epk_letters_next(&letters) == '/';

	if (!more)
		return false;
	while (more) {
		if (!take_name(&letters, &more))
			return false;
	}
	return true;
}

static void refuse(struct epk_scan *scan, uint32_t detail,
		   const struct epk_string *where)
{
	epk_scan_fail_at(scan, detail, where->line, where->column);
}

static void check_missing(struct epk_scan *scan,
			  const struct epk_manifest *manifest)
{
	static const uint32_t details[] = {
		[EPK_KEY_NAME] = EPK_MANIFEST_NO_NAME,
		[EPK_KEY_VERSION] = EPK_MANIFEST_NO_VERSION,
		[EPK_KEY_ARCH] = EPK_MANIFEST_NO_ARCH,
		[EPK_KEY_KERNEL_API] = EPK_MANIFEST_NO_KERNEL_API,
	};

	for (size_t i = EPK_KEY_NAME; i <= EPK_KEY_KERNEL_API; i++) {
		if (!epk_string_present(&manifest->keys[i]))
			epk_scan_fail_at(scan, details[i], 0, 0);
	}
}

static void check_identifiers(struct epk_scan *scan,
			      struct epk_manifest *manifest)
{
	const struct epk_string *keys = manifest->keys;

	if (!is_identifier(manifest, &keys[EPK_KEY_NAME]))
		refuse(scan, EPK_MANIFEST_BAD_NAME, &keys[EPK_KEY_NAME]);
	for (uint32_t i = 0; i < manifest->permission_count; i++) {
		const struct epk_string *key = &manifest->permissions[i].key;

		if (!is_identifier(manifest, key))
			refuse(scan, EPK_MANIFEST_BAD_CAPABILITY, key);
	}
}

static void check_numbers(struct epk_scan *scan, struct epk_manifest *manifest)
{
	const struct epk_string *keys = manifest->keys;

	if (!take_version(manifest))
		refuse(scan, EPK_MANIFEST_BAD_VERSION, &keys[EPK_KEY_VERSION]);
	if (!take_arch(manifest))
		refuse(scan, EPK_MANIFEST_BAD_ARCH, &keys[EPK_KEY_ARCH]);
	if (!take_kernel(manifest))
		refuse(scan, EPK_MANIFEST_BAD_KERNEL_API,
		       &keys[EPK_KEY_KERNEL_API]);
}

static void check_paths(struct epk_scan *scan,
			const struct epk_manifest *manifest)
{
	const struct epk_string *entry = &manifest->keys[EPK_KEY_ENTRY];

	for (uint32_t i = 0; i < manifest->command_count; i++) {
		const struct epk_string *key = &manifest->commands[i].key;

		if (!is_command(manifest, key))
			refuse(scan, EPK_MANIFEST_BAD_COMMAND, key);
	}
	if (epk_string_present(entry) && !is_path(manifest, entry))
		refuse(scan, EPK_MANIFEST_BAD_PATH, entry);
	for (uint32_t i = 0; i < manifest->command_count; i++) {
		const struct epk_string *path = &manifest->commands[i].value;

		if (!is_path(manifest, path))
			refuse(scan, EPK_MANIFEST_BAD_PATH, path);
	}
}

void epk_manifest_values(struct epk_scan *scan, struct epk_manifest *manifest)
{
	check_missing(scan, manifest);
	if (scan->detail != EPK_MANIFEST_OK)
		return;
	check_identifiers(scan, manifest);
	check_numbers(scan, manifest);
	check_paths(scan, manifest);
}
