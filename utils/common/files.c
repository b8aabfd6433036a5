/* SPDX-License-Identifier: BSD-2-Clause */
#include "files.h"

#include "options.h"
#include "output.h"
#include "report.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(const struct options *options, const char *file, char *text,
	       size_t capacity, size_t *out_size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t count;

	if (fd < 0)
		return system_error(options, "open", file);
	count = read_full(fd, text, capacity);
	if (count < 0) {
		system_error(options, "read", file);
		close(fd);
		return false;
	}
	close(fd);
	*out_size = (size_t)count;
	if ((size_t)count < capacity)
		return true;
	return tool_error(options, EPK_ERR_LIMIT, file,
			  "a file for this has less than %zu bytes", capacity);
}

bool key_file_read(const struct options *options, const char *file,
		   uint8_t public_key[EPK_KEY_SIZE])
{
	char text[EPK_KEY_FILE_MAX];
	size_t size = 0;
	epk_status_t status;

	if (!file_read(options, file, text, sizeof(text), &size))
		return false;
	status = epk_key_read(text, size, public_key);
	return status == EPK_OK ||
	       tool_error(options, status, file,
			  "name the public key that epk keygen wrote (.pub)");
}

bool file_create(const struct options *options, const char *file, mode_t mode,
		 const char *text, size_t size)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
		      mode);

	if (fd < 0)
		return system_error(options, "create", file);
	if (write_all(fd, text, size) && fsync(fd) == 0) {
		close(fd);
		return true;
	}
	system_error(options, "write", file);
	close(fd);
	unlink(file);
	return false;
}

bool file_replace(const struct options *options, const char *file,
		  const char *text, size_t size)
{
	struct output output;

	if (!output_create(&output, options, file))
		return false;
	if (write_all(output.fd, text, size))
		return output_commit(&output);
	system_error(options, "write", file);
	output_discard(&output);
	return false;
}

bool folder_make(const struct options *options, const char *folder)
{
	char *path = strdup(folder);
	bool good = path != NULL;

	if (!path)
		return memory_error(options, folder);
	for (char *at = path + 1; good && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		good = mkdir(path, 0777) == 0 || errno == EEXIST;
		*at = '/';
	}
	good = good && (mkdir(path, 0777) == 0 || errno == EEXIST);
	free(path);
	return good ? true : system_error(options, "make the folder", folder);
}

void wipe(void *memory, size_t size)
{
	volatile char *at = memory;

	while (size--)
		*at++ = 0;
}
