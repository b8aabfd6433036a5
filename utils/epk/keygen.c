/* SPDX-License-Identifier: BSD-2-Clause */
/* epk keygen: a new key, as two files that were not there before. */
#include "command.h"

#include "files.h"
#include "hex.h"
#include "report.h"
#include "shown.h"

#include <epk/key.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_place(const char *what, const char *file, const char *advice)
{
	fputs(what, stdout);
	print_shown(stdout, file, strlen(file));
	printf(" (%s)\n", advice);
}

static bool report_key(const struct options *options, const char *private_file,
		       const char *public_file, const uint8_t *key_id)
{
	char text[KEY_ID_TEXT];

	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:o}", "command", "keygen", "ok",
			1, "key_id", json_hex(key_id, KEY_ID_SIZE),
			"private_key", json_text(private_file), "public_key",
			json_text(public_file)));
	if (options->quiet)
		return true;
	hex_write(key_id, KEY_ID_SIZE, text);
	printf("key id       %s\n", text);
	print_place("private key  ", private_file, "keep it secret");
	print_place("public key   ", public_file,
		    "give it to those who should trust it");
	return true;
}

static bool write_public(const struct options *options,
			 const struct epk_signer *signer, const char *file)
{
	char text[EPK_KEY_PEM_MAX];
	size_t size = 0;

	if (epk_key_write(epk_signer_public_key(signer), text, sizeof(text),
			  &size))
		return memory_error(options, NULL);
	return file_create(options, file, 0666, text, size);
}

static bool write_private(const struct options *options,
			  const struct epk_signer *signer, const char *file)
{
	char text[EPK_KEY_PEM_MAX];
	size_t size = 0;
	bool good;

	if (epk_signer_write(signer, text, sizeof(text), &size))
		return memory_error(options, NULL);
	good = file_create(options, file, 0600, text, size);
	wipe(text, sizeof(text));
	return good;
}

static bool write_both(const struct options *options,
		       const struct epk_signer *signer,
		       const char *private_file, const char *public_file)
{
	uint8_t key_id[KEY_ID_SIZE];

	if (epk_key_id(epk_signer_public_key(signer), key_id))
		return memory_error(options, NULL);
	if (!write_private(options, signer, private_file))
		return false;
	if (!write_public(options, signer, public_file)) {
		unlink(private_file);
		return false;
	}
	return report_key(options, private_file, public_file, key_id);
}

bool command_keygen(struct options *options)
{
	const char *name = options->operands[0];
	size_t size = strlen(name) + sizeof(".key");
	struct epk_signer *signer = NULL;
	char *private_file = malloc(size);
	char *public_file = malloc(size);
	bool good = false;
	epk_status_t status = epk_signer_generate(&signer);

	if (status || !private_file || !public_file) {
		tool_error(options, status ? status : EPK_ERR_NO_MEMORY, NULL,
			   "no key was made; try again");
	} else {
		snprintf(private_file, size, "%s.key", name);
		snprintf(public_file, size, "%s.pub", name);
		good = write_both(options, signer, private_file, public_file);
	}
	epk_signer_destroy(signer);
	free(private_file);
	free(public_file);
	return good;
}
