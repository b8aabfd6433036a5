/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot packages for the simulator, with the writer of libepk. The kernel has
 * no decoder and takes /init without a copy: all is stored and mapped. */
#include "support/sim.h"
#include "unit/libepk/writer_support.h"

#include <nexus/version.h>

#define TEXT_OF_(value) #value
#define TEXT_OF(value) TEXT_OF_(value)

static const char manifest[] =
	"name = \"boot\"\nversion = \"0.1.0\"\narch = \"any\"\n"
	"kernel_api = \"" TEXT_OF(NX_ABI_MAJOR) "." TEXT_OF(
		NX_ABI_MINOR) "\"\n";

static struct item item_of(const struct sim_file *file)
{
	return (struct item){
		.path = file->path,
		.type = file->bytes ? EPK_TYPE_FILE : EPK_TYPE_FOLDER,
		.exec = file->exec,
		.mapped = file->bytes != NULL,
		.bytes = file->bytes,
		.size_bytes = file->size_bytes,
	};
}

void sim_pack(const struct sim_file *files, size_t count,
	      struct sim_package *out_package)
{
	const struct epk_writer_settings settings = { .size_bytes =
							      sizeof(settings),
						      .threads = 1 };
	struct item *items = calloc(count, sizeof(*items));
	struct tree tree = { .items = items,
			     .count = (uint32_t)count,
			     .manifest = manifest };
	struct image image = { 0 };
	struct epk_writer_result result;
	epk_status_t status;

	if (!items)
		exit(99);
	for (size_t i = 0; i < count; i++)
		items[i] = item_of(&files[i]);
	status = pack_tree(&tree, &settings, &image, &result);
	free(items);
	if (status != EPK_OK) {
		fprintf(stderr, "no boot package: %s\n",
			epk_status_name(status));
		exit(99);
	}
	out_package->bytes = image.bytes;
	out_package->size_bytes = image.size_bytes;
}

void sim_pack_init(const char *name, struct sim_package *out_package)
{
	uint8_t bytes[SIM_IMAGE_BYTES_MAX];
	const struct sim_file init = {
		.path = "init",
		.bytes = bytes,
		.size_bytes = sim_image(name, bytes),
		.exec = true,
	};

	sim_pack(&init, 1, out_package);
}

void sim_unpack(struct sim_package *package)
{
	free(package->bytes);
	package->bytes = NULL;
}
