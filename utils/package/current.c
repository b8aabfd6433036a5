/* SPDX-License-Identifier: BSD-2-Clause */
/* Which package a name alone means, in all stores. */
#include "find.h"

#include "options.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* The user's and the system's. */
#define STORES_MAX 2

struct stores_read {
	struct store store[STORES_MAX];
	struct store_refs refs[STORES_MAX];
	uint32_t count;
};

static bool is_shadowed(const struct stores_read *stores, uint32_t index,
			const struct package_ref *ref)
{
	struct package_ref name = *ref;

	name.has_version = false;
	for (uint32_t i = 0; i < index; i++) {
		if (store_refs_find(&stores->refs[i], &name))
			return true;
	}
	return false;
}

static bool visit_store(const struct stores_read *stores, uint32_t index,
			bool (*visit)(void *context, const struct store *store,
				      const struct package_ref *ref),
			void *context)
{
	const struct store_refs *refs = &stores->refs[index];

	for (uint32_t i = 0; i < refs->count; i++) {
		if (!store_refs_is_current(refs, i) ||
		    is_shadowed(stores, index, &refs->rows[i]))
			continue;
		if (!visit(context, &stores->store[index], &refs->rows[i]))
			return false;
	}
	return true;
}

static bool read_stores(const struct options *options,
			struct stores_read *stores)
{
	const char *place;

	while (stores->count < STORES_MAX &&
	       (place = store_place(options, stores->count))) {
		struct store *store = &stores->store[stores->count];

		if (!store_open(store, options, place))
			return false;
		if (!store_refs_load(store, &stores->refs[stores->count])) {
			store_close(store);
			return false;
		}
		stores->count++;
	}
	return true;
}

bool each_current(const struct options *options,
		  bool (*visit)(void *context, const struct store *store,
				const struct package_ref *ref),
		  void *context)
{
	struct stores_read stores = { .count = 0 };
	bool good = read_stores(options, &stores);

	for (uint32_t i = 0; good && i < stores.count; i++)
		good = visit_store(&stores, i, visit, context);
	for (uint32_t i = 0; i < stores.count; i++) {
		store_refs_fini(&stores.refs[i]);
		store_close(&stores.store[i]);
	}
	return good;
}
