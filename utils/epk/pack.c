/* SPDX-License-Identifier: BSD-2-Clause */
/* epk pack: manifest, walk, write, read back and check, put in place. */
#include "command.h"

#include "making.h"
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
	struct making making;
	char *manifest_file;
	char *manifest;
	size_t manifest_size;
};

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
	return packing->manifest_file || memory_error(packing->options, NULL);
}

static bool load_manifest(struct packing *packing)
{
	if (!name_manifest(packing))
		return false;
	packing->manifest =
		read_small_file(packing->options, packing->manifest_file,
				!packing->options->manifest,
				EPK_MANIFEST_SIZE_MAX, &packing->manifest_size);
	return packing->manifest != NULL;
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
	walk->writer = packing->making.writer;
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

static bool failed(void *context, epk_status_t status, const char *inside)
{
	const struct packing *packing = context;
	const struct options *options = packing->options;
	const int error = packing->walk.error;
	char file[2 * EPK_PATH_MAX];

	snprintf(file, sizeof(file), "%s/%s", options->operands[0], inside);
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

	return making_write(&packing->making, &source, failed, packing);
}

static bool pack(struct packing *packing)
{
	bool good;

	if (!load_manifest(packing) ||
	    !making_begin(&packing->making, packing->options,
			  packing->manifest_file, packing->manifest,
			  packing->manifest_size) ||
	    !selection_init(&packing->selection, packing->options) ||
	    !add_tree(packing))
		return false;
	good = write_image(packing);
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
	making_end(&packing.making);
	selection_fini(&packing.selection);
	free(packing.manifest);
	free(packing.manifest_file);
	return good;
}
