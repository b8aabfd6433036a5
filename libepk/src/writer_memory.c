/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the writer: every piece comes through one allocator, so a test
 * can make any single request fail. */
#include "writer_internal.h"

#include <stdlib.h>
#include <string.h>

static void *heap_allocate(void *context, size_t size_bytes)
{
	(void)context;
	return malloc(size_bytes);
}

static void heap_release(void *context, void *memory)
{
	(void)context;
	free(memory);
}

const struct epk_allocator *epk_allocator_heap(void)
{
	static const struct epk_allocator heap = {
		.allocate = heap_allocate,
		.release = heap_release,
	};

	return &heap;
}

void *wmem_allocate(const struct epk_allocator *allocator, size_t count,
		    size_t each_bytes)
{
	size_t size_bytes;

	if (__builtin_mul_overflow(count, each_bytes, &size_bytes))
		return NULL;
	return allocator->allocate(allocator->context,
				   size_bytes ? size_bytes : 1);
}

void wmem_release(const struct epk_allocator *allocator, void *memory)
{
	if (memory)
		allocator->release(allocator->context, memory);
}

epk_status_t wbuf_reserve(const struct epk_allocator *allocator,
			  struct wbuf *buf, size_t more_bytes)
{
	size_t capacity_bytes = buf->capacity_bytes;
	size_t need_bytes = buf->size_bytes + more_bytes;
	uint8_t *data;

	if (need_bytes <= capacity_bytes)
		return EPK_OK;
	capacity_bytes += capacity_bytes / 2;
	if (capacity_bytes < need_bytes)
		capacity_bytes = need_bytes + 4096;
	data = wmem_allocate(allocator, capacity_bytes, 1);
	if (!data)
		return EPK_ERR_NO_MEMORY;
	if (buf->size_bytes)
		memcpy(data, buf->data, buf->size_bytes);
	wmem_release(allocator, buf->data);
	buf->data = data;
	buf->capacity_bytes = capacity_bytes;
	return EPK_OK;
}

void wbuf_fini(const struct epk_allocator *allocator, struct wbuf *buf)
{
	wmem_release(allocator, buf->data);
	*buf = (struct wbuf){ 0 };
}
