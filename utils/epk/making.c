/* SPDX-License-Identifier: BSD-2-Clause */
#include "making.h"

#include "command.h"
#include "shown.h"

#include "deep.h"
#include "image.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool choose_epoch(const struct options *options, uint64_t *out_epoch)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	*out_epoch = options->epoch;
	if (options->epoch_given || !text)
		return true;
	if (parse_number(text, 0, EPK_BUILD_EPOCH_MAX, out_epoch))
		return true;
	return usage_error(options,
			   "SOURCE_DATE_EPOCH: \"%s\" is no number of seconds "
			   "up to the year 9999",
			   text);
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
	progress_update(context, done, total);
}

bool choose_encoder(const struct options *options,
		    const struct epk_codec **out_codec, int *out_level)
{
	const struct epk_codec *codec =
		options->encoder ? epk_codec_find(options->encoder)
				 : epk_codec_default();

	if (!codec)
		return usage_error(options,
				   "--encoder: this epk was built without %s",
				   options->encoder);
	if (options->level > codec->level_max)
		return usage_error(options, "--level: %s has levels 1 to %d",
				   codec->name, codec->level_max);
	if (options->best && options->level > 0)
		return usage_error(options, "--best is a level: leave --level "
					    "out");
	*out_codec = codec;
	*out_level = options->best    ? codec->level_max
		     : options->level ? options->level
				      : -1;
	return true;
}

static bool create_writer(struct making *making, const char *manifest,
			  size_t manifest_size)
{
	const struct options *options = making->options;
	const struct epk_codec *codec = NULL;
	int level = 0;
	struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.align_log2 = options->align_log2,
		.block_log2 = options->block_log2,
		.threads = options->jobs,
		.progress = show_progress,
		.progress_context = &making->progress,
	};
	epk_status_t status;

	if (!choose_epoch(options, &settings.build_epoch) ||
	    !choose_encoder(options, &codec, &level))
		return false;
	settings.level = level;
	settings.codec = options->codec_store ? NULL : codec;
	settings.meta_codec = options->meta_store ? NULL : codec;
	settings.base = options->base ? making->base.image : NULL;
	status = epk_writer_create(&settings, &making->writer);
	if (status == EPK_ERR_INVALID)
		return usage_error(options, "--block-log2 must not be less "
					    "than --align-log2");
	if (status == EPK_OK)
		status = epk_writer_set_manifest(making->writer, manifest,
						 manifest_size);
	return status == EPK_OK ||
	       tool_error(options, status, NULL,
			  "close other programs and try again");
}

bool making_begin(struct making *making, const struct options *options,
		  const char *manifest_file, const char *manifest,
		  size_t manifest_size)
{
	struct epk_manifest parsed;
	struct epk_failure failure;

	*making = (struct making){ .options = options };
	if (epk_manifest_parse(manifest, manifest_size, &parsed, &failure))
		return image_error(options, manifest_file, "", &failure);
	if (options->base && !image_open(&making->base, options, options->base))
		return false;
	return create_writer(making, manifest, manifest_size);
}

void making_end(struct making *making)
{
	epk_writer_destroy(making->writer);
	making->writer = NULL;
	if (making->base.image)
		image_close(&making->base);
	making->base.image = NULL;
}

/** What stands in the file now is what was meant, to the last byte. */
static bool read_back(struct making *making)
{
	const struct options *options = making->options;
	struct tool_image image;
	bool good;

	if (!image_open_fd(&image, options, options->output, making->output.fd))
		return false;
	good = deep_verify(&image, options, "checking");
	if (good && memcmp(image.image->package_id, making->result.package_id,
			   EPK_DIGEST_SIZE) != 0)
		good = tool_error(options, EPK_ERR_IO, options->output,
				  "the file changed while it was written: "
				  "try again");
	image_close(&image);
	return good;
}

static bool report_done(const struct making *making)
{
	const struct options *options = making->options;
	const struct epk_writer_result *result = &making->result;
	const double percent = result->plain_bytes
				       ? 100.0 * (double)result->image_size /
						 (double)result->plain_bytes
				       : 100.0;

	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, "
			"s:I, s:I, s:I, s:I, s:I}",
			"command", options->command, "ok", 1, "file",
			json_text(options->output), "package_id",
			json_hex(result->package_id, 32), "content_id",
			json_hex(result->content_id, 32), "image_size",
			(json_int_t)result->image_size, "plain_bytes",
			(json_int_t)result->plain_bytes, "shared_bytes",
			(json_int_t)result->shared_bytes, "nodes",
			(json_int_t)result->nodes, "files",
			(json_int_t)result->files, "blocks",
			(json_int_t)result->blocks, "blocks_reused",
			(json_int_t)result->reused_blocks, "bytes_reused",
			(json_int_t)result->reused_bytes));
	if (options->quiet || output_is_stdout(options->output))
		return true;
	print_file(options->output,
		   "%" PRIu32 " files, %" PRIu64 " bytes in %" PRIu64
		   " (%.1f %%), %" PRIu64 " bytes shared\n",
		   result->files, result->plain_bytes, result->image_size,
		   percent, result->shared_bytes);
	if (!options->base)
		return true;
	print_file(options->output,
		   "%" PRIu32 " of %" PRIu32 " blocks, %" PRIu64
		   " bytes, copied from ",
		   result->reused_blocks, result->blocks, result->reused_bytes);
	print_last(options->base);
	return true;
}

static bool
finish(struct making *making, const struct epk_writer_source *source,
       bool (*failed)(void *context, epk_status_t status, const char *path),
       void *context)
{
	const struct options *options = making->options;
	const struct epk_writer_sink sink = output_sink(&making->output);
	epk_status_t status;

	progress_begin(&making->progress, options, "packing");
	status = epk_writer_finish(making->writer, source, &sink,
				   &making->result);
	progress_end(&making->progress);
	if (status == EPK_OK)
		return true;
	if (making->output.error)
		return tool_error(options, status, making->output.file, "%s",
				  strerror(making->output.error));
	return failed(context, status, epk_writer_error_path(making->writer));
}

bool making_write(struct making *making, const struct epk_writer_source *source,
		  bool (*failed)(void *context, epk_status_t status,
				 const char *path),
		  void *context)
{
	if (!output_create(&making->output, making->options,
			   making->options->output))
		return false;
	if (finish(making, source, failed, context) && read_back(making))
		return output_commit(&making->output) && report_done(making);
	output_discard(&making->output);
	return false;
}
