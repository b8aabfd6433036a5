/* SPDX-License-Identifier: BSD-2-Clause */
/* Heap sort of indices: no memory, no recursion and no bad case, whatever
 * names a tree brings. Callers order equal keys themselves. */
#include "writer_internal.h"

static void sift_down(uint32_t *indices, uint32_t at, uint32_t count,
		      int (*compare)(const void *, uint32_t, uint32_t),
		      const void *context)
{
	uint32_t moving = indices[at];

	while (at < count / 2) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < count &&
		    compare(context, indices[child], indices[child + 1]) < 0)
			child++;
		if (compare(context, moving, indices[child]) >= 0)
			break;
		indices[at] = indices[child];
		at = child;
	}
	indices[at] = moving;
}

void wsort_indices(uint32_t *indices, uint32_t count,
		   int (*compare)(const void *context, uint32_t a, uint32_t b),
		   const void *context)
{
	for (uint32_t i = count / 2; i-- > 0;)
		sift_down(indices, i, count, compare, context);
	for (uint32_t last = count; last-- > 1;) {
		uint32_t greatest = indices[0];

		indices[0] = indices[last];
		indices[last] = greatest;
		sift_down(indices, 0, last, compare, context);
	}
}
