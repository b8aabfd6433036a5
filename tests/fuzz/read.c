/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of files through a cache of a few blocks: any offset and size, by
 * copy and piece by piece, handed out and given back. A range has the bytes
 * that the whole file has there, or the file has a bad block. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 70000u
#define REQUESTS 24u

static uint8_t whole[WHOLE_MAX];
static uint8_t part[WHOLE_MAX];

struct file {
	uint32_t node;
	uint64_t size; /* as its row says */
	size_t got;    /* of its bytes, in `whole` */
	epk_status_t status;
};

static void read_whole(struct epk_mount *mount, uint32_t node,
		       struct file *out_file)
{
	struct epk_node row;

	fuzz_must(epk_node_get(mount->image, node, &row) == EPK_OK,
		  "a node that is there is got");
	*out_file = (struct file){ .node = node, .size = row.size_bytes };
	out_file->status =
		epk_read(mount, node, 0, whole, sizeof(whole), &out_file->got);
	if (out_file->status == EPK_OK)
		fuzz_must(row.type == EPK_TYPE_FILE &&
				  (out_file->got == row.size_bytes ||
				   out_file->got == sizeof(whole)),
			  "all of a file is read");
	fuzz_count(out_file->status);
}

static uint64_t any_offset(const struct file *file, struct fuzz_random *random)
{
	switch (fuzz_below(random, 8)) {
	case 0:
		return file->size;
	case 1:
		return file->size - fuzz_below(random, 3);
	case 2:
		return UINT64_MAX - fuzz_below(random, 5000);
	case 3:
		return (uint64_t)fuzz_below(random, 6) << 12;
	default:
		return fuzz_below(random,
				  (uint32_t)(file->size % WHOLE_MAX) + 2);
	}
}

static void copy_part(struct epk_mount *mount, const struct file *file,
		      struct fuzz_random *random)
{
	const uint64_t offset = any_offset(file, random);
	const size_t size = fuzz_below(random, 3) == 0
				    ? fuzz_below(random, sizeof(part))
				    : fuzz_below(random, 100);
	size_t got;

	if (epk_read(mount, file->node, offset, part, size, &got) != EPK_OK)
		return;
	fuzz_must(got <= size && (got == 0 || offset + got <= file->size),
		  "no more than there is");
	if (file->status == EPK_OK && got != 0 && offset + got <= file->got)
		fuzz_must(memcmp(whole + offset, part, got) == 0,
			  "a part has the bytes of the whole");
}

struct pieces {
	uint64_t at;
	const struct file *file;
};

static epk_status_t take(void *context, const void *bytes, size_t size)
{
	struct pieces *pieces = context;

	fuzz_must(size != 0, "a piece has bytes");
	if (pieces->file->status == EPK_OK &&
	    pieces->at + size <= pieces->file->got)
		fuzz_must(memcmp(whole + pieces->at, bytes, size) == 0,
			  "a piece has the bytes of the whole");
	pieces->at += size;
	return pieces->at % 7 == 3 ? EPK_ERR_IO : EPK_OK;
}

static void take_part(struct epk_mount *mount, const struct file *file,
		      struct fuzz_random *random)
{
	struct pieces pieces = { any_offset(file, random), file };
	uint64_t got;

	(void)epk_read_each(mount, file->node, pieces.at,
			    any_offset(file, random), take, &pieces, &got);
}

static void lend_part(struct epk_mount *mount, const struct file *file,
		      struct fuzz_random *random)
{
	const uint64_t offset = (uint64_t)fuzz_below(random, 4) << 12;
	struct epk_splice splice;

	if (epk_splice_check(mount, file->node, offset,
			     1 + fuzz_below(random, 9000), 12,
			     &splice) != EPK_OK)
		return;
	fuzz_must(splice.image_offset % 4096 == 0 &&
			  splice.image_offset + splice.size_bytes <=
				  mount->image->header.image_size,
		  "what is lent lies in the image");
	for (uint32_t i = 0; i < splice.block_count; i++)
		fuzz_count(epk_block_verify(mount, splice.first_block + i));
	if (epk_splice_charge(mount, &splice) == EPK_OK)
		fuzz_must(epk_splice_return(mount, &splice) == EPK_OK,
			  "what was lent can be given back");
}

static void ask(struct epk_mount *mount, struct fuzz_random *random)
{
	static void (*const requests[])(struct epk_mount *, const struct file *,
					struct fuzz_random *) = {
		copy_part, copy_part, copy_part, take_part, lend_part,
	};
	const uint32_t count = mount->image->header.node_count;
	struct file file;

	for (uint32_t i = 0; i < REQUESTS; i++) {
		if (i % 6 == 0)
			read_whole(mount, fuzz_below(random, count), &file);
		requests[fuzz_below(random, 5)](mount, &file, random);
	}
}

static void serve(struct epk_image *image, struct fuzz_random *random)
{
	const uint64_t size = epk_mount_size(image, 1 + fuzz_below(random, 3));
	void *memory = malloc(size);
	struct epk_mount mount;

	fuzz_must(memory != NULL, "there is memory for the test");
	fuzz_must(epk_mount_init(&mount, image, memory, size) == EPK_OK,
		  "a loaded image can be served");
	ask(&mount, random);
	fuzz_must(epk_mount_fini(&mount) == EPK_OK, "nothing is held");
	free(memory);
}

static void run(const uint8_t *bytes, size_t size)
{
	fuzz_image_serve(bytes, size, serve);
}

FUZZ_REACHES(EPK_OK, EPK_ERR_BLOCK_DIGEST, EPK_ERR_CODEC, EPK_ERR_PAD)

const struct fuzz_target fuzz_target = {
	.name = "read",
	.runs = 10000,
	.long_runs = 1000000,
	FUZZ_IMAGE_INPUTS,
	.mutate = fuzz_image_mutate_data,
	.run = run,
	.report = report,
};
