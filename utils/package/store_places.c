/* SPDX-License-Identifier: BSD-2-Clause */
#include "store.h"

#include "options.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef NEXUS_SYSTEM_PACKAGES
#define NEXUS_SYSTEM_PACKAGES "/var/lib/nexus/packages"
#endif

const char *user_data_place(const char *below)
{
	static char path[STORE_PLACE_MAX];
	const char *base = getenv("XDG_DATA_HOME");
	const char *share = "";
	int size;

	if (!base || *base != '/') {
		base = getenv("HOME");
		share = "/.local/share";
	}
	if (!base || *base != '/')
		return NULL;
	size = snprintf(path, sizeof(path), "%s%s/nexus/%s", base, share,
			below);
	return size > 0 && (size_t)size < sizeof(path) ? path : NULL;
}

const char *store_place(const struct options *options, uint32_t index)
{
	const char *user;

	if (options->place)
		return index == 0 ? options->place : NULL;
	user = user_data_place("packages");
	if (user && index == 0)
		return user;
	return index == (user ? 1u : 0u) ? NEXUS_SYSTEM_PACKAGES : NULL;
}

const char *store_place_to_change(const struct options *options)
{
	const char *place = options->place;

	if (!place)
		place = geteuid() == 0 ? NEXUS_SYSTEM_PACKAGES
				       : user_data_place("packages");
	if (!place)
		usage_error(options, "there is no $HOME: name the --store");
	return place;
}

const char *store_place_words(const struct options *options)
{
	static char text[2 * STORE_PLACE_MAX + 8];
	size_t size = 0;
	const char *place;

	for (uint32_t i = 0; (place = store_place(options, i)); i++) {
		int more = snprintf(text + size, sizeof(text) - size, "%s%s",
				    i ? ", " : "", place);

		if (more < 0 || (size_t)more >= sizeof(text) - size)
			break;
		size += (size_t)more;
	}
	return text;
}
