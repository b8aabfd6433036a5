/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_COMMAND_H
#define EPK_TOOL_COMMAND_H
/* The commands: each is one file named after it. Each reports its errors
 * and returns whether it did what was asked. */
#include "options.h"

struct epk_codec;

/** --encoder, --level and --best, or their defaults; else reported. */
bool choose_encoder(const struct options *options,
		    const struct epk_codec **out_codec, int *out_level);

bool command_pack(struct options *options);
bool command_list(struct options *options);
bool command_cat(struct options *options);
bool command_extract(struct options *options);
bool command_verify(struct options *options);
bool command_info(struct options *options);
bool command_keygen(struct options *options);
bool command_sign(struct options *options);
bool command_trust(struct options *options);
bool command_mount(struct options *options);
bool command_umount(struct options *options);
bool command_diff(struct options *options);
bool command_import(struct options *options);
bool command_export(struct options *options);
bool command_convert(struct options *options);
bool command_repack(struct options *options);
bool command_check_manifest(struct options *options);

#endif /* EPK_TOOL_COMMAND_H */
