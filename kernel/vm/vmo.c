/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects. A plain VMO's pages stand in leaves of 512 addresses;
 * the leaves stand in one table. Tables of a small VMO are cells, those of
 * a large one are pages. */
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/steps.h>
#include <kernel/string.h>
#include <kernel/vmo.h>

#define LEAF_COUNT (NX_PAGE_SIZE / sizeof(paddr_t))
#define PAGES_A_STEP 4 /* freed */

_Static_assert(NX_VMO_SIZE_MAX / NX_PAGE_SIZE <= LEAF_COUNT * LEAF_COUNT,
	       "one page of leaves is enough");

static nx_status_t table_alloc(struct job *job, uint64_t entries,
			       void **out_table)
{
	paddr_t page;
	nx_status_t status;

	if (entries * sizeof(paddr_t) <= SLAB_SIZE_MAX)
		return slab_alloc(job, entries * sizeof(paddr_t), out_table);
	status = page_alloc(job, 0, &page);
	if (status == NX_OK)
		*out_table = phys_to_virt(page);
	return status;
}

static void table_free(struct job *job, void *table, uint64_t entries)
{
	if (entries * sizeof(paddr_t) <= SLAB_SIZE_MAX)
		slab_free(job, table, entries * sizeof(paddr_t));
	else if (table != NULL)
		page_free(job, virt_to_phys(table), 0);
}

static uint64_t leaf_entries(const struct page_list *list, uint64_t leaf)
{
	uint64_t left = list->count - leaf * LEAF_COUNT;

	return left < LEAF_COUNT ? left : LEAF_COUNT;
}

static void leaf_free(struct page_list *list, struct job *job, uint64_t leaf)
{
	table_free(job, list->leaves[leaf], leaf_entries(list, leaf));
	list->leaves[leaf] = NULL;
}

static uint64_t leaf_count(const struct page_list *list)
{
	return (list->count + LEAF_COUNT - 1) / LEAF_COUNT;
}

static paddr_t *page_entry(const struct page_list *list, uint64_t i)
{
	return &list->leaves[i / LEAF_COUNT][i % LEAF_COUNT];
}

/* Free what there is, the last first; true: nothing is left. */
static bool page_list_fini(struct page_list *list, struct job *job)
{
	if (list->leaves == NULL)
		return true;
	/* That of a page that could not be had. */
	if (list->filled % LEAF_COUNT == 0 && list->filled < list->count)
		leaf_free(list, job, list->filled / LEAF_COUNT);
	for (unsigned n = 0; list->filled > 0; n++) {
		if (n == PAGES_A_STEP)
			return false;
		list->filled--;
		page_free(job, *page_entry(list, list->filled), 0);
		if (list->filled % LEAF_COUNT == 0)
			leaf_free(list, job, list->filled / LEAF_COUNT);
	}
	table_free(job, list->leaves, leaf_count(list));
	list->leaves = NULL;
	return true;
}

/* On failure what was taken so far stands in the list, for _fini. */
static nx_status_t page_list_init(struct page_list *list, struct job *job,
				  uint64_t count)
{
	const struct quota *quota = &job->quotas[JOB_PAGES];
	nx_status_t status;
	void *leaves;

	list->count = count;
	list->filled = 0;
	if (count > quota->max - quota->used)
		return NX_ERR_QUOTA_PAGES;
	status = table_alloc(job, leaf_count(list), &leaves);
	if (status == NX_OK)
		list->leaves = leaves;
	return status;
}

/* The leaf that the next page needs, or the page. */
static nx_status_t fill_step(struct page_list *list, struct job *job)
{
	uint64_t leaf = list->filled / LEAF_COUNT;
	nx_status_t status;
	void *table;

	if (list->leaves[leaf] == NULL) {
		status = table_alloc(job, leaf_entries(list, leaf), &table);
		if (status != NX_OK)
			return status;
		list->leaves[leaf] = table;
		return NX_OK;
	}
	status = page_alloc(job, 0, page_entry(list, list->filled));
	if (status == NX_OK)
		list->filled++;
	return status;
}

nx_status_t vmo_fill(struct vmo *vmo)
{
	struct page_list *list = &vmo->memory.pages;

	while (list->filled < list->count) {
		nx_status_t status = fill_step(list, vmo->object.job);

		if (status != NX_OK)
			return status;
		if (list->filled < list->count && kernel_poll())
			return SYS_AGAIN;
	}
	return NX_OK;
}

static nx_status_t vmo_new(struct job *job, enum vmo_type type,
			   uint64_t size_bytes, struct vmo **out_vmo)
{
	struct vmo *vmo;
	nx_status_t status;
	void *object;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = object_create(job, NX_KIND_VMO, &object);
	if (status != NX_OK)
		return status;
	vmo = object;
	vmo->type = type;
	vmo->root = vmo;
	list_init(&vmo->mappings);
	vmo->size_bytes = page_round_up(size_bytes);
	vmo->content_bytes = size_bytes;
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t vmo_begin(struct job *job, uint64_t size_bytes,
		      struct vmo **out_vmo)
{
	struct vmo *vmo;
	nx_status_t status = vmo_new(job, VMO_PLAIN, size_bytes, &vmo);

	if (status != NX_OK)
		return status;
	status = page_list_init(&vmo->memory.pages, job,
				vmo->size_bytes >> NX_PAGE_BITS);
	if (status != NX_OK) {
		object_unref(&vmo->object);
		return status;
	}
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t vmo_create(struct job *job, uint64_t size_bytes,
		       struct vmo **out_vmo)
{
	nx_status_t status = vmo_begin(job, size_bytes, out_vmo);

	if (status != NX_OK)
		return status;
	do
		status = vmo_fill(*out_vmo);
	while (status == SYS_AGAIN);
	if (status != NX_OK)
		object_unref(&(*out_vmo)->object);
	return status;
}

nx_status_t vmo_create_physical(struct job *job, paddr_t base,
				uint64_t size_bytes, uint64_t content_bytes,
				struct vmo **out_vmo)
{
	struct vmo *vmo;
	nx_status_t status;

	if (!is_page_aligned(base) || content_bytes > page_round_up(size_bytes))
		return NX_ERR_INVALID_ARGS;
	status = vmo_new(job, VMO_PHYSICAL, size_bytes, &vmo);
	if (status != NX_OK)
		return status;
	vmo->content_bytes = content_bytes;
	vmo->memory.base = base;
	*out_vmo = vmo;
	return NX_OK;
}

void vmo_init_physical(struct vmo *vmo, paddr_t base, uint64_t size_bytes)
{
	vmo->type = VMO_PHYSICAL;
	vmo->root = vmo;
	vmo->size_bytes = size_bytes;
	vmo->content_bytes = size_bytes;
	list_init(&vmo->mappings);
	vmo->memory.base = base;
}

nx_status_t vmo_create_slice(struct job *job, struct vmo *source,
			     uint64_t offset, uint64_t size_bytes,
			     struct vmo **out_slice)
{
	struct vmo *slice;
	nx_status_t status;

	if (size_bytes == 0 || !is_page_aligned(offset))
		return NX_ERR_INVALID_ARGS;
	if (offset > source->size_bytes ||
	    size_bytes > source->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	status = vmo_new(job, VMO_SLICE, size_bytes, &slice);
	if (status != NX_OK)
		return status;
	slice->root = source->root;
	object_ref(&slice->root->object);
	slice->first_page = source->first_page + (offset >> NX_PAGE_BITS);
	*out_slice = slice;
	return NX_OK;
}

bool vmo_destroy(struct object *object)
{
	struct vmo *vmo = CONTAINER_OF(object, struct vmo, object);

	if (vmo->type == VMO_PLAIN)
		return page_list_fini(&vmo->memory.pages, object->job);
	if (vmo->type == VMO_SLICE)
		object_unref(&vmo->root->object);
	return true;
}

void vmo_hook_info(const struct object *object, uint64_t *state,
		   uint64_t *value)
{
	const struct vmo *vmo = (const struct vmo *)object;

	*state = vmo_object_seals(vmo);
	*value = vmo->size_bytes;
}

uint32_t vmo_object_seals(const struct vmo *vmo)
{
	return vmo->seals | vmo->root->seals;
}

nx_status_t vmo_object_seal(struct vmo *vmo, uint32_t seals)
{
	if (seals == 0 || (seals & ~NX_SEAL_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	if ((vmo_object_seals(vmo) & NX_SEAL_SEAL) != 0)
		return NX_ERR_SEALED;
	if (vmo->root != vmo && (seals & ~vmo->root->seals) != 0)
		return NX_ERR_BAD_STATE;
	if ((seals & NX_SEAL_WRITE) != 0 && vmo->root->writable_count > 0)
		return NX_ERR_BUSY;
	vmo->seals |= seals;
	return NX_OK;
}

void vmo_pinned(struct vmo *vmo, bool is_written)
{
	vmo->root->pin_count++;
	vmo->root->writable_count += is_written;
}

void vmo_unpinned(struct vmo *vmo, bool is_written)
{
	KASSERT(vmo->root->pin_count > 0);
	vmo->root->pin_count--;
	vmo->root->writable_count -= is_written;
}

struct page_run vmo_run(const struct vmo *vmo, uint64_t page_index)
{
	const struct vmo *root = vmo->root;
	struct page_run run = { .count = (vmo->size_bytes >> NX_PAGE_BITS) -
					 page_index };
	uint64_t in_leaf;

	KASSERT(page_index < vmo->size_bytes >> NX_PAGE_BITS);
	page_index += vmo->first_page;
	if (root->type == VMO_PHYSICAL) {
		run.base = root->memory.base + (page_index << NX_PAGE_BITS);
		return run;
	}
	in_leaf = page_index % LEAF_COUNT;
	run.pages =
		&root->memory.pages.leaves[page_index / LEAF_COUNT][in_leaf];
	if (run.count > LEAF_COUNT - in_leaf)
		run.count = LEAF_COUNT - in_leaf;
	return run;
}

paddr_t vmo_page(const struct vmo *vmo, uint64_t page_index)
{
	struct page_run run = vmo_run(vmo, page_index);

	return run.pages != NULL ? run.pages[0] : run.base;
}

/* Walk the parts of a range that lie in one page each. */
static void *vmo_part(const struct vmo *vmo, uint64_t offset,
		      uint64_t size_bytes, uint64_t *out_part_bytes)
{
	uint64_t inside = offset & (NX_PAGE_SIZE - 1);
	uint64_t part = NX_PAGE_SIZE - inside;
	char *page = phys_to_virt(vmo_page(vmo, offset >> NX_PAGE_BITS));

	*out_part_bytes = part < size_bytes ? part : size_bytes;
	return page + inside;
}

void vmo_copy_in(struct vmo *vmo, uint64_t offset, const void *from,
		 uint64_t size_bytes)
{
	const char *source = from;
	uint64_t part;

	for (; size_bytes > 0; size_bytes -= part) {
		void *to = vmo_part(vmo, offset, size_bytes, &part);

		memcpy(to, source, part);
		offset += part;
		source += part;
	}
}

void vmo_copy_out(const struct vmo *vmo, uint64_t offset, void *to,
		  uint64_t size_bytes)
{
	char *target = to;
	uint64_t part;

	for (; size_bytes > 0; size_bytes -= part) {
		const void *from = vmo_part(vmo, offset, size_bytes, &part);

		memcpy(target, from, part);
		offset += part;
		target += part;
	}
}
