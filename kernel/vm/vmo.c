/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects: how they come and go, and where their pages are. */
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/slab.h>
#include <kernel/steps.h>
#include <kernel/vmo.h>

HELD static nx_status_t fill_plain(struct vmo *vmo)
{
	struct page_list *list = &vmo->memory.pages;
	paddr_t *entry;
	nx_status_t status = page_list_next(list, vmo->object.job, &entry);

	if (status != NX_OK || entry == NULL)
		return status;
	status = page_alloc(vmo->object.job, 0, entry);
	if (status == NX_OK)
		list->filled++;
	return status;
}

HELD static nx_status_t fill_contiguous(struct vmo *vmo)
{
	page_clear(phys_to_virt(vmo->memory.base +
				(vmo->memory.zeroed_count++ << NX_PAGE_BITS)),
		   1);
	return NX_OK;
}

nx_status_t vmo_fill(struct vmo *vmo, uint64_t count)
{
	bool plain = vmo->type == VMO_PLAIN;
	const uint64_t *done =
		plain ? &vmo->memory.pages.filled : &vmo->memory.zeroed_count;

	while (*done < count) {
		nx_status_t status =
			plain ? fill_plain(vmo) : fill_contiguous(vmo);

		if (status != NX_OK)
			return status;
		if (kernel_poll())
			return SYS_AGAIN;
	}
	return NX_OK;
}

HELD static nx_status_t vmo_new(struct job *job, enum vmo_type type,
				uint64_t size_bytes, struct vmo **out_vmo)
{
	struct vmo *vmo;
	nx_status_t status;

	if (size_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	status = object_create(job, NX_KIND_VMO, &vmo);
	if (status != NX_OK)
		return status;
	vmo->type = type;
	vmo->root = vmo;
	list_init(&vmo->mappings);
	vmo->size_bytes = page_round_up(size_bytes);
	vmo->content_bytes = size_bytes;
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t vmo_begin(struct job *job, enum vmo_type type, uint64_t size_bytes,
		      struct vmo **out_vmo)
{
	struct vmo *vmo;
	uint64_t count;
	nx_status_t status = vmo_new(job, type, size_bytes, &vmo);

	if (status != NX_OK)
		return status;
	count = vmo->size_bytes >> NX_PAGE_BITS;
	if (count > job->quotas[JOB_PAGES].max - job->quotas[JOB_PAGES].used)
		status = NX_ERR_QUOTA_PAGES;
	else if (type == VMO_PLAIN)
		status = page_list_grow(&vmo->memory.pages, job, count);
	else
		status = page_take_run(job, count, &vmo->memory.base);
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
	nx_status_t status = vmo_begin(job, VMO_PLAIN, size_bytes, out_vmo);

	if (status != NX_OK)
		return status;
	do
		status = vmo_fill(*out_vmo,
				  (*out_vmo)->size_bytes >> NX_PAGE_BITS);
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

	if (!is_page_aligned(offset))
		return NX_ERR_INVALID_ARGS;
	if (offset > source->size_bytes ||
	    size_bytes > source->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	status = vmo_new(job, VMO_SLICE, size_bytes, &slice);
	if (status != NX_OK)
		return status;
	slice->root = source->root;
	slice->root->part_count++;
	object_ref(&slice->root->object);
	slice->first_page = source->first_page + (offset >> NX_PAGE_BITS);
	*out_slice = slice;
	return NX_OK;
}

HELD static bool plain_destroy(struct vmo *vmo)
{
	if (vmo->source != NULL)
		vmo_snapshot_end(vmo);
	if (!page_list_trim(vmo, 0))
		return false;
	page_list_fini(&vmo->memory.pages, vmo->object.job);
	return true;
}

bool vmo_destroy(struct object *object)
{
	struct vmo *vmo = CONTAINER_OF(object, struct vmo, object);

	if (vmo->type == VMO_PLAIN && !plain_destroy(vmo))
		return false;
	if (vmo->type == VMO_CONTIGUOUS && vmo->memory.base != 0)
		page_free_run(object->job, vmo->memory.base,
			      vmo->size_bytes >> NX_PAGE_BITS);
	if (vmo->type == VMO_SLICE) {
		vmo->root->part_count--;
		object_unref(&vmo->root->object);
	}
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

/* One that is not like the others, or may be so. */
OUT_OF_THE_WAY static struct page_run run_of_one(paddr_t entry)
{
	return (struct page_run){ .base = shared_content(entry),
				  .count = entry != 0,
				  .shared = shared_is(entry) };
}

struct page_run vmo_run(const struct vmo *vmo, uint64_t page_index)
{
	const struct vmo *root = vmo->root;
	const struct page_list *list = &root->memory.pages;
	uint64_t count = (vmo->size_bytes >> NX_PAGE_BITS) - page_index, left;

	KASSERT(page_index < vmo->size_bytes >> NX_PAGE_BITS);
	page_index += vmo->first_page;
	if (root->type != VMO_PLAIN)
		return (struct page_run){ .base = root->memory.base +
						  (page_index << NX_PAGE_BITS),
					  .count = count };
	if (root->shares || list->absent_count > 0)
		return run_of_one(*page_list_entry(list, page_index));
	left = PAGE_LEAF_COUNT - page_index % PAGE_LEAF_COUNT;
	return (struct page_run){ .pages = page_list_entry(list, page_index),
				  .count = count < left ? count : left };
}

paddr_t vmo_page(const struct vmo *vmo, uint64_t page_index)
{
	struct page_run run = vmo_run(vmo, page_index);

	return run.pages != NULL ? run.pages[0] : run.base;
}
