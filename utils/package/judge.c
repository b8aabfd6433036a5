/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge.h"

#include "options.h"
#include "report.h"
#include "stored.h"

#include <string.h>

/** A package that is there, by its file's name and its own id. */
static struct version_row row_of(const struct store *store,
				 const struct package_ref *ref)
{
	struct version_row row = { .ref = *ref };
	struct stored_glance glance;

	stored_glance(store, ref, false, &glance);
	row.id_known = glance.readable;
	memcpy(row.package_id, glance.package_id, sizeof(row.package_id));
	return row;
}

/** Whether what is there says more than what is remembered. */
static bool outdoes(const struct version_row *there,
		    const struct version_row *remembered)
{
	int order;

	if (!remembered)
		return true;
	order = version_compare(there->ref.version, remembered->ref.version);
	return order > 0 || (order == 0 && there->id_known);
}

bool highest_version(const struct store *store, const char *name,
		     const struct versions *versions, bool *out_known,
		     struct version_row *out_row)
{
	const struct version_row *remembered = versions_find(versions, name);
	struct package_ref wanted = { .has_version = false };
	const struct package_ref *found;
	struct store_refs refs;
	struct version_row there;

	memcpy(wanted.name, name, strlen(name) + 1);
	if (!store_refs_load(store, &refs))
		return false;
	found = store_refs_find(&refs, &wanted);
	*out_known = found || remembered;
	if (remembered)
		*out_row = *remembered;
	if (found) {
		there = row_of(store, found);
		if (outdoes(&there, remembered))
			*out_row = there;
	}
	store_refs_fini(&refs);
	return true;
}

static bool same_package(const struct version_row *left, const uint8_t *id)
{
	return left->id_known && memcmp(left->package_id, id, 32) == 0;
}

/** The same package is there: may its file stay? One that the policy refuses
 * would be of no use to who asks for it with this policy; one that has other
 * signatures besides is not given up for one that has fewer. */
static enum judgement judge_same(const struct stored_glance *there, int fd)
{
	struct signatures offered;

	if (!there->sound)
		return JUDGED_MEND;
	if (!there->accepted)
		return JUDGED_SIGNED;
	signatures_read(fd, &offered);
	if (signatures_hold(&there->signatures, &offered) ||
	    !signatures_hold(&offered, &there->signatures))
		return JUDGED_THERE;
	return JUDGED_SIGNED;
}

static epk_status_t compare(const struct version_row *candidate,
			    const struct judged *judged)
{
	const struct version_row *highest = &judged->highest;
	int order;

	if (!judged->known)
		return EPK_OK;
	order = version_compare(candidate->ref.version, highest->ref.version);
	if (order < 0)
		return EPK_ERR_DOWNGRADE;
	if (order == 0 && highest->id_known &&
	    !same_package(highest, candidate->package_id))
		return EPK_ERR_OTHER_PACKAGE;
	return EPK_OK;
}

bool judge(const struct store *store, const struct version_row *candidate,
	   int fd, struct judged *out_judged)
{
	struct stored_glance glance;
	struct versions versions;
	bool good;

	*out_judged = (struct judged){ .judgement = JUDGED_NEW };
	if (!versions_load(store, &versions))
		return false;
	good = highest_version(store, candidate->ref.name, &versions,
			       &out_judged->known, &out_judged->highest);
	versions_fini(&versions);
	if (!good)
		return false;
	stored_glance(store, &candidate->ref, true, &glance);
	if (glance.readable &&
	    memcmp(glance.package_id, candidate->package_id, 32) == 0) {
		out_judged->judgement = judge_same(&glance, fd);
		return true;
	}
	out_judged->status = compare(candidate, out_judged);
	if (out_judged->status && !store->options->allow_downgrade)
		out_judged->judgement = JUDGED_REFUSED;
	return true;
}

bool judge_error(const struct store *store, const char *file,
		 const struct version_row *candidate,
		 const struct judged *judged)
{
	char here[PACKAGE_REF_SIZE];
	char offered[PACKAGE_REF_SIZE];

	package_ref_write(&judged->highest.ref, here);
	package_ref_write(&candidate->ref, offered);
	if (judged->status == EPK_ERR_DOWNGRADE)
		return tool_error(store->options, judged->status, file,
				  "it is %s, and the store has had %s; if that "
				  "is what you want, say --allow-downgrade",
				  offered, here);
	return tool_error(store->options, judged->status, file,
			  "its publisher must give it a new version: the store "
			  "has had another %s; or say --allow-downgrade",
			  offered);
}
