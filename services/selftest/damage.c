/* SPDX-License-Identifier: BSD-2-Clause
 * One bit of a package flipped, in the header, in the metadata, in a block:
 * the first two are not mounted, of the third only the files in that block
 * are refused.
 */
#include "selftest.h"

#include <crt/text.h>
#include <epk/reader.h>
#include <nexus/syscalls.h>

#define MOUNT_NAME "damaged"

/* A sealed copy of a package with one bit of one byte flipped. */
static nx_status_t damaged_copy(const struct package_bytes *whole,
				uint64_t offset, nx_vmo_t *out_vmo)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	nx_status_t status;
	uint8_t byte;
	nx_vmo_t vmo;

	status = nx_vmo_create(job, whole->size_bytes, &vmo);
	if (status != NX_OK)
		return status;
	status = nx_vmo_write(vmo, 0, whole->bytes, whole->size_bytes);
	byte = whole->bytes[offset] ^ 0x10;
	if (status == NX_OK)
		status = nx_vmo_write(vmo, offset, &byte, 1);
	if (status == NX_OK)
		status = nx_vmo_seal(vmo, NX_SEAL_WRITE);
	if (status == NX_OK)
		*out_vmo = vmo;
	else
		nx_handle_close(vmo.handle);
	return status;
}

static nx_status_t mount_damaged(struct selftest *test,
				 const struct package_bytes *whole,
				 uint64_t offset, uint32_t *out_mount)
{
	nx_vmo_t vmo;
	nx_status_t status = damaged_copy(whole, offset, &vmo);

	if (status != NX_OK)
		return status;
	status = packagefs_mount(test->program->buffer, test->mounter, vmo,
				 MOUNT_NAME, strlen(MOUNT_NAME), out_mount);
	nx_handle_close(vmo.handle);
	return status;
}

static void is_code(struct selftest *test, epk_status_t wanted,
		    const char *where)
{
	int64_t code = 0;
	uint32_t stage = 0, index = 0;

	packagefs_last_failure(test->program->buffer, test->mounter, &code,
			       &stage, &index);
	selftest_ok(test, code == wanted, "the code for a bit in %s is %s",
		    where, epk_status_name(wanted));
	if (code != wanted)
		selftest_print(test, "# got %s at stage %s\n",
			       epk_status_name((epk_status_t)code),
			       epk_stage_name(stage));
}

static void refuse_mount(struct selftest *test,
			 const struct package_bytes *whole, uint64_t offset,
			 epk_status_t code, const char *where)
{
	uint32_t mount;
	nx_status_t status = mount_damaged(test, whole, offset, &mount);

	selftest_ok(test, status == NX_ERR_CORRUPT,
		    "a package with a bit flipped in %s is not mounted: %s",
		    where, nx_status_name(status));
	is_code(test, code, where);
	if (status == NX_OK)
		packagefs_unmount(test->program->buffer, test->mounter, mount);
}

struct count {
	struct selftest *test;
	unsigned good;
	unsigned bad;
	unsigned other;
};

static bool read_entry(void *context, const struct packagefs_entry *entry,
		       const char *name)
{
	struct count *count = context;
	struct selftest *test = count->test;
	struct package_bytes bytes;
	struct package_file file;
	char path[512];
	nx_status_t status;

	if (entry->type != EPK_TYPE_FILE)
		return true;
	text_format(path, sizeof(path), "/" MOUNT_NAME "/%s", name);
	status =
		package_open(test->program->buffer, test->mounter, path, &file);
	if (status == NX_OK) {
		status = package_read_all(&file, PACKAGE_BY_COPY, &bytes);
		if (status == NX_OK)
			package_release(&file, &bytes);
		package_close(&file);
	}
	if (status == NX_OK)
		count->good++;
	else if (status == NX_ERR_CORRUPT)
		count->bad++;
	else
		count->other++;
	return true;
}

static void read_damaged(struct selftest *test, uint32_t mount)
{
	struct count count = { .test = test };
	struct package_file root;
	nx_status_t status;

	status = package_open(test->program->buffer, test->mounter,
			      "/" MOUNT_NAME, &root);
	if (status == NX_OK) {
		status = package_list(&root, read_entry, &count);
		package_close(&root);
	}
	selftest_ok(test,
		    status == NX_OK && count.bad > 0 && count.good > 0 &&
			    count.other == 0,
		    "of a package with a bit flipped in a block %u files "
		    "are refused and %u are read",
		    count.bad, count.good);
	is_code(test, EPK_ERR_BLOCK_DIGEST, "a block");
	selftest_is(
		test,
		packagefs_unmount(test->program->buffer, test->mounter, mount),
		NX_OK, "a package that nobody uses is unmounted");
}

static void damage(struct selftest *test, const struct package_bytes *whole)
{
	uint32_t mount;
	nx_status_t status;

	refuse_mount(test, whole, EPK_HEADER_BUILD_EPOCH, EPK_ERR_HEADER_CRC,
		     "the header");
	refuse_mount(test, whole, EPK_METADATA_OFFSET + 3, EPK_ERR_META_DIGEST,
		     "the metadata");
	status = mount_damaged(test, whole, whole->size_bytes - 1, &mount);
	selftest_is(test, status, NX_OK,
		    "a package with a bit flipped in a block is mounted");
	if (status == NX_OK)
		read_damaged(test, mount);
}

void selftest_damage(struct selftest *test, const char *package)
{
	struct package_bytes whole;
	struct package_file file;
	nx_status_t status;

	if (test->mounter.handle == NX_HANDLE_NONE)
		return;
	status = package_open(test->program->buffer, test->packages, package,
			      &file);
	if (status == NX_OK) {
		status = package_read_all(&file, PACKAGE_ANY_WAY, &whole);
		if (status == NX_OK) {
			damage(test, &whole);
			package_release(&file, &whole);
		}
		package_close(&file);
	}
	selftest_is(test, status, NX_OK, "the package to damage is read");
}
