/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_POLICY_H
#define EPK_TOOL_POLICY_H
/* The signature policy of a command that reads images: from the options to
 * what the library wants, and from its refusal to what a person needs. */
#include <epk/trust.h>

#include <jansson.h>
#include <stdbool.h>

struct options;

/**
 * Decide the policy and load the trust store if it asks for one. --key,
 * --trust and --threshold mean "required" unless --policy says otherwise.
 *
 * @return true; else reported.
 */
bool policy_load(struct options *options);

/** The policy for the library; its trust store is borrowed. */
struct epk_options policy_options(const struct options *options);

/**
 * Report that an image does not meet the policy: each key, what is wrong with
 * it, where it was looked for, what to run. Reads the first page of fd again.
 *
 * @return false.
 */
bool policy_error(const struct options *options, const char *file, int fd,
		  const struct epk_failure *failure);

/** "; signed by ...", for a line about an accepted image; static. */
const char *policy_words(const struct options *options,
			 const struct epk_image *image);
/** The same for programs: policy, slots and keys that verified. */
void policy_json(const struct options *options, const struct epk_image *image,
		 json_t *object);

#endif /* EPK_TOOL_POLICY_H */
