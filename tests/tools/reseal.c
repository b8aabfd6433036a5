/* SPDX-License-Identifier: BSD-2-Clause */
/* reseal IMAGE OLD NEW: replaces the one occurrence of the bytes OLD in the
 * stored metadata by NEW (equally long; \xHH is a byte), then repairs the
 * metadata's digest and the header's checksum. With `-n INDEX OFFSET NEW` in
 * place of OLD and NEW the bytes at OFFSET in a node are replaced. */
#include <epk/format.h>
#include <epk/ops.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file {
	uint8_t *bytes;
	size_t size_bytes;
};

static int complain(const char *what)
{
	fprintf(stderr, "reseal: %s\n", what);
	return 1;
}

static bool load(const char *name, struct file *file)
{
	FILE *stream = fopen(name, "rb");
	long size;

	if (!stream)
		return false;
	fseek(stream, 0, SEEK_END);
	size = ftell(stream);
	rewind(stream);
	file->size_bytes = (size_t)size;
	file->bytes = malloc(file->size_bytes + 1);
	size = file->bytes
		       ? (long)fread(file->bytes, 1, file->size_bytes, stream)
		       : -1;
	fclose(stream);
	return size == (long)file->size_bytes && size >= (long)EPK_PAGE_SIZE;
}

static bool save(const char *name, const struct file *file)
{
	FILE *stream = fopen(name, "wb");
	bool good;

	if (!stream)
		return false;
	good = fwrite(file->bytes, 1, file->size_bytes, stream) ==
	       file->size_bytes;
	return fclose(stream) == 0 && good;
}

/** Undoes \xHH in place; returns the size. */
static size_t unescape(char *text)
{
	char *to = text;
	char *start = text;

	while (*text) {
		unsigned byte;

		if (sscanf(text, "\\x%2x", &byte) == 1) {
			*to++ = (char)byte;
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	return (size_t)(to - start);
}

static uint8_t *find_once(uint8_t *bytes, size_t size, const char *what,
			  size_t what_size)
{
	uint8_t *hit = NULL;

	for (size_t i = 0; i + what_size <= size; i++) {
		if (memcmp(bytes + i, what, what_size) != 0)
			continue;
		if (hit)
			return NULL;
		hit = bytes + i;
	}
	return hit;
}

static void seal(const struct file *file, size_t meta_size)
{
	uint8_t *header = file->bytes;

	(void)epk_sha256(epk_ops_core(), header + EPK_METADATA_OFFSET,
			 meta_size, header + EPK_HEADER_META_DIGEST);
	epk_store32(header + EPK_HEADER_CRC,
		    epk_crc32c(header, EPK_HEADER_CRC));
}

int main(int argc, char **argv)
{
	struct file file = { 0 };
	uint8_t *meta;
	uint8_t *at;
	size_t meta_size;
	size_t size;

	if (argc != 4 && !(argc == 6 && strcmp(argv[2], "-n") == 0))
		return complain("usage: reseal IMAGE OLD NEW | "
				"IMAGE -n INDEX OFFSET NEW");
	if (!load(argv[1], &file))
		return complain("cannot read the image");
	meta = file.bytes + EPK_METADATA_OFFSET;
	meta_size = (size_t)epk_load64(file.bytes + EPK_HEADER_META_STORED);
	if (meta_size > file.size_bytes - EPK_METADATA_OFFSET)
		return complain("no sound image");
	size = unescape(argv[argc - 1]);
	if (argc == 6)
		at = meta + strtoul(argv[3], NULL, 10) * EPK_NODE_SIZE +
		     strtoul(argv[4], NULL, 10);
	else if (unescape(argv[2]) == size)
		at = find_once(meta, meta_size, argv[2], size);
	else
		return complain("OLD and NEW have different sizes");
	if (!at || at + size > meta + meta_size)
		return complain("OLD does not occur exactly once");
	memcpy(at, argv[argc - 1], size);
	seal(&file, meta_size);
	if (!save(argv[1], &file))
		return complain("cannot write the image");
	free(file.bytes);
	return 0;
}
