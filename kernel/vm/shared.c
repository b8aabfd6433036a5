/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of several VMOs. A snapshot has all its pages from the beginning,
 * charged to its job, but each waits: its entry says so, and its first words
 * say which page has the content it is to have. All that wait for one page
 * are in a list that begins in that page's tag.
 *
 * Whoever writes first is given a page that waits and copies the content into
 * it: its own, or, if it has the content, that of the first who waits, who
 * gets the content instead; what was paid for one page is paid for the other
 * then. So one write costs one copy however many wait, snapshots of snapshots
 * are no chain, nobody keeps the memory of another VMO alive, and memory
 * cannot be short. Nobody can write a page that others wait for: it is shown
 * without that access, and a program that tries gets here. */
#include <kernel/counters.h>
#include <kernel/page.h>
#include <kernel/space.h>
#include <kernel/string.h>
#include <kernel/vmo.h>

/* At the begin of a page that waits. */
struct waiting {
	paddr_t content;
	paddr_t next; /* 0: the last */
	paddr_t prev; /* 0: the first */
	struct vmo *vmo;
	uint64_t page_index;
};

static struct waiting *waiting_at(paddr_t page)
{
	return phys_to_virt(page);
}

void shared_begin(struct vmo *vmo, uint64_t page_index, paddr_t page,
		  paddr_t content)
{
	paddr_t next = page_get_tag(content);

	*waiting_at(page) = (struct waiting){ .content = content,
					      .next = next,
					      .vmo = vmo,
					      .page_index = page_index };
	if (next != 0)
		waiting_at(next)->prev = page;
	page_set_tag(content, page);
}

static void leave(const struct waiting *waiting)
{
	if (waiting->next != 0)
		waiting_at(waiting->next)->prev = waiting->prev;
	if (waiting->prev != 0)
		waiting_at(waiting->prev)->next = waiting->next;
	else
		page_set_tag(waiting->content, waiting->next);
}

paddr_t shared_content(paddr_t entry)
{
	return (entry & VMO_WAITS) != 0 ? waiting_at(entry - VMO_WAITS)->content
					: entry;
}

bool shared_is(paddr_t entry)
{
	return entry != 0 &&
	       ((entry & VMO_WAITS) != 0 || page_get_tag(entry) != 0);
}

/* The page of the first who waits for this one, which is theirs now. */
HELD static paddr_t hand_over(paddr_t page)
{
	paddr_t other = page_get_tag(page);
	struct waiting first = *waiting_at(other);

	leave(&first);
	*page_list_entry(&first.vmo->memory.pages, first.page_index) = page;
	page_exchange(page, other);
	return other;
}

/* Of those that wait for it nobody notices. */
HELD static void own(paddr_t *entry)
{
	paddr_t content = shared_content(*entry);

	if ((*entry & VMO_WAITS) != 0) {
		*entry -= VMO_WAITS;
		leave(waiting_at(*entry));
	} else {
		*entry = hand_over(content);
	}
	memcpy(phys_to_virt(*entry), phys_to_virt(content), NX_PAGE_SIZE);
	count(NX_COUNTER_PAGES_COPIED, 1);
}

void shared_free(struct vmo *vmo, paddr_t *entry)
{
	paddr_t page = *entry;

	*entry = 0;
	if (page == 0) {
		vmo->memory.pages.absent_count--;
		return;
	}
	if ((page & VMO_WAITS) != 0) {
		page -= VMO_WAITS;
		leave(waiting_at(page));
	} else if (vmo->shares && page_get_tag(page) != 0) {
		page = hand_over(page);
	}
	page_free(vmo->object.job, page, 0);
}

/* The part of some pages of the root that a mapping has. */
HELD static uint64_t part_of(const struct mapping *mapping, uint64_t page_index,
			     uint64_t count, uint64_t *out_first)
{
	uint64_t first =
		mapping->vmo->first_page + (mapping->offset >> NX_PAGE_BITS);
	uint64_t end = first + (mapping->size_bytes >> NX_PAGE_BITS);
	uint64_t from = page_index > first ? page_index : first;
	uint64_t to = page_index + count < end ? page_index + count : end;

	*out_first = from - first;
	return from < to ? to - from : 0;
}

HELD static void cut(struct space *space, nx_uaddr_t at, uint64_t count,
		     uint32_t access)
{
	while (count > 0) {
		uint64_t part = arch_space_protect(space, at, count, access);

		at += part << NX_PAGE_BITS;
		count -= part;
	}
}

/* One that goes has pages that it shows no more, but that are not forgotten;
 * one that is being cut has some that can still be written. */
HELD static void change(struct mapping *mapping, uint64_t page_index,
			uint64_t count, paddr_t page)
{
	uint32_t access = mapping->access & mapping->cut;
	uint64_t first;
	uint64_t part = part_of(mapping, page_index, count, &first);
	nx_uaddr_t at = mapping->address + (first << NX_PAGE_BITS);
	uint64_t shown =
		first < mapping->shown_count ? mapping->shown_count - first : 0;

	if (part == 0)
		return;
	if (shown > part)
		shown = part;
	if (shown > 0 && page != 0)
		arch_space_show(mapping->space, at, page, access);
	else if (shown > 0 && (mapping->access & NX_MAP_WRITE) != 0)
		cut(mapping->space, at, shown, access & ~NX_MAP_WRITE);
	arch_space_flush(mapping->space, at, part, false);
}

HELD static void change_all(struct vmo *root, uint64_t page_index,
			    uint64_t count, paddr_t page)
{
	LIST_FOR_EACH(struct mapping, mapping, &root->mappings, in_vmo)
		change(mapping, page_index, count, page);
}

/* Whoever writes a page has each mapping changed. */
bool shared_may(const struct vmo *root, unsigned more)
{
	if ((root->seals & NX_SEAL_WRITE) != 0)
		return true;
	LIST_FOR_EACH(const struct mapping, mapping, &root->mappings, in_vmo)
		if (++more > VMO_SHARED_MAPPINGS_MAX)
			return false;
	return true;
}

void shared_protect(struct vmo *root, uint64_t page_index, uint64_t count)
{
	if (root->writable_count > 0)
		change_all(root, page_index, count, 0);
}

paddr_t vmo_own_page(struct vmo *vmo, uint64_t page_index)
{
	struct vmo *root = vmo->root;
	paddr_t *entry;

	if (!root->shares)
		return vmo_page(vmo, page_index);
	page_index += vmo->first_page;
	entry = page_list_entry(&root->memory.pages, page_index);
	if (shared_is(*entry)) {
		own(entry);
		change_all(root, page_index, 1, *entry);
	}
	return *entry;
}
