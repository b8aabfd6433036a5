/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of -o: what libfuse and the kernel know and an image can bear.
 * Words that only fstab and mount(8) use are left out. */
#define _GNU_SOURCE
#include "mount_server.h"

#include "options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

struct word {
	const char *name; /* with "=": a value follows; with "*": anything */
	bool passed;	  /* to libfuse */
};

static const struct word words[] = {
	{ "allow_other", true },  { "allow_root", true },
	{ "async", true },	  { "atime", true },
	{ "auto_unmount", true }, { "default_permissions", false },
	{ "defaults", false },	  { "diratime", true },
	{ "exec", true },	  { "fsname=", true },
	{ "max_read=", true },	  { "noatime", true },
	{ "noauto", false },	  { "nodev", true },
	{ "nodiratime", true },	  { "noexec", true },
	{ "nofail", false },	  { "nosuid", true },
	{ "nouser", false },	  { "ro", false },
	{ "user", false },	  { "users", false },
	{ "_netdev", false },	  { "x-*", false },
};

static bool matches(const char *name, const char *text, size_t size)
{
	size_t length = strlen(name);

	if (name[length - 1] == '=')
		return size > length && memcmp(name, text, length) == 0;
	if (name[length - 1] == '*')
		return size >= length && memcmp(name, text, length - 1) == 0;
	return size == length && memcmp(name, text, length) == 0;
}

static const struct word *find(const char *text, size_t size)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (matches(words[i].name, text, size))
			return &words[i];
	return NULL;
}

static bool refuse(const struct options *options, const char *text, size_t size)
{
	if (size == 2 && memcmp(text, "rw", 2) == 0)
		return usage_error(options,
				   "-o rw: an image cannot be written");
	return usage_error(options, "-o: \"%.*s\" is no mount option of epk",
			   (int)size, text);
}

/* `out` has room for every word and a comma each. */
static void append_word(char *out, const char *word, size_t size)
{
	size_t end = strlen(out);

	if (end > 0)
		out[end++] = ',';
	memcpy(out + end, word, size);
	out[end + size] = '\0';
}

/* Appends the words of one -o that are passed on. */
static bool parse_one(const struct options *options, const char *text,
		      char *out)
{
	while (*text) {
		size_t size = strcspn(text, ",");
		const struct word *word = find(text, size);

		if (size && !word)
			return refuse(options, text, size);
		if (size && word->passed)
			append_word(out, text, size);
		text += size;
		text += *text == ',';
	}
	return true;
}

bool mount_options_parse(const struct mount_server *server, char **out_words)
{
	const struct option_list *list = &server->words;
	const struct options *options = server->options;
	size_t size = 1;
	char *out;

	for (uint32_t i = 0; i < list->count; i++)
		size += strlen(list->values[i]) + 1;
	out = calloc(size, 1);
	if (!out)
		return memory_error(options, NULL);
	for (uint32_t i = 0; i < list->count; i++) {
		if (!parse_one(options, list->values[i], out)) {
			free(out);
			return false;
		}
	}
	*out_words = out;
	return true;
}
