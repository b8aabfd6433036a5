/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder of entries. Fails closed: a file that is there and not understood
 * may be the one that revokes a key. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust_internal.h"

/* Of a folder: more names than a store has entries is no trust store. */
struct names {
	char *names[EPK_TRUST_ENTRIES_MAX];
	uint32_t count;
};

static epk_status_t refuse(struct epk_trust_problem *problem,
			   epk_status_t status, const char *reason)
{
	epk_trust_tell(problem, 0, 0, reason);
	return status;
}

static epk_status_t system_failed(struct epk_trust_problem *problem,
				  const char *reason)
{
	epk_trust_tell(problem, 0, errno, reason);
	return EPK_ERR_IO;
}

/* At most size_max + 1 bytes, so that more is seen. */
static ssize_t read_text(int fd, char *text, size_t capacity)
{
	size_t size = 0;

	while (size < capacity) {
		const ssize_t count = read(fd, text + size, capacity - size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		size += (size_t)count;
	}
	return (ssize_t)size;
}

static epk_status_t read_open(int fd, struct epk_trust_problem *problem,
			      struct epk_trust_entry *out_entry)
{
	char text[EPK_TRUST_ENTRY_SIZE_MAX + 1];
	struct stat info;
	ssize_t size;

	if (fstat(fd, &info) != 0)
		return system_failed(problem, "cannot look at it");
	if (!S_ISREG(info.st_mode))
		return refuse(problem, EPK_ERR_TRUST, "this is no file");
	size = read_text(fd, text, sizeof(text));
	if (size < 0)
		return system_failed(problem, "cannot read it");
	return epk_trust_entry_read(text, (size_t)size, problem, out_entry);
}

static bool is_entry_name(const char *name)
{
	const size_t size = strlen(name);
	const size_t suffix = sizeof(EPK_TRUST_SUFFIX) - 1;

	return size > suffix &&
	       strcmp(name + size - suffix, EPK_TRUST_SUFFIX) == 0;
}

static epk_status_t read_named(int folder, const char *name,
			       struct epk_trust_problem *problem,
			       struct epk_trust_entry *out_entry)
{
	epk_status_t status;
	int fd;

	(void)snprintf(problem->file, sizeof(problem->file), "%s", name);
	if (!is_entry_name(name))
		return refuse(problem, EPK_ERR_TRUST,
			      "its name does not end in .trust");
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return system_failed(problem, "cannot open it");
	status = read_open(fd, problem, out_entry);
	(void)close(fd);
	return status;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static epk_status_t list_names(DIR *folder, struct names *names,
			       struct epk_trust_problem *problem)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (names->count == EPK_TRUST_ENTRIES_MAX)
			return refuse(problem, EPK_ERR_LIMIT,
				      "more than 1,024 entries");
		names->names[names->count] = strdup(entry->d_name);
		if (names->names[names->count] == NULL)
			return refuse(problem, EPK_ERR_NO_MEMORY,
				      "memory is short");
		names->count++;
	}
	if (errno != 0)
		return system_failed(problem, "cannot list it");
	qsort(names->names, names->count, sizeof(names->names[0]),
	      compare_names);
	return EPK_OK;
}

static epk_status_t add_named(struct epk_trust_store *store, const char *folder,
			      const char *name,
			      const struct epk_trust_entry *entry,
			      struct epk_trust_problem *problem)
{
	const size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);
	epk_status_t status = EPK_ERR_NO_MEMORY;

	if (path != NULL) {
		(void)snprintf(path, size, "%s/%s", folder, name);
		status = epk_trust_record(store, entry, path);
		free(path);
	}
	if (status != EPK_OK)
		return refuse(problem, status,
			      status == EPK_ERR_LIMIT
				      ? "more than 1,024 entries in all"
				      : "memory is short");
	return EPK_OK;
}

/* All are read before the first is added. */
static epk_status_t add_all(struct epk_trust_store *store, const char *path,
			    DIR *folder, const struct names *names,
			    struct epk_trust_problem *problem)
{
	struct epk_trust_entry *entries;
	epk_status_t status = EPK_OK;

	if (names->count == 0)
		return EPK_OK;
	entries = calloc(names->count, sizeof(*entries));
	if (entries == NULL)
		return refuse(problem, EPK_ERR_NO_MEMORY, "memory is short");
	for (uint32_t i = 0; i < names->count && status == EPK_OK; i++)
		status = read_named(dirfd(folder), names->names[i], problem,
				    &entries[i]);
	for (uint32_t i = 0; i < names->count && status == EPK_OK; i++)
		status = add_named(store, path, names->names[i], &entries[i],
				   problem);
	free(entries);
	return status;
}

epk_status_t epk_trust_store_add_folder(struct epk_trust_store *store,
					const char *folder,
					struct epk_trust_problem *out_problem)
{
	struct names *names;
	epk_status_t status;
	DIR *handle;

	if (store == NULL || folder == NULL || out_problem == NULL)
		return EPK_ERR_INVALID;
	*out_problem = (struct epk_trust_problem){ .reason = "" };
	handle = opendir(folder);
	if (handle == NULL) {
		status = system_failed(out_problem, "cannot open it");
		return errno == ENOENT ? EPK_ERR_NOT_FOUND : status;
	}
	names = calloc(1, sizeof(*names));
	status = names != NULL ? list_names(handle, names, out_problem)
			       : refuse(out_problem, EPK_ERR_NO_MEMORY,
					"memory is short");
	if (status == EPK_OK)
		status = add_all(store, folder, handle, names, out_problem);
	for (uint32_t i = 0; names != NULL && i < names->count; i++)
		free(names->names[i]);
	free(names);
	(void)closedir(handle);
	return status;
}
