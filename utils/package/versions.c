/* SPDX-License-Identifier: BSD-2-Clause */
#include "versions.h"

#include "hex.h"
#include "report.h"
#include "store.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Index of the first row that is not before the name. */
static uint32_t place_of(const struct versions *versions, const char *name)
{
	uint32_t low = 0;
	uint32_t high = versions->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(versions->rows[middle].ref.name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct version_row *versions_find(const struct versions *versions,
					const char *name)
{
	uint32_t at = place_of(versions, name);

	if (at == versions->count ||
	    strcmp(versions->rows[at].ref.name, name) != 0)
		return NULL;
	return &versions->rows[at];
}

bool version_row_equal(const struct version_row *left,
		       const struct version_row *right)
{
	return package_ref_compare(&left->ref, &right->ref) == 0 &&
	       left->id_known == right->id_known &&
	       (!left->id_known ||
		memcmp(left->package_id, right->package_id, 32) == 0);
}

/** Room for one more, at the end. */
static bool grow(struct versions *versions)
{
	struct version_row *rows;

	/* Whenever the count is a power of two, it is twice as many. */
	if (versions->count & (versions->count - 1))
		return true;
	rows = realloc(versions->rows,
		       2 * ((size_t)versions->count + 1) * sizeof(*rows));
	if (rows)
		versions->rows = rows;
	return rows != NULL;
}

bool versions_set(const struct store *store, struct versions *versions,
		  const struct version_row *row)
{
	uint32_t at = place_of(versions, row->ref.name);

	if (!versions_find(versions, row->ref.name)) {
		if (!grow(versions))
			return memory_error(store->options, store->place);
		memmove(versions->rows + at + 1, versions->rows + at,
			(versions->count - at) * sizeof(*row));
		versions->count++;
	}
	versions->rows[at] = *row;
	return true;
}

/** "NAME VERSION PACKAGE_ID", size bytes. */
static bool parse_line(const char *line, size_t size,
		       struct version_row *out_row)
{
	const char *first = memchr(line, ' ', size);
	const char *second = first ? memchr(first + 1, ' ',
					    size - (size_t)(first + 1 - line))
				   : NULL;
	size_t left;

	if (!second || !package_name_valid(line, (size_t)(first - line)))
		return false;
	*out_row = (struct version_row){ .ref.has_version = true };
	memcpy(out_row->ref.name, line, (size_t)(first - line));
	left = size - (size_t)(second + 1 - line);
	out_row->id_known = left != 1 || second[1] != '-';
	return version_read(first + 1, (size_t)(second - first - 1),
			    out_row->ref.version) &&
	       (!out_row->id_known ||
		hex_read(second + 1, left, out_row->package_id, 32));
}

static bool is_behind(const struct versions *versions,
		      const struct version_row *row)
{
	return !versions->count ||
	       strcmp(versions->rows[versions->count - 1].ref.name,
		      row->ref.name) < 0;
}

uint32_t versions_parse(const char *text, size_t size,
			struct versions *out_versions)
{
	const size_t head = strlen(VERSIONS_HEAD);
	uint32_t line = 1;

	*out_versions = (struct versions){ .rows = NULL };
	if (size < head || memcmp(text, VERSIONS_HEAD, head) != 0)
		return line;
	for (size_t at = head; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		struct version_row row;

		line++;
		if (!end ||
		    !parse_line(text + at, (size_t)(end - text) - at, &row) ||
		    !is_behind(out_versions, &row))
			return line;
		if (!grow(out_versions))
			return UINT32_MAX;
		out_versions->rows[out_versions->count++] = row;
		at = (size_t)(end - text) + 1;
	}
	return 0;
}

/** All of it; *out_text is the caller's. */
static bool read_text(const struct store *store, int fd, char **out_text,
		      size_t *out_size)
{
	const char *path = store_path(store, STORE_VERSIONS);
	struct stat info;
	ssize_t size;
	char *text;

	if (fstat(fd, &info) != 0)
		return system_error(store->options, "look at", path);
	if (info.st_size > VERSIONS_SIZE_MAX)
		return store_refused(store, STORE_VERSIONS, "too large");
	text = malloc((size_t)info.st_size + 1);
	if (!text)
		return memory_error(store->options, path);
	size = read_full(fd, text, (size_t)info.st_size);
	if (size < 0) {
		free(text);
		return system_error(store->options, "read", path);
	}
	*out_text = text;
	*out_size = (size_t)size;
	return true;
}

static bool parse(const struct store *store, const char *text, size_t size,
		  struct versions *out_versions)
{
	uint32_t line = versions_parse(text, size, out_versions);

	if (line == 0)
		return true;
	versions_fini(out_versions);
	if (line == UINT32_MAX)
		return memory_error(store->options, store->place);
	return tool_error(store->options, EPK_ERR_STORE,
			  store_path(store, STORE_VERSIONS),
			  "line %u; put back what package wrote: without the "
			  "file removed packages are forgotten, and nothing "
			  "keeps older ones out",
			  line);
}

bool versions_load(const struct store *store, struct versions *out_versions)
{
	struct stat info;
	char *text = NULL;
	size_t size = 0;
	bool good;
	int fd;

	*out_versions = (struct versions){ .rows = NULL };
	if (store->folder < 0 || (fstatat(store->folder, STORE_VERSIONS, &info,
					  AT_SYMLINK_NOFOLLOW) != 0 &&
				  errno == ENOENT))
		return true;
	fd = store_open_file(store, STORE_VERSIONS);
	if (fd < 0)
		return false;
	good = read_text(store, fd, &text, &size);
	close(fd);
	if (!good)
		return false;
	good = parse(store, text, size, out_versions);
	free(text);
	return good;
}

void versions_fini(struct versions *versions)
{
	free(versions->rows);
	*versions = (struct versions){ .rows = NULL };
}

static size_t write_row(const struct version_row *row, char *to)
{
	char version[PACKAGE_VERSION_SIZE];
	char id[2 * 32 + 1] = "-";

	version_write(row->ref.version, version);
	if (row->id_known)
		hex_write(row->package_id, 32, id);
	return (size_t)sprintf(to, "%s %s %s\n", row->ref.name, version, id);
}

/** *out_text is the caller's; NULL: memory is short. */
static size_t write_text(const struct versions *versions, char **out_text)
{
	const size_t row_max = PACKAGE_REF_SIZE + 2 * 32 + 4;
	const size_t head = strlen(VERSIONS_HEAD);
	char *text = malloc(head + versions->count * row_max + 1);
	size_t size = head;

	*out_text = text;
	if (!text)
		return 0;
	memcpy(text, VERSIONS_HEAD, head + 1);
	for (uint32_t i = 0; i < versions->count; i++)
		size += write_row(&versions->rows[i], text + size);
	return size;
}

bool versions_save(const struct store *store, const struct versions *versions)
{
	struct store_new new_;
	char *text;
	size_t size = write_text(versions, &text);
	bool good;

	if (!text)
		return memory_error(store->options, store->place);
	good = store_new_create(store, &new_);
	if (good && !write_all(new_.fd, text, size)) {
		good = system_error(store->options, "write",
				    store_path(store, STORE_VERSIONS));
		store_new_discard(store, &new_);
	}
	good = good && store_new_commit(store, &new_, STORE_VERSIONS, 0644);
	free(text);
	return good;
}
