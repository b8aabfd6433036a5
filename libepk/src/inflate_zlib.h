/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_INFLATE_ZLIB_H
#define EPK_INFLATE_ZLIB_H
/* The inflate operation of host and target alike. */
#include <epk/error.h>

epk_status_t epk_inflate_zlib(const void *in, size_t in_size, void *out,
			      size_t out_size);

#endif /* EPK_INFLATE_ZLIB_H */
