/* SPDX-License-Identifier: BSD-2-Clause
 * Make a signed package out of memory: pack IMAGE KEY.pub
 * The key is made here and forgotten; its public half is written to KEY.pub. */
#include <epk/codec.h>
#include <epk/host.h>
#include <epk/key.h>
#include <epk/library.h>
#include <epk/manifest.h>
#include <epk/name.h>
#include <epk/sign.h>
#include <epk/writer.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char manifest[] = "name = \"org.example.verse\"\n"
			       "version = \"1.0.0\"\n"
			       "arch = \"any\"\n"
			       "kernel_api = \"0.1\"\n";

/* What will be in the package; the cookie of an entry is its index. */
static const struct {
	const char *name;
	const char *text;
} verses[] = {
	{ "first", "Roses are red,\n" },
	{ "second", "violets are blue,\n" },
	{ "third", "blocks have a digest\n" },
	{ "fourth", "and names have one too.\n" },
};
#define VERSES (sizeof(verses) / sizeof(verses[0]))

static int failed(const char *what, epk_status_t status)
{
	if (status == EPK_OK)
		return 0;
	fprintf(stderr, "%s: %s (%s)\n", what, epk_status_sentence(status),
		epk_status_name(status));
	return epk_status_exit_code(status);
}

/* -- where files come from: strings, read from an offset -- */

struct reading {
	const char *text;
	size_t left;
};

static epk_status_t open_verse(void *context, uint64_t cookie, const char *path,
			       void **out_file)
{
	struct reading *reading = context; /* one file is open at a time */

	(void)path;
	reading->text = verses[cookie].text;
	reading->left = strlen(reading->text);
	*out_file = reading;
	return EPK_OK;
}

static epk_status_t read_verse(void *context, void *file, void *buffer,
			       size_t size_bytes, size_t *out_count)
{
	struct reading *reading = file;
	const size_t count =
		reading->left < size_bytes ? reading->left : size_bytes;

	(void)context;
	memcpy(buffer, reading->text, count);
	reading->text += count;
	reading->left -= count;
	*out_count = count;
	return EPK_OK;
}

static epk_status_t close_verse(void *context, void *file)
{
	(void)context;
	(void)file;
	return EPK_OK;
}

/* -- where the image goes: a file -- */

static epk_status_t write_image(void *context, uint64_t offset,
				const void *data, size_t size_bytes)
{
	const ssize_t n =
		pwrite(*(int *)context, data, size_bytes, (off_t)offset);

	return n == (ssize_t)size_bytes ? EPK_OK : EPK_ERR_IO;
}

static epk_status_t read_image(void *context, uint64_t offset, void *data,
			       size_t size_bytes)
{
	const ssize_t n =
		pread(*(int *)context, data, size_bytes, (off_t)offset);

	return n == (ssize_t)size_bytes ? EPK_OK : EPK_ERR_IO;
}

static epk_status_t cut_image(void *context, uint64_t size_bytes)
{
	return ftruncate(*(int *)context, (off_t)size_bytes) == 0 ? EPK_OK
								  : EPK_ERR_IO;
}

static epk_status_t add_verses(struct epk_writer *writer)
{
	const struct epk_writer_entry folder = { .type = EPK_TYPE_FOLDER,
						 .name = "poem",
						 .name_size = 4 };
	epk_status_t status;
	uint32_t parent;

	status = epk_writer_add(writer, &folder, &parent);
	for (uint64_t i = 0; status == EPK_OK && i < VERSES; i++) {
		const struct epk_writer_entry file = {
			.parent = parent,
			.type = EPK_TYPE_FILE,
			.name = verses[i].name,
			.name_size = strlen(verses[i].name),
			.size = strlen(verses[i].text),
			.cookie = i,
		};

		/* The writer checks it as well; whoever takes names from a
		 * user asks before. */
		if (!epk_name_valid(file.name, file.name_size))
			return EPK_ERR_NAME;
		status = epk_writer_add(writer, &file, NULL);
	}
	return status;
}

static epk_status_t pack(int *fd, struct epk_writer_result *result)
{
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.level = -1,
		.codec = epk_codec_default(),
		.meta_codec = epk_codec_default(),
	};
	struct reading reading;
	const struct epk_writer_source source = { open_verse, read_verse,
						  close_verse, &reading };
	const struct epk_writer_sink sink = { write_image, read_image,
					      cut_image, fd };
	struct epk_manifest parsed;
	struct epk_writer *writer;
	epk_status_t status;

	/* The writer stores the text as it is: its grammar is our part. */
	status = epk_manifest_parse(manifest, sizeof(manifest) - 1, &parsed,
				    NULL);
	if (status != EPK_OK)
		return status;
	status = epk_writer_create(&settings, &writer);
	if (status != EPK_OK)
		return status;
	status =
		epk_writer_set_manifest(writer, manifest, sizeof(manifest) - 1);
	if (status == EPK_OK)
		status = add_verses(writer);
	if (status == EPK_OK)
		status = epk_writer_finish(writer, &source, &sink, result);
	epk_writer_destroy(writer);
	return status;
}

/* Signs the package id and puts the signature into the first page. (A tool
 * makes a new file and renames it; this image nobody reads yet.) */
static epk_status_t sign(int *fd, struct epk_signer *signer,
			 const uint8_t *package_id)
{
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	struct epk_signature signature;
	uint8_t page[EPK_PAGE_SIZE];
	epk_status_t status;

	epk_sign_message(package_id, message);
	status = epk_key_id(epk_signer_public_key(signer), signature.key_id);
	if (status == EPK_OK)
		status = epk_signer_sign(signer, message, sizeof(message),
					 signature.bytes);
	if (status == EPK_OK)
		status = read_image(fd, 0, page, sizeof(page));
	if (status == EPK_OK)
		status = epk_signature_add(page, &signature);
	if (status == EPK_OK)
		status = write_image(fd, 0, page, sizeof(page));
	return status;
}

static epk_status_t write_key(const char *path, const struct epk_signer *signer)
{
	char pem[EPK_KEY_PEM_MAX];
	epk_status_t status;
	size_t size;
	FILE *file;
	bool good;

	status = epk_key_write(epk_signer_public_key(signer), pem, sizeof(pem),
			       &size);
	if (status != EPK_OK)
		return status;
	file = fopen(path, "w");
	if (!file)
		return EPK_ERR_IO;
	good = fwrite(pem, 1, size, file) == size;
	return fclose(file) == 0 && good ? EPK_OK : EPK_ERR_IO;
}

int main(int argc, char **argv)
{
	struct epk_writer_result result;
	struct epk_signer *signer;
	int fd, code;

	if (argc != 3) {
		fprintf(stderr, "usage: pack IMAGE KEY.pub\n");
		return 1;
	}
	fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (fd < 0) {
		perror(argv[1]);
		return 5;
	}
	if ((code = failed("key", epk_signer_generate(&signer))) != 0)
		return code;
	if ((code = failed(argv[1], pack(&fd, &result))) == 0 &&
	    (code = failed("sign", sign(&fd, signer, result.package_id))) == 0)
		code = failed(argv[2], write_key(argv[2], signer));
	epk_signer_destroy(signer);
	close(fd);
	if (code == 0)
		printf("%s: %u files, %llu bytes, by libepk %s and %s\n",
		       argv[1], result.files,
		       (unsigned long long)result.image_size,
		       epk_library_version(), epk_codec_default()->name);
	return code;
}
