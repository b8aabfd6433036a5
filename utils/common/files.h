/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_FILES_H
#define EPK_TOOL_FILES_H
/* Small files: keys, entries, signatures. */
#include <epk/key.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct options;

/** All of a file of at most capacity bytes; else false was reported. */
bool file_read(const struct options *options, const char *file, char *text,
	       size_t capacity, size_t *out_size);

/** The public key that a file has; else reported. */
bool key_file_read(const struct options *options, const char *file,
		   uint8_t public_key[EPK_KEY_SIZE]);

/** A new file, durable; one that exists is never touched. Else reported. */
bool file_create(const struct options *options, const char *file, mode_t mode,
		 const char *text, size_t size);

/** A file's new content, whole or not at all. Else reported. */
bool file_replace(const struct options *options, const char *file,
		  const char *text, size_t size);

/** The folder and those above it that are missing. Else reported. */
bool folder_make(const struct options *options, const char *folder);

/** Zeros that the compiler must not leave out. */
void wipe(void *memory, size_t size);

#endif /* EPK_TOOL_FILES_H */
