/* SPDX-License-Identifier: BSD-2-Clause */
/* One RFC 1950 stream: whole input, exact length, Adler-32, no dictionary. */
#include "inflate_zlib.h"

#include <limits.h>
#define ZLIB_CONST
#include <zlib.h>

epk_status_t epk_inflate_zlib(const void *in, size_t in_size, void *out,
			      size_t out_size)
{
	z_stream stream = { .next_in = in, .next_out = out };
	int result;

	if (in_size > UINT_MAX || out_size > UINT_MAX)
		return EPK_ERR_CODEC;
	stream.avail_in = (uInt)in_size;
	stream.avail_out = (uInt)out_size;
	result = inflateInit2(&stream, MAX_WBITS);
	if (result != Z_OK)
		return EPK_ERR_NO_MEMORY;
	result = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	if (result == Z_MEM_ERROR)
		return EPK_ERR_NO_MEMORY;
	if (result != Z_STREAM_END || stream.avail_in != 0 ||
	    stream.avail_out != 0)
		return EPK_ERR_CODEC;
	return EPK_OK;
}
