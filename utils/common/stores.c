/* SPDX-License-Identifier: BSD-2-Clause */
#include "stores.h"

#include "options.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef EPK_SYSTEM_TRUST
#define EPK_SYSTEM_TRUST "/etc/epk/trust"
#endif

/** NULL if there is no home, or none that is absolute. */
static const char *user_folder(void)
{
	static char path[STORE_PATH_MAX];
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *below = "epk/trust";
	int size;

	if (!base || *base != '/') {
		base = getenv("HOME");
		below = ".config/epk/trust";
	}
	if (!base || *base != '/')
		return NULL;
	size = snprintf(path, sizeof(path), "%s/%s", base, below);
	return size > 0 && (size_t)size < sizeof(path) ? path : NULL;
}

const char *store_folder(const struct options *options, uint32_t index)
{
	const char *folders[2] = { NULL, NULL };
	uint32_t count = 0;

	if (options->trust.count)
		return index < options->trust.count
			       ? options->trust.values[index]
			       : NULL;
	/* What root trusts is for everybody. */
	if (geteuid() != 0)
		folders[count] = user_folder();
	count += folders[count] != NULL;
	folders[count++] = EPK_SYSTEM_TRUST;
	if (geteuid() == 0) {
		folders[count] = user_folder();
		count += folders[count] != NULL;
	}
	return index < count ? folders[index] : NULL;
}

const char *store_places(const struct options *options)
{
	static char text[STORE_PATH_MAX];
	size_t size = 0;

	text[0] = '\0';
	for (uint32_t i = 0; store_folder(options, i); i++) {
		int more = snprintf(text + size, sizeof(text) - size, "%s%s",
				    i ? ", " : "", store_folder(options, i));

		if (more < 0 || (size_t)more >= sizeof(text) - size)
			break;
		size += (size_t)more;
	}
	return text;
}

static bool report_problem(const struct options *options, epk_status_t status,
			   const char *folder,
			   const struct epk_trust_problem *problem)
{
	char file[STORE_PATH_MAX + 256];

	snprintf(file, sizeof(file), "%s%s%s", folder,
		 *problem->file ? "/" : "", problem->file);
	if (problem->system) {
		errno = problem->system;
		return system_error(options, "read the trust store", file);
	}
	if (problem->line)
		return tool_error(options, status, file,
				  "line %u: %s; mend or remove the file, until "
				  "then nothing is trusted",
				  problem->line, problem->reason);
	return tool_error(options, status, file,
			  "%s; mend or remove it, until then nothing is "
			  "trusted",
			  problem->reason);
}

static bool load_folder(const struct options *options, const char *folder,
			bool may_miss, struct epk_trust_store *store)
{
	struct epk_trust_problem problem;
	epk_status_t status =
		epk_trust_store_add_folder(store, folder, &problem);

	if (status == EPK_ERR_NOT_FOUND && may_miss)
		return true;
	if (status == EPK_ERR_NOT_FOUND)
		return tool_error(options, status, folder,
				  "epk trust add makes a trust store");
	if (status)
		return report_problem(options, status, folder, &problem);
	return true;
}

bool stores_load(const struct options *options, bool may_miss,
		 struct epk_trust_store **out_store)
{
	struct epk_trust_store *store = NULL;
	const char *folder;
	bool good = true;

	if (epk_trust_store_create((uint64_t)time(NULL), &store))
		return memory_error(options, NULL);
	for (uint32_t i = 0; good && (folder = store_folder(options, i)); i++)
		good = load_folder(options, folder,
				   may_miss || !options->trust.count, store);
	if (good)
		*out_store = store;
	else
		epk_trust_store_destroy(store);
	return good;
}
