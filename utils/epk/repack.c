/* SPDX-License-Identifier: BSD-2-Clause */
/* epk repack: the same content stored in another way. What is not said stays
 * as it was; the content id must come out equal, or nothing is written. */
#include "command.h"

#include "deep.h"
#include "image.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "select.h"
#include "shown.h"

#include <epk/writer.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct repacking {
	const struct options *options;
	struct tool_image image;
	struct selection selection;
	uint32_t *entries; /* of the writer, by node */
	struct epk_writer *writer;
	struct output output;
	struct progress progress;
	struct epk_writer_result result;
	uint32_t node; /* that is read */
	uint64_t at;
	bool failed; /* reading it, and that was reported */
};

static void show_progress(void *context, uint64_t done, uint64_t total)
{
	progress_update(context, done, total);
}

static bool create_writer(struct repacking *repacking)
{
	const struct options *options = repacking->options;
	const struct epk_image *image = repacking->image.image;
	const struct epk_header *header = &image->header;
	const struct epk_codec *codec;
	int level;
	struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.align_log2 = options->align_log2 ? options->align_log2
						  : header->align_log2,
		.block_log2 = options->block_log2 ? options->block_log2
						  : header->block_log2,
		.threads = options->jobs,
		.build_epoch = options->epoch_given ? options->epoch
						    : header->build_epoch,
		.progress = show_progress,
		.progress_context = &repacking->progress,
	};
	epk_status_t status;

	if (!choose_encoder(options, &codec, &level))
		return false;
	settings.level = level;
	settings.codec = options->codec_store ? NULL : codec;
	settings.meta_codec = options->meta_store ? NULL : codec;
	status = epk_writer_create(&settings, &repacking->writer);
	if (status == EPK_ERR_INVALID)
		return usage_error(options, "--block-log2 must not be less "
					    "than --align-log2");
	if (status == EPK_OK)
		status = epk_writer_set_manifest(repacking->writer,
						 image->manifest.text,
						 image->manifest.text_size);
	return status == EPK_OK ||
	       tool_error(options, status, NULL,
			  "close other programs and try again");
}

static bool is_mapped(struct repacking *repacking, const struct epk_node *node)
{
	const struct options *options = repacking->options;

	if (!options->map.count && !options->map_from)
		return node->flags & EPK_FLAG_MAPPED;
	return selection_has(&repacking->selection,
			     image_path(&repacking->image, node->index),
			     node->flags & EPK_FLAG_EXEC);
}

static bool add_node(struct repacking *repacking, uint32_t index)
{
	struct epk_node node;
	struct epk_writer_entry entry;
	epk_status_t status =
		epk_node_get(repacking->image.image, index, &node);

	if (status)
		return image_read_error(&repacking->image, repacking->options,
					index, status);
	entry = (struct epk_writer_entry){
		.parent = repacking->entries[node.parent],
		.type = node.type,
		.name = node.name,
		.name_size = node.name_size,
		.cookie = index,
	};
	if (node.type == EPK_TYPE_FILE) {
		entry.exec = node.flags & EPK_FLAG_EXEC;
		entry.mapped = is_mapped(repacking, &node);
		entry.size = node.size_bytes;
	} else if (node.type == EPK_TYPE_LINK) {
		entry.target = node.target;
		entry.target_size = (size_t)node.size_bytes;
	} else if (node.type == EPK_TYPE_ALIAS) {
		entry.alias_folder = repacking->entries[node.first];
	}
	status = epk_writer_add(repacking->writer, &entry,
				&repacking->entries[index]);
	return status == EPK_OK ||
	       tool_error(repacking->options, status, repacking->image.file,
			  "close other programs and try again");
}

/** Aliases last: the folder of one may stand behind it. */
static bool add_nodes(struct repacking *repacking)
{
	const uint32_t count = repacking->image.image->header.node_count;

	repacking->entries = calloc(count, sizeof(*repacking->entries));
	if (!repacking->entries)
		return memory_error(repacking->options, NULL);
	for (int aliases = 0; aliases < 2; aliases++) {
		for (uint32_t i = 1; i < count; i++) {
			struct epk_node node;

			if (epk_node_get(repacking->image.image, i, &node) ==
				    EPK_OK &&
			    (node.type == EPK_TYPE_ALIAS) != aliases)
				continue;
			if (!add_node(repacking, i))
				return false;
		}
	}
	return selection_complete(&repacking->selection);
}

static epk_status_t source_open(void *context, uint64_t cookie,
				const char *path, void **out_file)
{
	struct repacking *repacking = context;

	(void)path;
	repacking->node = (uint32_t)cookie;
	repacking->at = 0;
	*out_file = repacking;
	return EPK_OK;
}

static epk_status_t source_read(void *context, void *file, void *buffer,
				size_t size_bytes, size_t *out_count)
{
	struct repacking *repacking = context;
	struct tool_image *image = &repacking->image;
	epk_status_t status =
		epk_read(&image->mount, repacking->node, repacking->at, buffer,
			 size_bytes, out_count);

	(void)file;
	if (status) {
		repacking->failed = true;
		image_read_error(image, repacking->options, repacking->node,
				 status);
		return status;
	}
	repacking->at += *out_count;
	return EPK_OK;
}

static epk_status_t source_close(void *context, void *file)
{
	(void)context;
	(void)file;
	return EPK_OK;
}

static bool finish(struct repacking *repacking)
{
	const struct options *options = repacking->options;
	const struct epk_writer_source source = {
		.open = source_open,
		.read = source_read,
		.close = source_close,
		.context = repacking,
	};
	const struct epk_writer_sink sink = output_sink(&repacking->output);
	epk_status_t status;

	progress_begin(&repacking->progress, options, "packing");
	status = epk_writer_finish(repacking->writer, &source, &sink,
				   &repacking->result);
	progress_end(&repacking->progress);
	if (status == EPK_OK || repacking->failed)
		return status == EPK_OK;
	return tool_error(options, status, options->output, "%s",
			  repacking->output.error
				  ? strerror(repacking->output.error)
				  : "choose a larger --block-log2");
}

/** The content is what it was: file digests and all, by its id. */
static bool check_content(struct repacking *repacking)
{
	const struct options *options = repacking->options;
	uint8_t content_id[EPK_DIGEST_SIZE];
	struct tool_image image;
	bool good;

	if (epk_content_id(repacking->image.image, content_id) != EPK_OK ||
	    memcmp(content_id, repacking->result.content_id, EPK_DIGEST_SIZE) !=
		    0)
		return tool_error(options, EPK_ERR_FILE_DIGEST,
				  repacking->image.file,
				  "a file is not what its digest says: fetch "
				  "or pack it again");
	if (!image_open_fd(&image, options, options->output,
			   repacking->output.fd))
		return false;
	good = deep_verify(&image, options, "checking");
	if (good && memcmp(image.image->package_id,
			   repacking->result.package_id, EPK_DIGEST_SIZE) != 0)
		good = tool_error(options, EPK_ERR_IO, options->output,
				  "the file changed while it was written: "
				  "try again");
	image_close(&image);
	return good;
}

static bool report_done(const struct repacking *repacking)
{
	const struct options *options = repacking->options;
	const struct epk_writer_result *result = &repacking->result;
	const uint64_t before = repacking->image.image->header.image_size;
	const uint32_t slots = repacking->image.image->slot_count;

	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:i}", "command",
			"repack", "ok", 1, "file", json_text(options->output),
			"package_id", json_hex(result->package_id, 32),
			"content_id", json_hex(result->content_id, 32),
			"image_size", (json_int_t)result->image_size,
			"size_before", (json_int_t)before, "signatures_dropped",
			(int)slots));
	if (!options->quiet && !output_is_stdout(options->output))
		print_file(options->output,
			   "%" PRIu64 " bytes, before %" PRIu64
			   ", the same content%s\n",
			   result->image_size, before,
			   slots ? "; sign it again" : "");
	return true;
}

static bool write_checked(struct repacking *repacking)
{
	if (!output_create(&repacking->output, repacking->options,
			   repacking->options->output))
		return false;
	if (finish(repacking) && check_content(repacking))
		return output_commit(&repacking->output) &&
		       report_done(repacking);
	output_discard(&repacking->output);
	return false;
}

bool command_repack(struct options *options)
{
	struct repacking repacking = { .options = options };
	bool good;

	if (!options->output)
		return usage_error(options, "name the image with --output");
	if (!image_open(&repacking.image, options, options->operands[0]))
		return false;
	good = image_mount(&repacking.image, options) &&
	       create_writer(&repacking) &&
	       selection_init(&repacking.selection, options) &&
	       add_nodes(&repacking) && write_checked(&repacking);
	epk_writer_destroy(repacking.writer);
	selection_fini(&repacking.selection);
	free(repacking.entries);
	image_close(&repacking.image);
	return good;
}
