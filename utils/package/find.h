/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_FIND_H
#define PACKAGE_FIND_H
/* From what a user says to a package and its program. A name is looked up in
 * one store after the other: the first that has it decides. Without a version
 * the highest one in that store is meant. */
#include "stored.h"

struct found {
	struct stored stored;
	char program[EPK_PATH_MAX + 1]; /* in the image; "" if not asked */
};

/** NAME or NAME@VERSION, opened; else reported. */
bool find_package(struct found *found, const struct options *options,
		  const char *word);
/** The package that offers a command, opened, and the command's program. Two
 * that do are an error that lists both. */
bool find_command(struct found *found, const struct options *options,
		  const char *command);
/** A package of this name and its entry (or --command), or a command. */
bool find_program(struct found *found, const struct options *options,
		  const char *word);
void found_close(struct found *found);
/** Let `use` have the image that a word means: a file's, or that of a package
 * as find_package() says. False: reported, or use() said so. */
bool with_image(const struct options *options, const char *word,
		bool (*use)(const struct options *options,
			    struct tool_image *image));

/** Calls visit for each package that its name alone means, in every store;
 * false: a store cannot be read (reported), or visit said so. */
bool each_current(const struct options *options,
		  bool (*visit)(void *context, const struct store *store,
				const struct package_ref *ref),
		  void *context);

#endif /* PACKAGE_FIND_H */
