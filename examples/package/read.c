/* SPDX-License-Identifier: BSD-2-Clause
 * Open a package that must be signed, and read it: read IMAGE KEY.pub
 * Prints what the manifest says, the tree, the files, and what the cache did.
 */
#include <epk/cache.h>
#include <epk/host.h>
#include <epk/key.h>
#include <epk/mount.h>
#include <epk/ops.h>
#include <epk/source.h>
#include <epk/trust.h>
#include <epk/verify.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool failed(const char *what, epk_status_t status)
{
	if (status == EPK_OK)
		return false;
	fprintf(stderr, "%s: %s (%s)\n", what, epk_status_sentence(status),
		epk_status_name(status));
	return true;
}

/* A trust store of one key that may sign org.example and what is below. */
static epk_status_t trust_key(const char *path, struct epk_trust_store *store)
{
	struct epk_trust_entry entry = { .not_after = EPK_TRUST_NEVER };
	char pem[EPK_KEY_PEM_MAX];
	epk_status_t status;
	size_t size;
	FILE *file;

	file = fopen(path, "r");
	if (!file)
		return EPK_ERR_NOT_FOUND;
	size = fread(pem, 1, sizeof(pem), file);
	fclose(file);
	status = epk_key_read(pem, size, entry.public_key);
	if (status == EPK_OK)
		status = epk_key_id(entry.public_key, entry.key_id);
	if (status == EPK_OK)
		status = epk_trust_entry_allow(&entry, "org.example");
	if (status == EPK_OK)
		status = epk_trust_store_add(store, &entry);
	return status;
}

/* Steps 1 to 18 with the policy "one good signature of a trusted key". */
static epk_status_t open_image(const struct epk_source *source,
			       const struct epk_trust_store *store,
			       struct epk_file **out_file)
{
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.signatures = EPK_SIGNATURES_REQUIRED,
		.threshold = 1,
		.trust = epk_trust_store_policy(store),
	};
	struct epk_failure failure;
	const epk_status_t status =
		epk_file_open(source, &options, &failure, out_file);

	if (status != EPK_OK)
		fprintf(stderr, "refused at stage %s, which checks %s\n",
			epk_stage_name(failure.stage),
			epk_stage_sentence(failure.stage));
	return status;
}

static void print_manifest(const struct epk_image *image)
{
	char name[EPK_IDENTIFIER_MAX];
	size_t size = 0;

	if (epk_string_copy(&image->manifest,
			    &image->manifest.keys[EPK_KEY_NAME], name,
			    sizeof(name), &size) == EPK_OK)
		printf("%.*s %u.%u.%u for %s\n", (int)size, name,
		       image->manifest.version[0], image->manifest.version[1],
		       image->manifest.version[2],
		       epk_arch_name(image->manifest.arch));
}

static epk_status_t print_bytes(void *context, const void *bytes,
				size_t size_bytes)
{
	return fwrite(bytes, 1, size_bytes, context) == size_bytes ? EPK_OK
								   : EPK_ERR_IO;
}

/* Every file in the order of the nodes; all bytes are verified on the way. */
static epk_status_t print_files(const struct epk_image *image)
{
	const uint64_t size = epk_mount_size(image, 4);
	void *memory = size == 0 ? NULL : aligned_alloc(8, (size + 7) & ~7ull);
	struct epk_mount mount;
	epk_status_t status;
	uint64_t count;

	if (!memory)
		return EPK_ERR_NO_MEMORY;
	status = epk_mount_init(&mount, image, memory, size);
	for (uint32_t i = 0; status == EPK_OK && i < image->header.node_count;
	     i++) {
		char path[EPK_PATH_MAX];
		struct epk_node node;
		size_t length;

		status = epk_node_get(image, i, &node);
		if (status != EPK_OK || node.type != EPK_TYPE_FILE)
			continue;
		status = epk_node_path(image, i, path, sizeof(path), &length);
		if (status != EPK_OK)
			break;
		printf("%o %.*s: ", epk_node_mode(&node), (int)length, path);
		status = epk_read_each(&mount, i, 0, node.size_bytes,
				       print_bytes, stdout, &count);
	}
	if (status == EPK_OK)
		status = epk_mount_fini(&mount);
	free(memory);
	return status;
}

/* One file by its path, into a buffer, and its digest once more. */
static epk_status_t check_path(const struct epk_image *image, const char *path)
{
	const uint64_t size = epk_mount_size(image, 1);
	void *memory = aligned_alloc(8, (size + 7) & ~7ull);
	uint8_t digest[EPK_DIGEST_SIZE];
	struct epk_mount mount;
	struct epk_node node;
	epk_status_t status;
	size_t count = 0;
	char bytes[256];
	uint32_t index;

	if (!memory)
		return EPK_ERR_NO_MEMORY;
	status = epk_walk(image, 0, path, strlen(path), 0, &index);
	if (status == EPK_OK)
		status = epk_node_get(image, index, &node);
	if (status == EPK_OK)
		status = epk_mount_init(&mount, image, memory, size);
	if (status == EPK_OK)
		status = epk_read(&mount, index, 0, bytes, sizeof(bytes),
				  &count);
	if (status == EPK_OK)
		status = epk_sha256(epk_ops_default(), bytes, count, digest);
	if (status == EPK_OK && memcmp(digest, node.sha256, sizeof(digest)))
		status = EPK_ERR_FILE_DIGEST;
	free(memory);
	return status;
}

struct filling {
	const struct epk_image *image;
	uint8_t *scratch;
};

/* Fills a place of the cache with a block of the image. */
static epk_status_t fill(void *context, uint32_t key, uint8_t *block,
			 uint32_t *out_size)
{
	const struct filling *filling = context;
	const uint8_t *bytes;
	struct epk_block row;
	epk_status_t status;

	status = epk_block_get(filling->image, key, &row);
	if (status == EPK_OK)
		status = epk_block_read(filling->image, key, filling->scratch,
					block, &bytes);
	if (status == EPK_OK)
		*out_size = row.plain_size;
	return status;
}

/* A cache of two blocks, each block asked for twice in a row. */
static epk_status_t use_cache(const struct epk_image *image)
{
	const uint32_t block_size = epk_block_size(image);
	const size_t size = epk_cache_size(2, block_size);
	struct filling filling = { image, malloc(block_size) };
	void *memory = aligned_alloc(8, (size + 7) & ~(size_t)7);
	struct epk_cache cache;
	epk_status_t status = EPK_ERR_NO_MEMORY;
	const uint8_t *block;
	uint32_t count;

	if (filling.scratch && memory)
		status = epk_cache_init(&cache, memory, size, block_size);
	for (uint32_t i = 0;
	     status == EPK_OK && i < 2 * image->header.block_count; i++) {
		status = epk_cache_get(&cache, i / 2, fill, &filling, &block,
				       &count);
		if (status == EPK_OK)
			status = epk_cache_put(&cache, i / 2);
	}
	if (status == EPK_OK) {
		printf("cache: %llu hits, %llu misses\n",
		       (unsigned long long)cache.hits,
		       (unsigned long long)cache.misses);
		status = epk_cache_fini(&cache);
	}
	free(memory);
	free(filling.scratch);
	return status;
}

static bool read_image(struct epk_image *image)
{
	print_manifest(image);
	return !failed("verify",
		       epk_verify_threads(image, 0, NULL, NULL, NULL)) &&
	       !failed("files", print_files(image)) &&
	       !failed("path", check_path(image, "/poem/third")) &&
	       !failed("cache", use_cache(image));
}

int main(int argc, char **argv)
{
	struct epk_trust_store *store;
	struct epk_source source;
	struct epk_file *file;
	bool good = false;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: read IMAGE KEY.pub\n");
		return 1;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0) {
		perror(argv[1]);
		return 5;
	}
	if (failed("trust store",
		   epk_trust_store_create(EPK_TRUST_NO_CLOCK, &store)))
		return 5;
	if (!failed(argv[2], trust_key(argv[2], store)) &&
	    !failed(argv[1], epk_source_from_fd(fd, &source)) &&
	    !failed(argv[1], open_image(&source, store, &file))) {
		good = read_image(epk_file_image(file));
		epk_file_close(file);
	}
	epk_trust_store_destroy(store);
	close(fd);
	return good ? 0 : 2;
}
