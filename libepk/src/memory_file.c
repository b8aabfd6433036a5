/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealed memory files of Linux. */
#define _GNU_SOURCE
#include "memory_file.h"

#ifdef __linux__

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux 6.3; headers may be older. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 16u
#endif

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* An older kernel refuses the flag that says what may be executed. */
static int create(bool executable)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	const int fd = memfd_create(
		"epk", flags | (executable ? MFD_EXEC : MFD_NOEXEC_SEAL));

	return fd >= 0 ? fd : memfd_create("epk", flags);
}

epk_status_t epk_memory_file_create(struct epk_memory_file *file,
				    size_t size_bytes, bool executable)
{
	void *bytes = MAP_FAILED;

	file->fd = create(executable);
	if (file->fd < 0)
		return EPK_ERR_NO_MEMORY;
	if (fchmod(file->fd, executable ? 0555 : 0444) == 0 &&
	    ftruncate(file->fd, (off_t)size_bytes) == 0)
		bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
			     MAP_SHARED, file->fd, 0);
	if (bytes == MAP_FAILED) {
		(void)close(file->fd);
		return EPK_ERR_NO_MEMORY;
	}
	file->bytes = bytes;
	file->size_bytes = size_bytes;
	return EPK_OK;
}

/*
 * A descriptor that was opened for reading only can be mapped shared also by
 * kernels before 6.7, which count every other mapping of a file sealed
 * against writing as a writer. Without /proc the first one has to do: it is
 * sealed just the same.
 */
static void reopen_for_reading(struct epk_memory_file *file)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)close(file->fd);
	file->fd = fd;
}

epk_status_t epk_memory_file_seal(struct epk_memory_file *file)
{
	/* As long as somebody could write, it cannot be sealed. */
	(void)munmap(file->bytes, file->size_bytes);
	file->bytes = NULL;
	if (fcntl(file->fd, F_ADD_SEALS, SEALS) != 0)
		return EPK_ERR_NO_MEMORY;
	reopen_for_reading(file);
	return EPK_OK;
}

void epk_memory_file_close(struct epk_memory_file *file)
{
	if (file->bytes != NULL)
		(void)munmap(file->bytes, file->size_bytes);
	(void)close(file->fd);
	file->bytes = NULL;
	file->fd = -1;
}

#else

epk_status_t epk_memory_file_create(struct epk_memory_file *file,
				    size_t size_bytes, bool executable)
{
	(void)file;
	(void)size_bytes;
	(void)executable;
	return EPK_ERR_UNSUPPORTED;
}

epk_status_t epk_memory_file_seal(struct epk_memory_file *file)
{
	(void)file;
	return EPK_ERR_UNSUPPORTED;
}

void epk_memory_file_close(struct epk_memory_file *file)
{
	(void)file;
}

#endif
