/* SPDX-License-Identifier: BSD-2-Clause */
/* Size and pages of a VMO that is there already. What is mapped, pinned or
 * part of another VMO stays as it is. Pages that come are behind the size
 * until all are there. */
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/space.h>
#include <kernel/vmo.h>

#define PAGES_A_STEP 4
#define LOOKS_MAX 64

/* Of a root: is any of these mapped? One that is mapped too often to be looked
 * through counts as if. */
HELD static bool is_mapped(const struct vmo *root, uint64_t page_index,
			   uint64_t count)
{
	unsigned looks = 0;

	LIST_FOR_EACH(const struct mapping, mapping, &root->mappings, in_vmo) {
		uint64_t first = mapping->vmo->first_page +
				 (mapping->offset >> NX_PAGE_BITS);

		if (looks++ == LOOKS_MAX)
			return true;
		if (first < page_index + count &&
		    page_index < first + (mapping->size_bytes >> NX_PAGE_BITS))
			return true;
	}
	return false;
}

/* May pages of it come and go? */
HELD static nx_status_t check(const struct vmo *vmo)
{
	if (vmo->root->type != VMO_PLAIN)
		return NX_ERR_BAD_STATE;
	return vmo_is_sealed(vmo) ? NX_ERR_SEALED : NX_OK;
}

HELD static bool trim_step(struct work *work)
{
	struct vmo *vmo = CONTAINER_OF(work, struct vmo, trim);

	if (!page_list_trim(vmo, vmo->size_bytes >> NX_PAGE_BITS))
		return false;
	vmo->is_trimmed = false;
	object_unref(&vmo->object);
	return true;
}

HELD static void trim(struct vmo *vmo)
{
	if (!vmo->is_trimmed) {
		object_ref(&vmo->object);
		work_init(&vmo->trim, trim_step);
		vmo->is_trimmed = true;
	}
	steps_add(&vmo->trim);
}

/* A zero page of those that are reserved; CANCELED when others took them, or
 * gave back meanwhile what was here already. */
HELD static nx_status_t take_zero(struct vmo *root, paddr_t *out_page)
{
	struct page_list *list = &root->memory.pages;

	if (list->reserved_count == 0)
		return NX_ERR_CANCELED;
	list->reserved_count--;
	*out_page = page_take_reserved(root->object.job);
	page_clear(phys_to_virt(*out_page), 1);
	return NX_OK;
}

HELD static nx_status_t grow(struct vmo *vmo, uint64_t count)
{
	struct page_list *list = &vmo->memory.pages;

	while (list->filled < count) {
		paddr_t *entry;
		nx_status_t status =
			page_list_next(list, vmo->object.job, &entry);

		if (status == NX_OK && entry != NULL)
			status = take_zero(vmo, entry);
		if (status != NX_OK)
			return status;
		list->filled += entry != NULL;
		if (list->filled < count && kernel_poll())
			return SYS_AGAIN;
	}
	return NX_OK;
}

void vmo_reserve_end(struct vmo *vmo)
{
	struct vmo *root = vmo->root;
	struct page_list *list = &root->memory.pages;

	if (--root->reserver_count > 0)
		return;
	page_unreserve(root->object.job, list->reserved_count);
	list->reserved_count = 0;
	/* Nobody grows it any more. */
	if (list->filled > root->size_bytes >> NX_PAGE_BITS)
		trim(root);
}

nx_status_t vmo_object_resize(struct vmo *vmo, uint64_t size_bytes,
			      bool *is_reserved)
{
	uint64_t count = page_round_up(size_bytes) >> NX_PAGE_BITS;
	uint64_t before = vmo->size_bytes >> NX_PAGE_BITS;
	nx_status_t status = check(vmo);

	if (status == NX_OK && vmo->root != vmo)
		status = NX_ERR_BAD_STATE;
	if (status != NX_OK)
		return status;
	if (count < before && (vmo->part_count > 0 || vmo->pin_count > 0 ||
			       is_mapped(vmo, count, before - count)))
		return NX_ERR_BUSY;
	/* What was behind the size once is not zero. */
	if (count > before && vmo->is_trimmed)
		return NX_ERR_BUSY;
	/* Nothing is short after that. */
	if (count > before && !*is_reserved) {
		status = page_list_reserve(&vmo->memory.pages, vmo->object.job,
					   count);
		*is_reserved = status == NX_OK;
		vmo->reserver_count += *is_reserved;
	}
	if (count > before && status == NX_OK)
		status = grow(vmo, count);
	if (status != NX_OK)
		return status;
	vmo->size_bytes = count << NX_PAGE_BITS;
	vmo->content_bytes = size_bytes;
	if (vmo->memory.pages.filled > count)
		trim(vmo);
	return NX_OK;
}

nx_status_t vmo_object_decommit(struct vmo *vmo, uint64_t *offset,
				uint64_t *size_bytes)
{
	struct vmo *root = vmo->root;
	struct page_list *list = &root->memory.pages;
	uint64_t first = vmo->first_page + (*offset >> NX_PAGE_BITS);
	nx_status_t status = check(vmo);

	if (status != NX_OK)
		return status;
	if (root->pin_count > 0 ||
	    is_mapped(root, first, *size_bytes >> NX_PAGE_BITS))
		return NX_ERR_BUSY;
	for (uint64_t n = 0; *size_bytes > 0; n++) {
		paddr_t *entry = page_list_entry(list, first + n);

		if (n >= PAGES_A_STEP && kernel_poll())
			return SYS_AGAIN;
		if (*entry != 0) {
			shared_free(root, entry);
			list->absent_count++;
		}
		*offset += NX_PAGE_SIZE;
		*size_bytes -= NX_PAGE_SIZE;
	}
	return NX_OK;
}

/* No more pages can be absent than are now. */
HELD static nx_status_t commit_begin(struct vmo *root, uint64_t count)
{
	struct page_list *list = &root->memory.pages;
	nx_status_t status;

	if (count > list->absent_count)
		count = list->absent_count;
	status = page_reserve(root->object.job, count);
	if (status != NX_OK)
		return status;
	list->reserved_count += count;
	root->reserver_count++;
	return NX_OK;
}

nx_status_t vmo_object_commit(struct vmo *vmo, uint64_t *offset,
			      uint64_t *size_bytes, bool *is_reserved)
{
	struct vmo *root = vmo->root;
	struct page_list *list = &root->memory.pages;
	uint64_t first = vmo->first_page + (*offset >> NX_PAGE_BITS);
	nx_status_t status = check(vmo);

	if (status == NX_OK && !*is_reserved) {
		status = commit_begin(root, *size_bytes >> NX_PAGE_BITS);
		*is_reserved = status == NX_OK;
	}
	for (uint64_t n = 0; *size_bytes > 0 && status == NX_OK; n++) {
		paddr_t *entry = page_list_entry(list, first + n);

		if (n > 0 && kernel_poll())
			return SYS_AGAIN;
		if (*entry == 0) {
			status = take_zero(root, entry);
			list->absent_count -= status == NX_OK;
		}
		*offset += NX_PAGE_SIZE;
		*size_bytes -= NX_PAGE_SIZE;
	}
	return status;
}
