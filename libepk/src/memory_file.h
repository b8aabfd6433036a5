/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_MEMORY_FILE_H
#define EPK_MEMORY_FILE_H
/* A file of memory alone: filled by us, then sealed for ever. */
#include <epk/error.h>

#include <stdbool.h>

struct epk_memory_file {
	int fd;
	uint8_t *bytes; /* writable until it is sealed */
	size_t size_bytes;
};

/** NO_MEMORY, or UNSUPPORTED where there are no such files. */
epk_status_t epk_memory_file_create(struct epk_memory_file *file,
				    size_t size_bytes, bool executable);

/**
 * No more growing, shrinking, writing or unsealing. The descriptor may then
 * be read and mapped, and be passed on. After a failure the file is to be
 * closed.
 */
epk_status_t epk_memory_file_seal(struct epk_memory_file *file);

void epk_memory_file_close(struct epk_memory_file *file);

#endif /* EPK_MEMORY_FILE_H */
