/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMO_RANGE_INTERNAL_H
#define VMO_RANGE_INTERNAL_H
/** @file range_internal.h
 * The checks of ranges that both backends make in the same order. */
#include <vmo/vmo.h>

#include <stdbool.h>

static inline bool vmo_is_page_multiple(uint64_t value)
{
	return (value & (NX_PAGE_SIZE - 1)) == 0;
}

static inline bool vmo_has_range(const struct vmo *vmo, uint64_t offset,
				 uint64_t size_bytes)
{
	return offset <= vmo->size_bytes &&
	       size_bytes <= vmo->size_bytes - offset;
}

static inline nx_status_t vmo_check_content(uint64_t content_bytes)
{
	if (content_bytes == 0)
		return NX_ERR_INVALID_ARGS;
	return content_bytes > NX_VMO_SIZE_MAX ? NX_ERR_TOO_BIG : NX_OK;
}

static inline nx_status_t vmo_check_slice(const struct vmo *parent,
					  uint64_t offset,
					  uint64_t content_bytes)
{
	if (content_bytes == 0 || !vmo_is_page_multiple(offset))
		return NX_ERR_INVALID_ARGS;
	return vmo_has_range(parent, offset, content_bytes)
		       ? NX_OK
		       : NX_ERR_OUT_OF_RANGE;
}

static inline nx_status_t vmo_check_map(const struct vmo *vmo, uint64_t offset,
					uint64_t size_bytes, uint32_t access)
{
	if (size_bytes == 0 || !vmo_is_page_multiple(offset | size_bytes))
		return NX_ERR_INVALID_ARGS;
	if (access == 0 || (access & ~NX_MAP_ACCESS) != 0)
		return NX_ERR_INVALID_ARGS;
	return vmo_has_range(vmo, offset, size_bytes) ? NX_OK
						      : NX_ERR_OUT_OF_RANGE;
}

static inline uint64_t vmo_round_up(uint64_t size_bytes)
{
	return (size_bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
}
#endif /* VMO_RANGE_INTERNAL_H */
