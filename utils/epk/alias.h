/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_ALIAS_H
#define EPK_TOOL_ALIAS_H
/* --alias PATH=FOLDER: paths are resolved while the walk passes by. */
#include <stdbool.h>
#include <stdint.h>

struct walk;

bool alias_parse_all(struct walk *walk);
/** walk->path is a folder that was added as entry index. */
void alias_note_folder(struct walk *walk, uint32_t index);
/** Is walk->path where an alias is to stand? */
bool alias_stands_at(const struct walk *walk);
/** Behind the walk: add them, or say which path is missing. */
bool alias_add_all(struct walk *walk);

#endif /* EPK_TOOL_ALIAS_H */
