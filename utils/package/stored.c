/* SPDX-License-Identifier: BSD-2-Clause */
#include "stored.h"

#include "options.h"
#include "policy.h"
#include "report.h"

#include <epk/verify.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** It is the package its file is named after. */
static bool check_name(const struct stored *stored, const struct store *store,
		       const char *file)
{
	struct package_ref said;

	return (package_ref_of(&stored->image.image->manifest, &said) &&
		package_ref_compare(&said, &stored->ref) == 0) ||
	       store_refused(store, file, "the package has another name");
}

bool stored_open(struct stored *stored, const struct store *store,
		 const struct package_ref *ref)
{
	char file[PACKAGE_FILE_SIZE];
	int fd;

	package_file_write(ref, file);
	stored->ref = *ref;
	snprintf(stored->path, sizeof(stored->path), "%s/%s", store->place,
		 file);
	fd = store_open_file(store, file);
	if (fd < 0)
		return false;
	if (!image_open_fd(&stored->image, store->options, stored->path, fd)) {
		close(fd);
		return false;
	}
	stored->image.fd = fd;
	if (check_name(stored, store, file))
		return true;
	stored_close(stored);
	return false;
}

void stored_close(struct stored *stored)
{
	image_close(&stored->image);
}

/** Does an image that is sound without a policy pass with it, too? */
static bool policy_accepts(const struct epk_source *source,
			   const struct options *options)
{
	const struct epk_options policy = policy_options(options);
	struct epk_file *opened = NULL;

	if (epk_file_open(source, &policy, NULL, &opened))
		return false;
	epk_file_close(opened);
	return true;
}

static void glance_at(int fd, const struct store *store, bool deep,
		      struct stored_glance *glance)
{
	struct epk_file *opened = NULL;
	struct epk_source source;

	if (epk_source_from_fd(fd, &source) ||
	    epk_file_open(&source, NULL, NULL, &opened))
		return;
	glance->readable = true;
	memcpy(glance->package_id, epk_file_image(opened)->package_id,
	       sizeof(glance->package_id));
	glance->accepted = policy_accepts(&source, store->options);
	signatures_read(fd, &glance->signatures);
	glance->sound = deep && epk_verify_threads(epk_file_image(opened),
						   store->options->jobs, NULL,
						   NULL, NULL) == EPK_OK;
	epk_file_close(opened);
}

void stored_glance(const struct store *store, const struct package_ref *ref,
		   bool deep, struct stored_glance *out_glance)
{
	char file[PACKAGE_FILE_SIZE];
	struct stat info;
	int fd;

	*out_glance = (struct stored_glance){ .there = false };
	package_file_write(ref, file);
	if (store->folder < 0 ||
	    fstatat(store->folder, file, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	out_glance->there = true;
	fd = openat(store->folder, file,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		glance_at(fd, store, deep, out_glance);
	close(fd);
}

static bool copy_string(const struct epk_manifest *manifest,
			const struct epk_string *string, char *text,
			size_t room)
{
	size_t size = 0;

	if (!epk_string_present(string) ||
	    epk_string_copy(manifest, string, text, room - 1, &size))
		return false;
	text[size] = '\0';
	return true;
}

bool manifest_program(const struct epk_manifest *manifest, const char *command,
		      char program[EPK_PATH_MAX + 1])
{
	if (!command)
		return copy_string(manifest, &manifest->keys[EPK_KEY_ENTRY],
				   program, EPK_PATH_MAX + 1);
	for (uint32_t i = 0; i < manifest->command_count; i++) {
		const struct epk_entry *row = &manifest->commands[i];

		if (epk_string_equals(manifest, &row->key, command,
				      strlen(command)))
			return copy_string(manifest, &row->value, program,
					   EPK_PATH_MAX + 1);
	}
	return false;
}

void manifest_text(const struct epk_manifest *manifest,
		   enum epk_manifest_key key, char text[EPK_LINE_MAX])
{
	if (!copy_string(manifest, &manifest->keys[key], text, EPK_LINE_MAX))
		text[0] = '\0';
}
