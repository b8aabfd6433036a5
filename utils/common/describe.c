/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows are collected once, as JSON; text is another way to print them. */
#include "describe.h"

#include "report.h"
#include "shown.h"

#include <epk/codec.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *decoded(const struct epk_manifest *manifest,
		       const struct epk_string *string)
{
	char text[EPK_LINE_MAX];
	size_t size = 0;

	if (epk_string_copy(manifest, string, text, sizeof(text), &size))
		return NULL;
	return json_stringn(text, size);
}

static json_t *table(const struct epk_manifest *manifest,
		     const struct epk_entry *entries, uint32_t count)
{
	json_t *object = json_object();

	for (uint32_t i = 0; object && i < count; i++) {
		json_t *key = decoded(manifest, &entries[i].key);

		if (key)
			json_object_set_new(
				object, json_string_value(key),
				decoded(manifest, &entries[i].value));
		json_decref(key);
	}
	return object;
}

void describe_manifest(json_t *object, const struct epk_manifest *manifest)
{
	static const char *const names[EPK_KEY_COUNT] = {
		[EPK_KEY_NAME] = "name",
		[EPK_KEY_VERSION] = "version",
		[EPK_KEY_ARCH] = "arch",
		[EPK_KEY_KERNEL_API] = "kernel_api",
		[EPK_KEY_ENTRY] = "entry",
		[EPK_KEY_DESCRIPTION] = "description",
		[EPK_KEY_LICENSE] = "license",
		[EPK_KEY_HOMEPAGE] = "homepage",
	};

	for (int i = 0; i < EPK_KEY_COUNT; i++) {
		if (epk_string_present(&manifest->keys[i]))
			json_object_set_new(
				object, names[i],
				decoded(manifest, &manifest->keys[i]));
	}
	json_object_set_new(
		object, "commands",
		table(manifest, manifest->commands, manifest->command_count));
	json_object_set_new(object, "permissions",
			    table(manifest, manifest->permissions,
				  manifest->permission_count));
}

static void add_number(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void add_settings(json_t *object, const struct epk_header *header)
{
	static const char *const codecs[] = { "store", "zlib" };

	add_number(object, "align_log2", header->align_log2);
	add_number(object, "block_log2", header->block_log2);
	json_object_set_new(object, "meta_codec",
			    json_string(codecs[header->meta_codec & 1]));
	add_number(object, "build_epoch", header->build_epoch);
	add_number(object, "feature_compat", header->feature_compat);
}

static void add_sizes(json_t *object, const struct epk_header *header)
{
	add_number(object, "image_size", header->image_size);
	add_number(object, "meta_size", header->meta_size);
	add_number(object, "meta_stored", header->meta_stored);
	add_number(object, "data_offset", header->data_offset);
	add_number(object, "nodes", header->node_count);
	add_number(object, "map_blocks", header->map_blocks);
	add_number(object, "whole_blocks", header->whole_blocks);
	add_number(object, "shared_blocks", header->shared_blocks);
}

/** What the nodes and blocks add up to. */
static void add_sums(json_t *object, const struct epk_image *image)
{
	uint64_t plain_bytes = 0;
	uint64_t compressed = 0;
	uint32_t files = 0;

	for (uint32_t i = 0; i < image->header.node_count; i++) {
		struct epk_node node;

		if (epk_node_get(image, i, &node) || node.type != EPK_TYPE_FILE)
			continue;
		files++;
		plain_bytes += node.size_bytes;
	}
	for (uint32_t i = 0; i < image->header.block_count; i++) {
		struct epk_block block;

		if (epk_block_get(image, i, &block) == EPK_OK)
			compressed += block.codec != EPK_CODEC_STORE;
	}
	add_number(object, "files", files);
	add_number(object, "plain_bytes", plain_bytes);
	add_number(object, "compressed_blocks", compressed);
}

void describe_identity(json_t *object, const struct epk_image *image)
{
	uint8_t content_id[EPK_DIGEST_SIZE];
	json_t *keys = json_array();

	json_object_set_new(object, "package_id",
			    json_hex(image->package_id, EPK_DIGEST_SIZE));
	if (epk_content_id(image, content_id) == EPK_OK)
		json_object_set_new(object, "content_id",
				    json_hex(content_id, EPK_DIGEST_SIZE));
	for (uint32_t i = 0; i < image->slot_count; i++)
		json_array_append_new(
			keys, json_hex(image->slot_keys[i], EPK_DIGEST_SIZE));
	json_object_set_new(object, "signature_keys", keys);
}

/** Compressed bytes can be made again by the same encoder only. */
static void add_encoder(json_t *object)
{
	const struct epk_codec *codec = epk_codec_default();
	char text[64];

	snprintf(text, sizeof(text), "%s %s", codec->name, codec->version());
	json_object_set_new(object, "encoder_here", json_string(text));
}

/** "NAME VALUE", or "NAME INNER: VALUE", in one line whatever they hold. */
static void print_row(const char *name, const char *inner, const json_t *value)
{
	const char *text = json_string_value(value);

	printf("%-18s ", name);
	if (inner) {
		print_shown(stdout, inner, strlen(inner));
		fputs(": ", stdout);
	}
	if (text)
		print_shown(stdout, text, strlen(text));
	putchar('\n');
}

static void print_value(const char *name, const json_t *value)
{
	if (json_is_integer(value))
		printf("%-18s %lld\n", name,
		       (long long)json_integer_value(value));
	else if (json_is_string(value))
		print_row(name, NULL, value);
}

void describe_print(json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		const char *inner_name;
		json_t *inner;
		size_t index;

		print_value(name, value);
		json_array_foreach(value, index, inner)
			print_value(name, inner);
		json_object_foreach(value, inner_name, inner)
			print_row(name, inner_name, inner);
	}
}

void describe_storage(json_t *object, const struct epk_image *image)
{
	add_settings(object, &image->header);
	add_sizes(object, &image->header);
	add_sums(object, image);
	add_encoder(object);
}
