/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOLS_DESCRIBE_H
#define TOOLS_DESCRIBE_H
/* Who a package is and how it is stored, as rows of one JSON object. */
#include <epk/reader.h>

#include <jansson.h>

/** Name, version, commands, permissions, ... */
void describe_manifest(json_t *object, const struct epk_manifest *manifest);
/** package_id, content_id, the keys of its signatures. */
void describe_identity(json_t *object, const struct epk_image *image);
/** Settings and sizes. */
void describe_storage(json_t *object, const struct epk_image *image);

/** The rows as text, "NAME VALUE", one a line whatever they hold. */
void describe_print(json_t *object);

#endif /* TOOLS_DESCRIBE_H */
