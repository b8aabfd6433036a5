/* SPDX-License-Identifier: BSD-2-Clause */
/* epk pack: manifest, walk, write, read back and check, put in place. */
#include "command.h"

#include "deep.h"
#include "image.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "select.h"
#include "walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct packing {
	const struct options *options;
	struct selection selection;
	struct walk walk;
	struct output output;
	struct progress progress;
	struct epk_writer *writer;
	struct epk_writer_result result;
	char *manifest_file;
	char *manifest;
	size_t manifest_size;
};

static bool memory_error(const struct packing *packing)
{
	return tool_error(packing->options, EPK_ERR_NO_MEMORY, NULL,
			  "close other programs and try again");
}

static bool name_manifest(struct packing *packing)
{
	const struct options *options = packing->options;
	const char *folder = options->operands[0];
	size_t size = strlen(folder) + sizeof("/manifest.toml");

	if (options->manifest) {
		packing->manifest_file = strdup(options->manifest);
	} else {
		packing->manifest_file = malloc(size);
		if (packing->manifest_file)
			snprintf(packing->manifest_file, size,
				 "%s/manifest.toml", folder);
	}
	return packing->manifest_file || memory_error(packing);
}

static bool load_manifest(struct packing *packing)
{
	struct epk_manifest manifest;
	struct epk_failure failure;

	if (!name_manifest(packing))
		return false;
	packing->manifest =
		read_small_file(packing->options, packing->manifest_file,
				!packing->options->manifest,
				EPK_MANIFEST_SIZE_MAX, &packing->manifest_size);
	if (!packing->manifest)
		return false;
	if (epk_manifest_parse(packing->manifest, packing->manifest_size,
			       &manifest, &failure))
		return image_error(packing->options, packing->manifest_file, "",
				   &failure);
	return true;
}

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

static bool create_writer(struct packing *packing)
{
	const struct options *options = packing->options;
	const struct epk_codec *codec = NULL;
	int level = 0;
	struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.align_log2 = options->align_log2,
		.block_log2 = options->block_log2,
		.threads = options->jobs,
		.progress = show_progress,
		.progress_context = &packing->progress,
	};
	epk_status_t status;

	if (!choose_epoch(options, &settings.build_epoch) ||
	    !choose_encoder(options, &codec, &level))
		return false;
	settings.level = level;
	settings.codec = options->codec_store ? NULL : codec;
	settings.meta_codec = options->meta_store ? NULL : codec;
	status = epk_writer_create(&settings, &packing->writer);
	if (status == EPK_ERR_INVALID)
		return usage_error(options, "--block-log2 must not be less "
					    "than --align-log2");
	if (status == EPK_OK)
		status = epk_writer_set_manifest(packing->writer,
						 packing->manifest,
						 packing->manifest_size);
	return status == EPK_OK || memory_error(packing);
}

/** An image must not replace what it is made of. */
static bool is_no_output(const struct packing *packing, const char *file)
{
	const struct walk *walk = &packing->walk;
	struct stat info;

	if (!file || !walk->output_exists || stat(file, &info) != 0 ||
	    info.st_dev != walk->output.st_dev ||
	    info.st_ino != walk->output.st_ino)
		return true;
	return tool_error(packing->options, EPK_ERR_INVALID,
			  packing->options->output,
			  "it was read for this image: name another file");
}

static bool add_tree(struct packing *packing)
{
	struct walk *walk = &packing->walk;

	walk->options = packing->options;
	walk->folder = packing->options->operands[0];
	walk->selection = &packing->selection;
	walk->writer = packing->writer;
	walk->manifest = packing->manifest;
	walk->manifest_size = packing->manifest_size;
	walk->output_exists =
		stat(packing->options->output, &walk->output) == 0;
	if (!is_no_output(packing, packing->manifest_file) ||
	    !is_no_output(packing, packing->options->map_from) ||
	    !walk_begin(walk))
		return false;
	if (walk_add_all(walk) && selection_complete(&packing->selection))
		return true;
	walk_end(walk);
	return false;
}

static bool finish_failed(const struct packing *packing, epk_status_t status)
{
	const struct options *options = packing->options;
	const char *inside = epk_writer_error_path(packing->writer);
	int error = packing->output.error ? packing->output.error
					  : packing->walk.error;
	char file[2 * EPK_PATH_MAX];

	if (packing->output.error)
		snprintf(file, sizeof(file), "%s", options->output);
	else
		snprintf(file, sizeof(file), "%s/%s", options->operands[0],
			 inside);
	if (status == EPK_ERR_CHANGED)
		return tool_error(options, status, file,
				  "pack again when nothing writes there");
	if (status == EPK_ERR_ORDER)
		return tool_error(options, status, file,
				  "two things have this path: take one away");
	return tool_error(options, status, file, "%s",
			  error ? strerror(error)
				: "make the tree smaller or choose a larger "
				  "--block-log2");
}

static bool write_image(struct packing *packing)
{
	const struct epk_writer_source source = walk_source(&packing->walk);
	const struct epk_writer_sink sink = output_sink(&packing->output);
	epk_status_t status;

	progress_begin(&packing->progress, packing->options, "packing");
	status = epk_writer_finish(packing->writer, &source, &sink,
				   &packing->result);
	progress_end(&packing->progress);
	return status == EPK_OK || finish_failed(packing, status);
}

/** What stands in the file now is what was meant, to the last byte. */
static bool read_back(struct packing *packing)
{
	const struct options *options = packing->options;
	struct tool_image image;
	bool good;

	if (!image_open_fd(&image, options, options->output,
			   packing->output.fd))
		return false;
	good = deep_verify(&image, options, "checking");
	if (good && memcmp(image.image->package_id, packing->result.package_id,
			   EPK_DIGEST_SIZE) != 0)
		good = tool_error(options, EPK_ERR_IO, options->output,
				  "the file changed while it was written: "
				  "pack again");
	image_close(&image);
	return good;
}

static bool report_done(const struct packing *packing)
{
	const struct options *options = packing->options;
	const struct epk_writer_result *result = &packing->result;
	const double percent = result->plain_bytes
				       ? 100.0 * (double)result->image_size /
						 (double)result->plain_bytes
				       : 100.0;

	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, "
			"s:I, s:I, s:I}",
			"command", "pack", "ok", 1, "file",
			json_text(options->output), "package_id",
			json_hex(result->package_id, 32), "content_id",
			json_hex(result->content_id, 32), "image_size",
			(json_int_t)result->image_size, "plain_bytes",
			(json_int_t)result->plain_bytes, "shared_bytes",
			(json_int_t)result->shared_bytes, "nodes",
			(json_int_t)result->nodes, "files",
			(json_int_t)result->files, "blocks",
			(json_int_t)result->blocks));
	if (!options->quiet)
		printf("%s: %" PRIu32 " files, %" PRIu64 " bytes in %" PRIu64
		       " (%.1f %%), %" PRIu64 " bytes shared\n",
		       options->output, result->files, result->plain_bytes,
		       result->image_size, percent, result->shared_bytes);
	return true;
}

static bool write_checked(struct packing *packing)
{
	const struct options *options = packing->options;

	if (!output_create(&packing->output, options, options->output))
		return false;
	if (write_image(packing) && read_back(packing))
		return output_commit(&packing->output) && report_done(packing);
	output_discard(&packing->output);
	return false;
}

static bool pack(struct packing *packing)
{
	bool good;

	if (!load_manifest(packing) || !create_writer(packing) ||
	    !selection_init(&packing->selection, packing->options) ||
	    !add_tree(packing))
		return false;
	good = write_checked(packing);
	walk_end(&packing->walk);
	return good;
}

bool command_pack(struct options *options)
{
	/* Large: the walk's path is in it. */
	static struct packing packing;
	bool good;

	if (!options->output)
		return usage_error(options, "name the image with --output");
	packing.options = options;
	good = pack(&packing);
	epk_writer_destroy(packing.writer);
	selection_fini(&packing.selection);
	free(packing.manifest);
	free(packing.manifest_file);
	return good;
}
