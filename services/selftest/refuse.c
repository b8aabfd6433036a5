/* SPDX-License-Identifier: BSD-2-Clause
 * What a client must not get: each request wrong in one way, each with the
 * one status for it. After every refusal the right request still works.
 */
#include "selftest.h"

#include <lib/roles.h>
#include <nexus/syscalls.h>
#include <proto/system.h>

#define LOANS_TRIED 256

static void refuse_ranges(struct selftest *test,
			  const struct package_file *file)
{
	struct nx_message_buffer *buffer = file->buffer;
	uint64_t end =
		(file->size_bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
	uint64_t content;
	uint32_t loan;
	nx_vmo_t vmo;

	selftest_is(test,
		    packagefs_read_vmo(buffer, file->service, file->number, end,
				       NX_PAGE_SIZE, &vmo, &content, &loan),
		    NX_ERR_OUT_OF_RANGE, "a loan behind the end of a file");
	selftest_is(test,
		    packagefs_read_vmo(buffer, file->service, file->number, 0,
				       end + NX_PAGE_SIZE, &vmo, &content,
				       &loan),
		    NX_ERR_OUT_OF_RANGE, "a loan longer than the file");
	selftest_is(test,
		    packagefs_read_vmo(buffer, file->service, file->number,
				       NX_PAGE_SIZE, UINT64_MAX - 4095, &vmo,
				       &content, &loan),
		    NX_ERR_OUT_OF_RANGE, "a loan whose end overflows");
	selftest_is(test,
		    packagefs_read_vmo(buffer, file->service, file->number, 0,
				       0, &vmo, &content, &loan),
		    NX_ERR_OUT_OF_RANGE, "a loan of nothing");
	selftest_is(test,
		    packagefs_read_vmo(buffer, file->service, file->number, 1,
				       NX_PAGE_SIZE, &vmo, &content, &loan),
		    NX_ERR_NO_ZEROCOPY, "a loan that begins inside a page");
}

static void refuse_budget(struct selftest *test,
			  const struct package_file *file)
{
	uint32_t loans[LOANS_TRIED];
	unsigned count = 0;
	nx_status_t status = NX_OK;

	while (count < LOANS_TRIED) {
		uint64_t content;
		nx_vmo_t vmo;

		status = packagefs_read_vmo(file->buffer, file->service,
					    file->number, 0, NX_PAGE_SIZE, &vmo,
					    &content, &loans[count]);
		if (status != NX_OK)
			break;
		nx_handle_close(vmo.handle);
		count++;
	}
	selftest_is(test, status, NX_ERR_OVER_BUDGET,
		    "more loans than one client may have");
	for (unsigned i = 0; i < count; i++)
		packagefs_return_vmo(file->buffer, file->service, loans[i]);
	selftest_is(test,
		    packagefs_return_vmo(file->buffer, file->service, loans[0]),
		    NX_ERR_BAD_HANDLE, "a loan that was returned before");
}

static void refuse_rights(struct selftest *test)
{
	struct package_file file;
	uint64_t content;
	uint32_t loan;
	nx_vmo_t vmo;

	if (test->reader.handle == NX_HANDLE_NONE)
		return;
	if (package_open(test->program->buffer, test->reader, test->mapped_path,
			 &file) != NX_OK) {
		selftest_ok(test, false, "a client that may read can open");
		return;
	}
	selftest_is(test,
		    packagefs_read_vmo(file.buffer, test->reader, file.number,
				       0, NX_PAGE_SIZE, &vmo, &content, &loan),
		    NX_ERR_POLICY_DENIED, "a loan without the right to it");
	selftest_is(test, packagefs_unmount(file.buffer, test->reader, 0),
		    NX_ERR_POLICY_DENIED, "unmounting without the right");
	package_close(&file);
}

static void refuse_writes(struct selftest *test,
			  const struct package_file *file)
{
	struct nx_message_buffer *buffer = file->buffer;
	const char *path = test->mapped_path;

	selftest_is(
		test,
		packagefs_write(buffer, file->service, file->number, 0, "x", 1),
		NX_ERR_READ_ONLY, "writing to a file");
	selftest_is(test,
		    packagefs_set_size(buffer, file->service, file->number, 0),
		    NX_ERR_READ_ONLY, "cutting a file");
	selftest_is(test, packagefs_create(buffer, file->service, "/new", 4),
		    NX_ERR_READ_ONLY, "making a file");
	selftest_is(test,
		    packagefs_remove(buffer, file->service, path, strlen(path)),
		    NX_ERR_READ_ONLY, "removing a file");
	selftest_is(test, packagefs_rename(buffer, file->service, "/a\0/b", 5),
		    NX_ERR_READ_ONLY, "renaming a file");
}

static void refuse_memory(struct selftest *test,
			  const struct package_file *file)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	uint64_t content;
	nx_uaddr_t address;
	nx_status_t status;
	uint32_t loan;
	nx_vmo_t vmo;

	status = packagefs_read_vmo(file->buffer, file->service, file->number,
				    0, NX_PAGE_SIZE, &vmo, &content, &loan);
	selftest_is(test, status, NX_OK, "a loan within all bounds");
	if (status != NX_OK)
		return;
	selftest_is(test,
		    nx_map(self, vmo, 0, NX_PAGE_SIZE,
			   NX_MAP_READ | NX_MAP_WRITE, 0, &address),
		    NX_ERR_ACCESS_DENIED, "mapping a loan to write to it");
	selftest_is(test, nx_vmo_write(vmo, 0, "x", 1), NX_ERR_ACCESS_DENIED,
		    "writing to a loan");
	nx_handle_close(vmo.handle);
	packagefs_return_vmo(file->buffer, file->service, loan);
}

static void refuse_forms(struct selftest *test, const struct package_file *file)
{
	const struct nx_message wrong[] = {
		{ .header = proto_header(0, 0, 0, 0) },
		{ .header = proto_header(30, 0, 0, 0) },
		{ .header = proto_header(9999, 0, 0, 0) },
		{ .header = proto_header(packagefs_METHOD_close, 2, 0, 0) },
		{ .header = proto_header(packagefs_METHOD_close, 1, 4, 0) },
		{ .header = proto_header(packagefs_METHOD_open, 0, 0, 0) },
	};
	unsigned refused = 0;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct nx_message message = wrong[i];

		if (nx_call(file->service, &message) == NX_OK &&
		    nx_header_method(message.header) ==
			    (unsigned)-NX_ERR_MALFORMED)
			refused++;
	}
	selftest_ok(test, refused == sizeof(wrong) / sizeof(wrong[0]),
		    "requests of a wrong form: MALFORMED");
}

static void refuse_unmapped(struct selftest *test)
{
	struct package_bytes lent, copied;
	struct package_file file;
	nx_status_t status;

	if (!test->unmapped_path[0] ||
	    package_open(test->program->buffer, test->packages,
			 test->unmapped_path, &file) != NX_OK)
		return;
	status = package_read_all(&file, PACKAGE_BY_LOAN, &lent);
	selftest_is(test, status, NX_ERR_NO_ZEROCOPY,
		    "a loan of a file that is not MAPPED");
	status = package_read_all(&file, PACKAGE_ANY_WAY, &copied);
	selftest_ok(test,
		    status == NX_OK && !copied.lent &&
			    copied.size_bytes == file.size_bytes,
		    "the client's library reads it by copy instead");
	if (status == NX_OK)
		package_release(&file, &copied);
	package_close(&file);
	selftest_is(test,
		    packagefs_close(file.buffer, file.service, file.number),
		    NX_ERR_BAD_HANDLE, "closing a file a second time");
}

/* init gives what the plan grants, and does not say what else there is. */
static void refuse_names(struct selftest *test)
{
	struct nx_message_buffer *buffer = test->program->buffer;
	const nx_client_t system = { program_handle(test->program,
						    ROLE_SYSTEM) };
	nx_client_t service;
	nx_status_t status;

	if (system.handle == NX_HANDLE_NONE)
		return;
	status = system_lookup(buffer, system, "console", 7, &service);
	selftest_is(test, status, NX_OK, "looking up a granted service");
	if (status == NX_OK) {
		selftest_is(test, console_write(buffer, service, "", 0), NX_OK,
			    "speaking to it");
		nx_handle_close(service.handle);
	}
	selftest_is(test, system_lookup(buffer, system, "execd", 5, &service),
		    NX_ERR_POLICY_DENIED, "looking up one that is not");
	selftest_is(test, system_lookup(buffer, system, "nobody", 6, &service),
		    NX_ERR_POLICY_DENIED, "looking up one that does not exist");
}

void selftest_refuse(struct selftest *test)
{
	struct package_file file;
	nx_status_t status;

	status = package_open(test->program->buffer, test->packages,
			      test->mapped_path, &file);
	selftest_is(test, status, NX_OK, "a MAPPED file opens");
	if (status != NX_OK)
		return;
	refuse_ranges(test, &file);
	refuse_budget(test, &file);
	refuse_rights(test);
	refuse_writes(test, &file);
	refuse_memory(test, &file);
	refuse_forms(test, &file);
	refuse_unmapped(test);
	refuse_names(test);
	package_close(&file);
}
