/* SPDX-License-Identifier: BSD-2-Clause */
/* One way in for all bytes of an image, bounds first. */
#include "image_internal.h"

epk_status_t epk_source_check(const struct epk_source *source)
{
	if (source->read == NULL && source->mapped == NULL)
		return EPK_ERR_INVALID;
	if ((source->flags & ~EPK_SOURCE_ROUNDED) != 0 || source->reserved != 0)
		return EPK_ERR_INVALID;
	return EPK_OK;
}

epk_status_t epk_source_read(const struct epk_source *source, uint64_t offset,
			     void *buffer, size_t size_bytes)
{
	if (offset > source->size_bytes ||
	    size_bytes > source->size_bytes - offset)
		return EPK_ERR_IO;
	if (source->mapped != NULL) {
		epk_mem_copy(buffer, (const uint8_t *)source->mapped + offset,
			     size_bytes);
		return EPK_OK;
	}
	return source->read(source->context, offset, buffer, size_bytes) ==
			       EPK_OK
		       ? EPK_OK
		       : EPK_ERR_IO;
}
