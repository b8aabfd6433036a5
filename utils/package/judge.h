/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_JUDGE_H
#define PACKAGE_JUDGE_H
/* Whether a store takes a package: what it has and remembers of the name. */
#include "versions.h"

#include <epk/error.h>

struct store;

enum judgement {
	JUDGED_NEW,	/* it may come in */
	JUDGED_THERE,	/* this very package is there, and sound */
	JUDGED_MEND,	/* it is there, but its file is broken */
	JUDGED_SIGNED,	/* it is there, but lacks signatures that count */
	JUDGED_REFUSED, /* see status */
};

struct judged {
	enum judgement judgement;
	epk_status_t status;	    /* DOWNGRADE or OTHER_PACKAGE */
	struct version_row highest; /* if known */
	bool known;		    /* the name was there before */
};

/**
 * Judge a package by its name, version and id, and its file by its
 * signatures.
 *
 * @param fd  the file; it meets the signature policy.
 * @return false: the store cannot be read, reported.
 */
bool judge(const struct store *store, const struct version_row *candidate,
	   int fd, struct judged *out_judged);

/** Report a refusal, about the file that was offered; false. */
bool judge_error(const struct store *store, const char *file,
		 const struct version_row *candidate,
		 const struct judged *judged);

/** The highest version of a name that is or was there. */
bool highest_version(const struct store *store, const char *name,
		     const struct versions *versions, bool *out_known,
		     struct version_row *out_row);

#endif /* PACKAGE_JUDGE_H */
