/* SPDX-License-Identifier: BSD-2-Clause */
/* epk sign: signatures into an image, out of it, or into a file of their
 * own. The image is copied beside itself, changed, checked and renamed, so
 * that every reader sees one whole image or the other. */
#include "command.h"

#include "detached.h"
#include "files.h"
#include "hex.h"
#include "image.h"
#include "output.h"
#include "report.h"
#include "secret.h"
#include "shown.h"
#include "transfer.h"

#include <epk/key.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** An image that is being signed. */
struct work {
	const struct options *options;
	struct tool_image image;
	int fd;
	uint8_t page[EPK_PAGE_SIZE];   /* as it is becoming */
	uint8_t before[EPK_PAGE_SIZE]; /* as it was */
	struct detached made;	       /* by the keys of this run */
};

/* ---- keys ---- */

/** "pkcs11:...": a scheme before anything that a path would have. */
static bool is_uri(const char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");

	return size > 1 && text[size] == ':';
}

static bool key_error(const struct options *options, epk_status_t status,
		      const char *key)
{
	if (status == EPK_ERR_SECRET)
		return tool_error(options, status, key,
				  "type it at the terminal, or put it into the "
				  "environment as EPK_PIN");
	return tool_error(options, status, key,
			  "name the private key that epk keygen wrote (.key), "
			  "or a pkcs11: URI");
}

static struct epk_signer *open_file_key(const struct options *options,
					const char *file)
{
	struct epk_signer *signer = NULL;
	char text[EPK_KEY_FILE_MAX];
	size_t size;
	epk_status_t status;

	if (!file_read(options, file, text, sizeof(text), &size))
		return NULL;
	status = epk_signer_from_pem(text, size, secret_ask, NULL, &signer);
	wipe(text, sizeof(text));
	if (status)
		key_error(options, status, file);
	return signer;
}

static struct epk_signer *open_key(const struct options *options,
				   const char *key)
{
	struct epk_signer *signer = NULL;
	const char *reason = "";
	epk_status_t status;

	if (!is_uri(key))
		return open_file_key(options, key);
	status = epk_signer_from_uri(key, secret_ask, NULL, &reason, &signer);
	if (status == EPK_ERR_KEY)
		tool_error(options, status, key,
			   "the token says: %s; p11tool --list-all shows what "
			   "there is",
			   reason);
	else if (status)
		key_error(options, status, key);
	return signer;
}

/** Into the order of the file; one of the same key is replaced. */
static bool collect(struct detached *made, const struct epk_signature *now)
{
	uint32_t place = 0;
	int order = 1;

	for (; place < made->count; place++) {
		order = memcmp(made->signatures[place].key_id, now->key_id,
			       sizeof(now->key_id));
		if (order >= 0)
			break;
	}
	if (place < made->count && order == 0) {
		made->signatures[place] = *now;
		return true;
	}
	if (made->count == EPK_SIGNATURES_MAX)
		return false;
	memmove(made->signatures + place + 1, made->signatures + place,
		(made->count - place) * sizeof(*now));
	made->signatures[place] = *now;
	made->count++;
	return true;
}

static bool sign_with(struct work *work, const char *key)
{
	struct epk_signer *signer = open_key(work->options, key);
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	struct epk_signature now;
	epk_status_t status;

	if (!signer)
		return false;
	epk_sign_message(work->image.image->package_id, message);
	status = epk_key_id(epk_signer_public_key(signer), now.key_id);
	if (status == EPK_OK)
		status = epk_signer_sign(signer, message, sizeof(message),
					 now.bytes);
	epk_signer_destroy(signer);
	if (status)
		return key_error(work->options, status, key);
	if (collect(&work->made, &now))
		return true;
	return tool_error(work->options, EPK_ERR_LIMIT, key,
			  "an image has at most 8 signatures");
}

/* ---- the page ---- */

static bool add_signature(struct work *work, const struct epk_signature *now)
{
	epk_status_t status = epk_signature_add(work->page, now);

	if (status == EPK_ERR_LIMIT)
		return tool_error(work->options, status, work->image.file,
				  "there are 8 signatures; take one out by "
				  "--remove KEYID");
	if (status)
		return tool_error(work->options, status, work->image.file,
				  "the image changed meanwhile; try again");
	return true;
}

static bool attach(struct work *work, const char *file)
{
	struct detached detached;
	char id[KEY_ID_TEXT];

	if (!detached_read(work->options, file, &detached))
		return false;
	hex_write(detached.package_id, KEY_ID_SIZE, id);
	if (memcmp(detached.package_id, work->image.image->package_id,
		   sizeof(detached.package_id)) != 0)
		return tool_error(work->options, EPK_ERR_SIGPOLICY, file,
				  "it is for package %s, not for %s", id,
				  work->image.file);
	for (uint32_t i = 0; i < detached.count; i++) {
		if (!add_signature(work, &detached.signatures[i]))
			return false;
	}
	return true;
}

static bool take_out(struct work *work, const char *id)
{
	struct epk_signature found;
	struct epk_signature now;
	uint32_t count = 0;
	bool every = strcmp(id, "all") == 0;

	if (!every && !is_key_id(id))
		return usage_error(work->options,
				   "--remove: \"%s\" is no key id and not "
				   "\"all\"",
				   id);
	for (uint32_t i = 0; !epk_signature_get(work->page, i, &now); i++) {
		if (!every && !key_id_begins(now.key_id, id))
			continue;
		found = now;
		count++;
		if (every) {
			epk_signature_remove(work->page, now.key_id);
			i--;
		}
	}
	if (every)
		return true;
	if (count == 1)
		return epk_signature_remove(work->page, found.key_id) == EPK_OK;
	return tool_error(work->options, EPK_ERR_NOT_FOUND, work->image.file,
			  count ? "several keys begin with %s; give more digits"
				: "no signature of key %s; epk info shows all",
			  id);
}

/** Out first, so that there is room for what comes in. */
static bool change_page(struct work *work)
{
	const struct options *options = work->options;

	for (uint32_t i = 0; i < options->remove.count; i++) {
		if (!take_out(work, options->remove.values[i]))
			return false;
	}
	for (uint32_t i = 0; i < options->attach.count; i++) {
		if (!attach(work, options->attach.values[i]))
			return false;
	}
	for (uint32_t i = 0; i < work->made.count; i++) {
		if (!add_signature(work, &work->made.signatures[i]))
			return false;
	}
	return true;
}

/* ---- the file ---- */

static bool copy_image(struct work *work, struct output *output)
{
	const struct epk_source *source = &work->image.image->source;
	struct epk_writer_sink sink = output_sink(output);
	static uint8_t buffer[256 * 1024];
	uint64_t left = source->size_bytes;
	uint64_t at = 0;

	while (left) {
		ssize_t count =
			read_full_at(work->fd, buffer, sizeof(buffer), at);

		if (count <= 0) {
			errno = count ? errno : EIO;
			return system_error(work->options, "read",
					    work->image.file);
		}
		if (at == 0 && (size_t)count >= sizeof(work->page))
			memcpy(buffer, work->page, sizeof(work->page));
		if (sink.write(sink.context, at, buffer, (size_t)count)) {
			errno = output->error;
			return system_error(work->options, "write",
					    work->image.file);
		}
		at += (uint64_t)count;
		left -= (uint64_t)count < left ? (uint64_t)count : left;
	}
	return true;
}

/** What was written is an image, and the same package. */
static bool check_copy(struct work *work, const struct output *output)
{
	struct tool_image copy;
	bool same;

	if (!image_open_fd(&copy, work->options, work->image.file, output->fd))
		return false;
	same = memcmp(copy.image->package_id, work->image.image->package_id,
		      EPK_DIGEST_SIZE) == 0;
	image_close(&copy);
	if (same)
		return true;
	return tool_error(work->options, EPK_ERR_CHANGED, work->image.file,
			  "leave the image alone while it is signed");
}

static bool keep_permissions(struct work *work, const struct output *output)
{
	struct stat info;

	if (fstat(work->fd, &info) != 0)
		return system_error(work->options, "look at", work->image.file);
	/* Only root can keep another owner; without it the file is ours. */
	if (fchown(output->fd, info.st_uid, info.st_gid) != 0)
		info.st_mode &= (mode_t) ~(S_ISUID | S_ISGID);
	if (fchmod(output->fd, info.st_mode & 07777) == 0)
		return true;
	return system_error(work->options, "set the permissions of",
			    work->image.file);
}

static bool replace_image(struct work *work)
{
	struct output output;

	if (!output_create(&output, work->options, work->image.file))
		return false;
	if (copy_image(work, &output) && check_copy(work, &output) &&
	    keep_permissions(work, &output))
		return output_commit(&output);
	output_discard(&output);
	return false;
}

/* ---- the command ---- */

static bool report_signed(const struct work *work)
{
	const struct options *options = work->options;
	struct epk_signature now;
	json_t *keys = json_array();

	for (uint32_t i = 0; !epk_signature_get(work->page, i, &now); i++)
		json_array_append_new(keys, json_hex(now.key_id, KEY_ID_SIZE));
	if (options->json)
		return report_json(json_pack(
			"{s:s, s:b, s:o, s:o, s:o}", "command", "sign", "ok", 1,
			"file", json_text(work->image.file), "package_id",
			json_hex(work->image.image->package_id,
				 EPK_DIGEST_SIZE),
			"signature_keys", keys));
	if (!options->quiet && json_array_size(keys) == 0)
		print_file(work->image.file, "not signed\n");
	for (size_t i = 0; !options->quiet && i < json_array_size(keys); i++) {
		print_file(work->image.file, "signed by %s\n",
			   json_string_value(json_array_get(keys, i)));
	}
	json_decref(keys);
	return true;
}

static bool report_detached(const struct work *work)
{
	const struct options *options = work->options;
	char id[KEY_ID_TEXT];

	if (options->json)
		return report_json(
			json_pack("{s:s, s:b, s:o, s:o, s:o, s:i}", "command",
				  "sign", "ok", 1, "file",
				  json_text(work->image.file), "package_id",
				  json_hex(work->image.image->package_id,
					   EPK_DIGEST_SIZE),
				  "detached", json_text(options->detached),
				  "signatures", (int)work->made.count));
	if (options->quiet || output_is_stdout(options->detached))
		return true;
	for (uint32_t i = 0; i < work->made.count; i++) {
		hex_write(work->made.signatures[i].key_id, KEY_ID_SIZE, id);
		print_file(work->image.file, "signed by %s in ", id);
		print_last(options->detached);
	}
	return true;
}

static bool sign_opened(struct work *work)
{
	const struct options *options = work->options;

	memcpy(work->made.package_id, work->image.image->package_id,
	       EPK_DIGEST_SIZE);
	for (uint32_t i = 0; i < options->key.count; i++) {
		if (!sign_with(work, options->key.values[i]))
			return false;
	}
	if (options->detached)
		return detached_write(options, options->detached,
				      &work->made) &&
		       report_detached(work);
	if (pread(work->fd, work->page, sizeof(work->page), 0) !=
	    (ssize_t)sizeof(work->page))
		return system_error(options, "read", work->image.file);
	memcpy(work->before, work->page, sizeof(work->page));
	if (!change_page(work))
		return false;
	/* What is so already is not written again. */
	if (memcmp(work->before, work->page, sizeof(work->page)) != 0 &&
	    !replace_image(work))
		return false;
	return report_signed(work);
}

/** Two runs at once would lose one's signature: the second is refused. */
static bool lock(const struct options *options, const char *file, int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat opened;
	struct stat named;

	if (fcntl(fd, F_SETLK, &whole) != 0) {
		if (errno != EACCES && errno != EAGAIN)
			return system_error(options, "lock", file);
		return tool_error(options, EPK_ERR_BUSY, file,
				  "another program is changing it; try again");
	}
	if (fstat(fd, &opened) == 0 && stat(file, &named) == 0 &&
	    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino)
		return true;
	return tool_error(options, EPK_ERR_BUSY, file,
			  "it was replaced just now; try again");
}

static bool check_options(const struct options *options)
{
	if (options->detached && (options->remove.count ||
				  options->attach.count || !options->key.count))
		return usage_error(options,
				   "--detached goes with --key and without "
				   "--attach and --remove");
	if (options->key.count || options->remove.count ||
	    options->attach.count)
		return true;
	return usage_error(options, "say what to do: --key, --attach or "
				    "--remove");
}

bool command_sign(struct options *options)
{
	static struct work work;
	const char *file = options->operands[0];
	bool writes = !options->detached;
	bool good = false;

	if (!check_options(options))
		return false;
	work = (struct work){ .options = options };
	work.fd = open(file, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC |
				     O_NOCTTY | O_NONBLOCK);
	if (work.fd < 0)
		return system_error(options, "open", file);
	if ((!writes || lock(options, file, work.fd)) &&
	    image_open_fd(&work.image, options, file, work.fd)) {
		good = sign_opened(&work);
		image_close(&work.image);
	}
	close(work.fd);
	return good;
}
