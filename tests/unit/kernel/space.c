/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces against a table of pages: where first fit puts things,
 * what is mapped where, and that records and page tables never differ. */
#include "fake.h"

#define STEPS 40000
#define MAPPINGS_MAX 300
#define VMO_PAGES 24
/* The model's pages: the last of the fixed part, then those the kernel
 * picks from. */
#define FIXED_PAGES 400
#define MODEL_PAGES 8192

struct model_mapping {
	uint64_t page; /* from the lower end of the model */
	uint64_t count;
	uint64_t offset;
	struct vmo *vmo;
	uint32_t access;
};

static struct model_mapping mappings[MAPPINGS_MAX];
static unsigned mapping_count;
static struct process *process;
static struct space *space;
static struct vmo *vmos[3];
static nx_uaddr_t model_low;

static nx_uaddr_t address_of(uint64_t page)
{
	return model_low + page * NX_PAGE_SIZE;
}

static bool overlaps(uint64_t page, uint64_t count)
{
	for (unsigned i = 0; i < mapping_count; i++)
		if (page < mappings[i].page + mappings[i].count &&
		    mappings[i].page < page + count)
			return true;
	return false;
}

/* The lowest page where count pages fit, one free before and behind. */
static uint64_t model_pick(uint64_t count)
{
	uint64_t page = FIXED_PAGES;

	while (overlaps(page - 1, count + 2))
		page++;
	return page;
}

static void model_add(uint64_t page, uint64_t count, uint64_t offset,
		      struct vmo *vmo, uint32_t access)
{
	mappings[mapping_count++] =
		(struct model_mapping){ page, count, offset, vmo, access };
}

static bool step_map(bool fixed)
{
	static const uint32_t accesses[] = { NX_MAP_READ,
					     NX_MAP_READ | NX_MAP_WRITE,
					     NX_MAP_READ | NX_MAP_EXEC };
	unsigned which = (unsigned)fake_random(3);
	struct vmo *vmo = vmos[which];
	uint32_t access = accesses[which];
	uint64_t offset = fake_random(VMO_PAGES);
	uint64_t count = 1 + fake_random(VMO_PAGES - offset);
	uint64_t page = model_pick(count);
	nx_uaddr_t address, wanted = address_of(page);
	uint64_t at = 0;
	nx_status_t status;

	if (fixed) {
		at = SPACE_FIXED_HIGH - (1 + fake_random(200)) * NX_PAGE_SIZE;
		wanted = FAKE_SPACE_BASE + at;
		page = (wanted - model_low) / NX_PAGE_SIZE;
	}
	status = space_map(space, vmo, NULL, offset * NX_PAGE_SIZE,
			   count * NX_PAGE_SIZE,
			   access | (fixed ? NX_MAP_FIXED : 0), at, &address);
	if (fixed && at + count * NX_PAGE_SIZE > SPACE_FIXED_HIGH)
		return status == NX_ERR_OUT_OF_RANGE;
	if (fixed && overlaps(page, count))
		return status == NX_ERR_ALREADY_EXISTS;
	if (status != NX_OK || address != wanted)
		return false;
	model_add(page, count, offset, vmo, access);
	return true;
}

static bool step_protect(void)
{
	unsigned i = (unsigned)fake_random(mapping_count);
	struct model_mapping *mapping = &mappings[i];
	uint32_t access = (uint32_t)fake_random(8);
	uint64_t count = mapping->count;
	nx_status_t status;

	if (fake_random(10) == 0)
		count++; /* not the range of the map */
	status = space_protect(space, address_of(mapping->page),
			       count * NX_PAGE_SIZE, access);
	if ((access & NX_MAP_WRITE) != 0 &&
	    access != (NX_MAP_READ | NX_MAP_WRITE))
		return status == NX_ERR_INVALID_ARGS;
	if (count != mapping->count)
		return status == NX_ERR_NOT_FOUND;
	if (access == 0) {
		*mapping = mappings[--mapping_count];
		return status == NX_OK;
	}
	if ((access & ~mapping->access) != 0)
		return status == NX_ERR_ACCESS_DENIED;
	mapping->access = access;
	return status == NX_OK;
}

/* Records are sorted, and with the counts they say what the model says. */
static bool records_agree(void)
{
	uint32_t writable[3] = { 0 }, mapped[3] = { 0 };
	nx_uaddr_t last = 0;
	unsigned count = 0;

	LIST_FOR_EACH(struct mapping, mapping, &space->mappings, node) {
		if (mapping->address < last)
			return false;
		last = mapping->address + mapping->size_bytes;
		count++;
	}
	for (unsigned i = 0; i < mapping_count; i++)
		for (unsigned v = 0; v < 3; v++) {
			mapped[v] += mappings[i].vmo == vmos[v];
			writable[v] += mappings[i].vmo == vmos[v] &&
				       (mappings[i].access & NX_MAP_WRITE);
		}
	for (unsigned v = 0; v < 3; v++)
		if (vmos[v]->mapping_count != mapped[v] ||
		    vmos[v]->writable_count != writable[v])
			return false;
	return count == mapping_count && counters[NX_COUNTER_MAPPINGS] == count;
}

/* Page tables show each mapping's pages with its access, and nothing else. */
static bool tables_agree(void)
{
	const struct window *window = space->arch.window;
	uint64_t low = fake_page_number(model_low);
	uint64_t in_model = 0, in_tables = 0;

	for (unsigned i = 0; i < mapping_count; i++) {
		const struct model_mapping *mapping = &mappings[i];

		in_model += mapping->count;
		for (uint64_t p = 0; p < mapping->count; p++) {
			uint64_t number = low + mapping->page + p;

			if (window->pages[number] !=
				    vmo_page(mapping->vmo,
					     mapping->offset + p) ||
			    window->access[number] != mapping->access)
				return false;
		}
	}
	for (uint64_t p = low; p < low + MODEL_PAGES; p++)
		in_tables += window->pages[p] != 0;
	return in_model == in_tables;
}

static void start(uint64_t seed)
{
	fake_boot(seed);
	process = fake_process(root_job, 1);
	space = &process->space;
	model_low =
		FAKE_SPACE_BASE + SPACE_PICK_LOW - FIXED_PAGES * NX_PAGE_SIZE;
	mapping_count = 0;
	for (unsigned v = 0; v < 3; v++)
		vmo_create(root_job, VMO_PAGES * NX_PAGE_SIZE, &vmos[v]);
	vmo_object_seal(vmos[2], NX_SEAL_WRITE);
}

static void stop(void)
{
	for (unsigned v = 0; v < 3; v++)
		object_unref(&vmos[v]->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

static void trace(uint64_t seed)
{
	bool agrees = true;
	unsigned step;

	start(seed);
	for (step = 0; step < STEPS && agrees; step++) {
		if (mapping_count < 5 ||
		    (fake_random(100) < 50 && mapping_count < 120))
			agrees = step_map(fake_random(4) == 0);
		else
			agrees = step_protect();
		if (step % 32 == 0)
			agrees = agrees && records_agree() && tables_agree();
	}
	if (!ok(agrees, "%u random steps agree with the table", STEPS))
		diag("seed %llu step %u", (unsigned long long)seed, step);
	stop();
}

struct argument_row {
	const char *what;
	uint64_t offset;
	uint64_t size_bytes;
	uint32_t options;
	nx_uaddr_t address;
	nx_status_t status;
};

#define P NX_PAGE_SIZE
static const struct argument_row argument_rows[] = {
	{ "no access", 0, P, 0, 0, NX_ERR_INVALID_ARGS },
	{ "FIXED alone", 0, P, NX_MAP_FIXED, 0, NX_ERR_INVALID_ARGS },
	{ "an unknown bit", 0, P, NX_MAP_READ | 16, 0, NX_ERR_INVALID_ARGS },
	{ "size 0", 0, 0, NX_MAP_READ, 0, NX_ERR_INVALID_ARGS },
	{ "half a page", 0, P / 2, NX_MAP_READ, 0, NX_ERR_INVALID_ARGS },
	{ "an odd offset", 1, P, NX_MAP_READ, 0, NX_ERR_INVALID_ARGS },
	{ "an address but not FIXED", 0, P, NX_MAP_READ, SPACE_PICK_LOW,
	  NX_ERR_INVALID_ARGS },
	{ "an odd fixed address", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_LOW + 8, NX_ERR_INVALID_ARGS },
	{ "more than there is", 0, (VMO_PAGES + 1) * P, NX_MAP_READ, 0,
	  NX_ERR_OUT_OF_RANGE },
	{ "an offset behind the end", (VMO_PAGES + 1) * P, P, NX_MAP_READ, 0,
	  NX_ERR_OUT_OF_RANGE },
	{ "a sum that overflows", P, UINT64_MAX - P + 1, NX_MAP_READ, 0,
	  NX_ERR_OUT_OF_RANGE },
	{ "the zero page", 0, P, NX_MAP_READ | NX_MAP_FIXED, 0,
	  NX_ERR_OUT_OF_RANGE },
	{ "behind the fixed part", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_HIGH, NX_ERR_OUT_OF_RANGE },
	{ "across its end", 0, 2 * P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_HIGH - P, NX_ERR_OUT_OF_RANGE },
	{ "an address that overflows", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  UINT64_MAX - P + 1, NX_ERR_OUT_OF_RANGE },
	{ "the first fixed page", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_LOW, NX_OK },
	{ "the same again", 0, P, NX_MAP_READ | NX_MAP_FIXED, SPACE_FIXED_LOW,
	  NX_ERR_ALREADY_EXISTS },
	{ "the page beside it", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_LOW + P, NX_OK },
	{ "the last fixed page", 0, P, NX_MAP_READ | NX_MAP_FIXED,
	  SPACE_FIXED_HIGH - P, NX_OK },
};

static void arguments(void)
{
	start(1);
	for (unsigned i = 0; i < ARRAY_COUNT(argument_rows); i++) {
		const struct argument_row *row = &argument_rows[i];
		nx_uaddr_t address = 77;
		nx_status_t status = space_map(
			space, vmos[0], NULL, row->offset, row->size_bytes,
			row->options, row->address, &address);

		ok(status == row->status &&
			   address == (status == NX_OK
					       ? FAKE_SPACE_BASE + row->address
					       : 77),
		   "%s: %d", row->what, row->status);
	}
	is_i64(space_protect(space, FAKE_SPACE_BASE + SPACE_FIXED_LOW, P, 16),
	       NX_ERR_INVALID_ARGS, "protect refuses an unknown bit");
	is_i64(space_protect(space, 0, P, 0), NX_ERR_NOT_FOUND,
	       "unmap of what is not mapped: NOT_FOUND");
	is_i64(space_protect(space, FAKE_SPACE_BASE + SPACE_FIXED_LOW, 2 * P,
			     0),
	       NX_ERR_NOT_FOUND, "unmap of two mappings at once: NOT_FOUND");
	stop();
}

/* Fill the whole part that the kernel picks from, by a huge physical VMO
 * that is never touched. */
static void exhaustion(void)
{
	uint64_t step = UINT64_C(256) << 20;
	struct vmo *vmo;
	nx_uaddr_t address, first = 0;
	unsigned count = 0;
	nx_status_t status;

	start(1);
	vmo_create_physical(root_job, FAKE_RAM_BASE, step, 1, &vmo);
	while (status = space_map(space, vmo, NULL, 0, step, NX_MAP_READ, 0,
				  &address),
	       status == NX_OK) {
		if (count++ == 0)
			first = address;
	}
	is_i64(status, NX_ERR_NO_SPACE, "a full space says NO_SPACE");
	is_u64(count, (SPACE_PICK_HIGH - SPACE_PICK_LOW) / (step + P),
	       "when nothing fits between the bounds");
	space_protect(space, first, step, 0);
	is_i64(space_map(space, vmo, NULL, 0, step, NX_MAP_READ, 0, &address),
	       NX_OK, "an unmapped range");
	is_u64(address, first, "is found again");
	object_unref(&vmo->object);
	stop();
}

int main(void)
{
	plan(0);
	trace(11);
	trace(12345);
	arguments();
	exhaustion();
	return done();
}
