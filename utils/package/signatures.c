/* SPDX-License-Identifier: BSD-2-Clause */
#include "signatures.h"

#include <string.h>
#include <unistd.h>

void signatures_read(int fd, struct signatures *out_signatures)
{
	uint8_t page[EPK_PAGE_SIZE];

	out_signatures->count = 0;
	if (pread(fd, page, sizeof(page), 0) != (ssize_t)sizeof(page))
		return;
	while (out_signatures->count < EPK_SIGNATURES_MAX &&
	       epk_signature_get(
		       page, out_signatures->count,
		       &out_signatures->rows[out_signatures->count]) == EPK_OK)
		out_signatures->count++;
}

static bool hold(const struct signatures *all,
		 const struct epk_signature *wanted)
{
	for (uint32_t i = 0; i < all->count; i++) {
		const struct epk_signature *row = &all->rows[i];

		if (memcmp(row->key_id, wanted->key_id, sizeof(row->key_id)) ==
			    0 &&
		    memcmp(row->bytes, wanted->bytes, sizeof(row->bytes)) == 0)
			return true;
	}
	return false;
}

bool signatures_hold(const struct signatures *all, const struct signatures *few)
{
	for (uint32_t i = 0; i < few->count; i++) {
		if (!hold(all, &few->rows[i]))
			return false;
	}
	return true;
}
