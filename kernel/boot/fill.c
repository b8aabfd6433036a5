/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot writes into VMOs; programs map theirs, or copy page by page. */
#include <kernel/page.h>
#include <kernel/string.h>
#include <kernel/vmo.h>

void vmo_copy_in(struct vmo *vmo, uint64_t offset, const void *from,
		 uint64_t size_bytes)
{
	const char *source = from;
	uint64_t part;

	for (; size_bytes > 0; size_bytes -= part) {
		uint64_t inside = offset & (NX_PAGE_SIZE - 1);
		paddr_t page = vmo_page(vmo, offset >> NX_PAGE_BITS);

		part = NX_PAGE_SIZE - inside;
		if (part > size_bytes)
			part = size_bytes;
		memcpy((char *)phys_to_virt(page) + inside, source, part);
		offset += part;
		source += part;
	}
}
