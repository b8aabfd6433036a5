/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_CODEC_INTERNAL_H
#define EPK_CODEC_INTERNAL_H
#include <epk/codec.h>

/** Levels 1..12, default 6; only in builds with libdeflate. */
const struct epk_codec *epk_codec_libdeflate(void);

#endif /* EPK_CODEC_INTERNAL_H */
