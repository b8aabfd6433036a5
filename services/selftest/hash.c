/* SPDX-License-Identifier: BSD-2-Clause
 * Every file of a package through both paths. Folders wait in a list, so
 * that the depth of the tree costs no stack.
 */
#include "selftest.h"

#include <crt/text.h>
#include <epk/host.h>
#include <nexus/counters.h>
#include <nexus/syscalls.h>

#define STEP (UINT64_C(1) << 20)
#define LOAN_STEP (UINT64_C(8) << 20)
#define MOUNT_ROOT 0

struct folder {
	struct folder *next;
	char path[PATH_BYTES];
};

struct walk {
	struct selftest *test;
	struct folder *waiting;
	const struct folder *folder;
	nx_vmo_t memory; /* of STEP bytes, mapped at `bytes` */
	const uint8_t *bytes;
	bool failed;
};

/* Adds a part of a file to the digest; says how many bytes it was. */
typedef nx_status_t hash_part(const struct walk *walk,
			      const struct package_file *file, uint64_t offset,
			      struct epk_hash *hash, uint64_t *out_size);

static nx_status_t add(struct epk_hash *hash, const void *bytes, uint64_t size)
{
	return epk_ops_default()->sha256_update(hash, bytes, size) == EPK_OK
		       ? NX_OK
		       : NX_ERR_NO_MEMORY;
}

static nx_status_t hash_copy(const struct walk *walk,
			     const struct package_file *file, uint64_t offset,
			     struct epk_hash *hash, uint64_t *out_size)
{
	nx_status_t status =
		packagefs_read_into(file->buffer, file->service, file->number,
				    offset, STEP, 0, walk->memory, out_size);

	if (status == NX_OK && *out_size == 0)
		status = NX_ERR_CORRUPT;
	return status == NX_OK ? add(hash, walk->bytes, *out_size) : status;
}

/* What we were lent must be sealed, and no right to write come with it. */
static bool is_read_only(nx_vmo_t vmo)
{
	uint64_t identity, id, seals, size;
	nx_rights_t rights;
	uint32_t kind;

	return nx_handle_info(vmo.handle, &kind, &rights, &identity, &id,
			      &seals, &size) == NX_OK &&
	       (seals & NX_SEAL_WRITE) != 0 &&
	       (rights & (NX_RIGHT_WRITE | NX_RIGHT_SEAL)) == 0;
}

static nx_status_t hash_loan(const struct walk *walk,
			     const struct package_file *file, uint64_t offset,
			     struct epk_hash *hash, uint64_t *out_size)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	uint64_t rest = file->size_bytes - offset;
	uint64_t size = rest < LOAN_STEP ? rest : LOAN_STEP;
	uint64_t whole = (size + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
	uint64_t content;
	nx_uaddr_t address;
	nx_status_t status;
	uint32_t loan;
	nx_vmo_t vmo;

	status = packagefs_read_vmo(file->buffer, file->service, file->number,
				    offset, whole, &vmo, &content, &loan);
	if (status != NX_OK)
		return status;
	if (content != size || !is_read_only(vmo))
		walk->test->splice_wrong++;
	status = nx_map(self, vmo, 0, whole, NX_MAP_READ, 0, &address);
	if (status == NX_OK) {
		status = add(hash, (const void *)(uintptr_t)address, size);
		nx_unmap_protect(self, address, whole, 0);
	}
	nx_handle_close(vmo.handle);
	packagefs_return_vmo(file->buffer, file->service, loan);
	*out_size = size;
	return status;
}

static nx_status_t hash_by(hash_part *part, const struct walk *walk,
			   const struct package_file *file,
			   uint8_t digest[EPK_DIGEST_SIZE])
{
	const struct epk_ops *ops = epk_ops_default();
	struct epk_hash hash;
	uint64_t done = 0;
	nx_status_t status = NX_OK;

	if (ops->sha256_init(&hash) != EPK_OK)
		return NX_ERR_NO_MEMORY;
	while (status == NX_OK && done < file->size_bytes) {
		uint64_t size = 0;

		status = part(walk, file, done, &hash, &size);
		done += size;
	}
	ops->sha256_final(&hash, status == NX_OK ? digest : NULL);
	return status;
}

static uint64_t service_copied(const struct selftest *test)
{
	uint64_t copied = 0, lent, live, verified, open, loans;

	packagefs_status(test->program->buffer, test->packages, MOUNT_ROOT,
			 &copied, &lent, &live, &verified, &open, &loans);
	return copied;
}

static uint64_t kernel_copied(const struct selftest *test)
{
	uint64_t in = 0, out = 0;

	if (test->trace.handle == NX_HANDLE_NONE)
		return 0;
	nx_counter_read(test->trace, NX_COUNTER_COPIED_IN, &in);
	nx_counter_read(test->trace, NX_COUNTER_COPIED_OUT, &out);
	return in + out;
}

static nx_status_t check_loan(const struct walk *walk,
			      const struct package_file *file,
			      uint8_t digest[EPK_DIGEST_SIZE])
{
	struct selftest *test = walk->test;
	uint64_t service = service_copied(test);
	uint64_t kernel = kernel_copied(test);
	nx_status_t status = hash_by(hash_loan, walk, file, digest);

	test->kernel_copied += kernel_copied(test) - kernel;
	test->splice_copied += service_copied(test) - service;
	test->lent_bytes += file->size_bytes;
	test->mapped_files++;
	return status;
}

/* Remember a file for the requests that shall be refused. */
static void remember(struct selftest *test, const struct package_file *file,
		     const char *path)
{
	if (file->flags & EPK_FLAG_MAPPED) {
		if (file->size_bytes <= test->mapped_size)
			return;
		test->mapped_size = file->size_bytes;
		text_format(test->mapped_path, PATH_BYTES, "%s", path);
	} else if (file->size_bytes && !test->unmapped_path[0]) {
		text_format(test->unmapped_path, PATH_BYTES, "%s", path);
	}
}

static void report_hash(struct selftest *test, const char *hex,
			const char *path)
{
	char line[2 * EPK_DIGEST_SIZE + 4 + PATH_BYTES];

	text_format(line, sizeof(line), "%s  %s\n", hex, path);
	epk_ops_default()->sha256_update(&test->evidence, line, strlen(line));
	selftest_print(test, "hash %s", line);
}

static void check_file(const struct walk *walk, const struct package_file *file,
		       const char *path)
{
	struct selftest *test = walk->test;
	uint8_t copied[EPK_DIGEST_SIZE], lent[EPK_DIGEST_SIZE];
	char hex[2 * EPK_DIGEST_SIZE + 1];
	nx_status_t status = hash_by(hash_copy, walk, file, copied);

	if (status == NX_OK && file->flags & EPK_FLAG_MAPPED) {
		status = check_loan(walk, file, lent);
		if (status == NX_OK &&
		    memcmp(copied, lent, EPK_DIGEST_SIZE) != 0)
			status = NX_ERR_CORRUPT;
	}
	test->files++;
	test->bytes += file->size_bytes;
	remember(test, file, path);
	if (status != NX_OK) {
		test->wrong++;
		selftest_print(test, "# %s: %s\n", path,
			       nx_status_name(status));
		return;
	}
	text_hex(hex, copied, EPK_DIGEST_SIZE);
	report_hash(test, hex, path + 1);
}

static void add_folder(struct walk *walk, const char *path)
{
	struct folder *folder =
		heap_allocate(&walk->test->program->heap, sizeof(*folder));

	if (!folder) {
		walk->failed = true;
		return;
	}
	text_format(folder->path, PATH_BYTES, "%s", path);
	folder->next = walk->waiting;
	walk->waiting = folder;
}

static bool each_entry(void *context, const struct packagefs_entry *entry,
		       const char *name)
{
	struct walk *walk = context;
	struct selftest *test = walk->test;
	struct package_file file;
	char path[PATH_BYTES];
	nx_status_t status;

	text_format(path, PATH_BYTES, "%s/%s", walk->folder->path, name);
	if (entry->type == EPK_TYPE_FOLDER)
		add_folder(walk, path);
	if (entry->type != EPK_TYPE_FILE)
		return true;
	status = package_open(test->program->buffer, test->packages, path,
			      &file);
	if (status != NX_OK) {
		test->wrong++;
		selftest_print(test, "# %s: %s\n", path,
			       nx_status_name(status));
		return true;
	}
	check_file(walk, &file, path);
	package_close(&file);
	return true;
}

static void list_folder(struct walk *walk, const struct folder *folder)
{
	struct selftest *test = walk->test;
	struct package_file file;
	nx_status_t status;

	walk->folder = folder;
	status = package_open(test->program->buffer, test->packages,
			      folder->path[0] ? folder->path : "/", &file);
	if (status == NX_OK) {
		status = package_list(&file, each_entry, walk);
		package_close(&file);
	}
	if (status != NX_OK) {
		walk->failed = true;
		selftest_print(test, "# %s/: %s\n", folder->path,
			       nx_status_name(status));
	}
}

static nx_status_t make_memory(struct walk *walk)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	const nx_job_t job = { NX_HANDLE_NONE };
	nx_uaddr_t address;
	nx_status_t status = nx_vmo_create(job, STEP, &walk->memory);

	if (status == NX_OK)
		status = nx_map(self, walk->memory, 0, STEP, NX_MAP_READ, 0,
				&address);
	if (status == NX_OK)
		walk->bytes = (const uint8_t *)(uintptr_t)address;
	return status;
}

static void report(struct selftest *test, bool failed)
{
	selftest_print(test, "# %lu files, %lu bytes; %lu MAPPED, %lu bytes\n",
		       test->files, test->bytes, test->mapped_files,
		       test->lent_bytes);
	selftest_ok(test, !failed && test->files > 0 && test->wrong == 0,
		    "every file is read, and equal through both paths");
	selftest_ok(test, test->mapped_files > 0 && test->splice_wrong == 0,
		    "what is lent is sealed and without the right to write");
	selftest_ok(test, test->mapped_files > 0 && test->splice_copied == 0,
		    "packagefsd copied no byte for %lu bytes lent",
		    test->lent_bytes);
	if (test->trace.handle == NX_HANDLE_NONE)
		return;
	selftest_ok(test, test->kernel_copied < test->mapped_files * 512,
		    "the kernel copied %lu bytes for %lu loans, only words "
		    "of messages",
		    test->kernel_copied, test->mapped_files);
}

void selftest_hash(struct selftest *test, const char *root)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	struct walk walk = { .test = test };
	nx_status_t status = make_memory(&walk);

	if (status != NX_OK) {
		selftest_is(test, status, NX_OK, "memory to read into");
		return;
	}
	add_folder(&walk, root);
	while (walk.waiting) {
		struct folder *folder = walk.waiting;

		walk.waiting = folder->next;
		list_folder(&walk, folder);
		heap_free(&test->program->heap, folder);
	}
	nx_unmap_protect(self, (nx_uaddr_t)(uintptr_t)walk.bytes, STEP, 0);
	nx_handle_close(walk.memory.handle);
	report(test, walk.failed);
}
