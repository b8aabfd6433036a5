/* SPDX-License-Identifier: BSD-2-Clause */
/* An image in memory that does not change, as a source. */
#include <epk/host.h>

void epk_source_from_memory(const void *bytes, size_t size_bytes,
			    struct epk_source *out_source)
{
	*out_source = (struct epk_source){
		.mapped = bytes,
		.size_bytes = size_bytes,
	};
}
