/* SPDX-License-Identifier: BSD-2-Clause */
/* Which encoders this build has, the one to use first. */
#include "codec_internal.h"

#include <string.h>

const struct epk_codec *epk_codec_default(void)
{
#ifdef EPK_WITH_LIBDEFLATE
	return epk_codec_libdeflate();
#else
	return epk_codec_zlib();
#endif
}

const struct epk_codec *epk_codec_find(const char *name)
{
	const struct epk_codec *best = epk_codec_default();

	if (strcmp(name, best->name) == 0)
		return best;
	return strcmp(name, "zlib") == 0 ? epk_codec_zlib() : NULL;
}
