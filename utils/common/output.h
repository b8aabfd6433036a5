/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_OUTPUT_H
#define EPK_TOOL_OUTPUT_H
/* A file that appears whole or not at all: written beside its place under a
 * temporary name, made durable, then renamed. "-" is standard output, which
 * gets what a file without a name had when all was well. */
#include <epk/writer.h>

#include <stdbool.h>

struct options;

struct output {
	const struct options *options;
	const char *file;
	char *temporary; /* NULL: to standard output */
	int fd;
	int error; /* errno of a failed write */
};

/** Is it to be written to standard output, where a summary would harm? */
bool output_is_stdout(const char *file);

/** Reports and returns false if the place cannot be written to. A signal
 * that ends the program removes the temporary file. */
bool output_create(struct output *output, const struct options *options,
		   const char *file);
struct epk_writer_sink output_sink(struct output *output);
bool output_commit(struct output *output);
/** Removes what was not committed. */
void output_discard(struct output *output);

#endif /* EPK_TOOL_OUTPUT_H */
