/* SPDX-License-Identifier: BSD-2-Clause */
#include "store.h"

#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool visit_all(DIR *stream,
		      bool (*visit)(void *context, const char *file),
		      void *context)
{
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(stream);
		if (!entry)
			return errno == 0;
		if (!is_dots(entry->d_name) && !visit(context, entry->d_name))
			return true;
	}
}

bool store_scan(const struct store *store,
		bool (*visit)(void *context, const char *file), void *context)
{
	DIR *stream = NULL;
	bool good;
	int fd;

	if (store->folder < 0)
		return true;
	fd = openat(store->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		stream = fdopendir(fd);
	if (!stream && fd >= 0)
		close(fd);
	good = stream && visit_all(stream, visit, context);
	if (!good)
		system_error(store->options, "read the folder", store->place);
	if (stream)
		closedir(stream);
	return good;
}

struct collector {
	struct store_refs refs;
	uint32_t room;
	epk_status_t status;
};

static bool grow(struct collector *collector)
{
	uint32_t room = collector->room ? 2 * collector->room : 16;
	struct package_ref *rows;

	if (collector->refs.count < collector->room)
		return true;
	collector->status = EPK_ERR_LIMIT;
	if (room > STORE_PACKAGES_MAX)
		return false;
	collector->status = EPK_ERR_NO_MEMORY;
	rows = realloc(collector->refs.rows, room * sizeof(*rows));
	if (!rows)
		return false;
	collector->status = EPK_OK;
	collector->refs.rows = rows;
	collector->room = room;
	return true;
}

static bool collect(void *context, const char *file)
{
	struct collector *collector = context;
	struct package_ref ref;

	if (!package_file_read(file, &ref))
		return true;
	if (!grow(collector))
		return false;
	collector->refs.rows[collector->refs.count++] = ref;
	return true;
}

static int compare(const void *left, const void *right)
{
	return package_ref_compare(left, right);
}

bool store_refs_load(const struct store *store, struct store_refs *out_refs)
{
	struct collector collector = { .room = 0 };
	bool good = store_scan(store, collect, &collector);

	if (good && collector.status)
		good = tool_error(store->options, collector.status,
				  store->place,
				  "there are too many packages in the store");
	if (!good) {
		free(collector.refs.rows);
		return false;
	}
	*out_refs = collector.refs;
	if (out_refs->count)
		qsort(out_refs->rows, out_refs->count, sizeof(*out_refs->rows),
		      compare);
	return true;
}

void store_refs_fini(struct store_refs *refs)
{
	free(refs->rows);
	*refs = (struct store_refs){ .rows = NULL };
}

bool store_refs_is_current(const struct store_refs *refs, uint32_t index)
{
	return index + 1 == refs->count ||
	       strcmp(refs->rows[index].name, refs->rows[index + 1].name) != 0;
}

/** As rows are sorted; a name alone is behind all of its versions. */
static bool is_behind(const struct package_ref *row,
		      const struct package_ref *wanted)
{
	int order = strcmp(row->name, wanted->name);

	if (order == 0 && wanted->has_version)
		order = version_compare(row->version, wanted->version);
	return order > 0;
}

const struct package_ref *store_refs_find(const struct store_refs *refs,
					  const struct package_ref *ref)
{
	const struct package_ref *row;
	uint32_t low = 0;
	uint32_t high = refs->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (is_behind(&refs->rows[middle], ref))
			high = middle;
		else
			low = middle + 1;
	}
	if (low == 0)
		return NULL;
	row = &refs->rows[low - 1];
	if (strcmp(row->name, ref->name) != 0 ||
	    (ref->has_version &&
	     version_compare(row->version, ref->version) != 0))
		return NULL;
	return row;
}
