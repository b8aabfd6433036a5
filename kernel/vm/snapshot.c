/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshots: each page is as it was when the call came to it. What has no
 * list of pages is copied now. */
#include <kernel/page.h>
#include <kernel/string.h>
#include <kernel/vmo.h>

#define PAGES_A_STEP 4

/* By a device, which would go on with pages that are no more its own when
 * somebody writes. */
HELD static bool is_in_use(const struct vmo *root)
{
	return root->pin_count > 0 && !vmo_is_sealed(root);
}

nx_status_t vmo_snapshot_begin(struct job *job, struct vmo *source,
			       uint64_t offset, uint64_t size_bytes,
			       struct vmo **out_vmo)
{
	struct vmo *root = source->root;
	nx_status_t status;

	if (size_bytes == 0 || !is_page_aligned(offset))
		return NX_ERR_INVALID_ARGS;
	if (offset > source->size_bytes ||
	    size_bytes > source->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if (root->type == VMO_PLAIN &&
	    (is_in_use(root) || !shared_may(root, 0)))
		return NX_ERR_BUSY;
	status = vmo_begin(job, VMO_PLAIN, size_bytes, out_vmo);
	if (status != NX_OK)
		return status;
	root->shares = root->type == VMO_PLAIN;
	root->part_count++;
	object_ref(&root->object);
	(*out_vmo)->source = root;
	(*out_vmo)->shares = true;
	(*out_vmo)->first_page = source->first_page + (offset >> NX_PAGE_BITS);
	return NX_OK;
}

void vmo_snapshot_end(struct vmo *vmo)
{
	vmo->source->part_count--;
	object_unref(&vmo->source->object);
	vmo->source = NULL;
	vmo->first_page = 0;
}

HELD static nx_status_t page_begin(struct vmo *vmo)
{
	struct page_list *list = &vmo->memory.pages;
	const struct vmo *source = vmo->source;
	paddr_t content = vmo_page(source, vmo->first_page + list->filled);
	paddr_t *entry, page;
	nx_status_t status = page_list_next(list, vmo->object.job, &entry);

	if (status != NX_OK || entry == NULL)
		return status;
	if (content == 0) {
		list->absent_count++;
		list->filled++;
		return NX_OK;
	}
	status = page_take(vmo->object.job, &page);
	if (status != NX_OK)
		return status;
	*entry = page;
	if (source->type == VMO_PLAIN) {
		*entry |= VMO_WAITS;
		shared_begin(vmo, list->filled, page, content);
	} else {
		memcpy(phys_to_virt(page), phys_to_virt(content), NX_PAGE_SIZE);
	}
	list->filled++;
	return NX_OK;
}

nx_status_t vmo_snapshot_more(struct vmo *vmo)
{
	struct page_list *list = &vmo->memory.pages;

	while (list->filled < list->count) {
		bool plain = vmo->source->type == VMO_PLAIN;
		uint64_t part = plain ? PAGES_A_STEP : 1;
		nx_status_t status = NX_OK;

		if (part > list->count - list->filled)
			part = list->count - list->filled;
		/* Since it began. */
		if (plain && is_in_use(vmo->source))
			return NX_ERR_BUSY;
		if (plain)
			shared_protect(vmo->source,
				       vmo->first_page + list->filled, part);
		for (; part > 0 && status == NX_OK; part--)
			status = page_begin(vmo);
		if (status != NX_OK)
			return status;
		if (kernel_poll())
			return SYS_AGAIN;
	}
	if (vmo->source != NULL)
		vmo_snapshot_end(vmo);
	return NX_OK;
}
