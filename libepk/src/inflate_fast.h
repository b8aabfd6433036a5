/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_INFLATE_FAST_H
#define EPK_INFLATE_FAST_H
#include <epk/ops.h>

/** The inflate of struct epk_ops: epk_inflate_zlib()'s verdicts, sooner. */
epk_status_t epk_inflate_fast(const void *in, size_t in_size, void *out,
			      size_t out_size);

#endif /* EPK_INFLATE_FAST_H */
