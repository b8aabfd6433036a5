/* SPDX-License-Identifier: BSD-2-Clause */
/* epk list: every node below a folder, in the image's order. */
#include "command.h"

#include "image.h"
#include "report.h"
#include "shown.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const type_names[] = {
	[EPK_TYPE_FOLDER] = "folder",
	[EPK_TYPE_FILE] = "file",
	[EPK_TYPE_ALIAS] = "alias",
	[EPK_TYPE_LINK] = "link",
};

static void print_mode(const struct epk_node *node)
{
	static const char letters[] = "?d-al";
	uint32_t mode = epk_node_mode(node);

	putchar(letters[node->type]);
	for (int bit = 8; bit >= 0; bit--)
		putchar(mode >> bit & 1 ? "xwr"[bit % 3] : '-');
}

/** m: mapped, s: in a shared block, b: blocks of its own, -: none. */
static char storage_letter(const struct epk_node *node)
{
	if (node->flags & EPK_FLAG_MAPPED)
		return 'm';
	if (node->flags & EPK_FLAG_SHARED)
		return 's';
	return node->type == EPK_TYPE_FILE && node->count ? 'b' : '-';
}

/** As it is to programs, safely to people. */
static void print_name(const char *text, size_t size)
{
	if (isatty(STDOUT_FILENO) == 1)
		print_shown(stdout, text, size);
	else
		fwrite(text, 1, size, stdout);
}

static void print_path(const struct tool_image *image, uint32_t node)
{
	const char *path = image_path(image, node);

	print_name(path, strlen(path));
}

static void print_text(const struct tool_image *image,
		       const struct options *options,
		       const struct epk_node *node)
{
	if (options->long_format) {
		print_mode(node);
		printf(" %c %10" PRIu64 " ", storage_letter(node),
		       node->size_bytes);
	}
	print_path(image, node->index);
	if (options->long_format && node->type == EPK_TYPE_LINK) {
		fputs(" -> ", stdout);
		print_name(node->target, (size_t)node->size_bytes);
	}
	if (options->long_format && node->type == EPK_TYPE_ALIAS) {
		fputs(" => /", stdout);
		print_path(image, node->first);
	}
	putchar('\n');
}

static bool print_json(const struct tool_image *image,
		       const struct epk_node *node)
{
	json_t *object = json_pack("{s:o, s:s, s:I}", "path",
				   json_text(image_path(image, node->index)),
				   "type", type_names[node->type], "size",
				   (json_int_t)node->size_bytes);

	if (object && node->type == EPK_TYPE_FILE) {
		json_object_set_new(object, "exec",
				    json_boolean(node->flags & EPK_FLAG_EXEC));
		json_object_set_new(
			object, "mapped",
			json_boolean(node->flags & EPK_FLAG_MAPPED));
		json_object_set_new(
			object, "shared",
			json_boolean(node->flags & EPK_FLAG_SHARED));
		json_object_set_new(object, "sha256",
				    json_hex(node->sha256, EPK_DIGEST_SIZE));
	}
	if (object && node->type == EPK_TYPE_LINK)
		json_object_set_new(
			object, "target",
			json_stringn(node->target, (size_t)node->size_bytes));
	if (object && node->type == EPK_TYPE_ALIAS)
		json_object_set_new(object, "folder",
				    json_text(image_path(image, node->first)));
	return report_json(object);
}

/** Is the node below (or at) the folder that was asked for? */
static bool is_below(const struct tool_image *image, uint32_t node,
		     uint32_t top)
{
	struct epk_node at;

	while (node > top && epk_node_get(image->image, node, &at) == EPK_OK)
		node = at.parent;
	return node == top;
}

static bool print_node(const struct tool_image *image,
		       const struct options *options, uint32_t index)
{
	struct epk_node node;
	epk_status_t status = epk_node_get(image->image, index, &node);

	if (status)
		return image_read_error(image, options, index, status);
	if (options->json)
		return print_json(image, &node);
	print_text(image, options, &node);
	return true;
}

static bool list(const struct tool_image *image, const struct options *options)
{
	uint32_t count = image->image->header.node_count;
	uint32_t top = 0;

	if (options->operand_count == 2 &&
	    !image_find(image, options, options->operands[1], &top))
		return false;
	for (uint32_t i = top ? top : 1; i < count; i++) {
		if (top && !is_below(image, i, top))
			continue;
		if (!print_node(image, options, i))
			return false;
	}
	return true;
}

bool command_list(struct options *options)
{
	struct tool_image image;
	bool listed;

	if (!image_open(&image, options, options->operands[0]))
		return false;
	listed = list(&image, options);
	image_close(&image);
	return listed;
}
