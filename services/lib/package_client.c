/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/package_client.h>

#include <nexus/syscalls.h>

#define COPY_STEP (UINT64_C(1) << 20)

nx_status_t package_open(struct nx_message_buffer *buffer, nx_client_t service,
			 const char *path, struct package_file *out_file)
{
	struct package_file file = { .service = service, .buffer = buffer };
	nx_status_t status;

	status = packagefs_open(buffer, service, path, strlen(path),
				&file.number, &file.size_bytes, &file.type,
				&file.flags);
	if (status == NX_OK)
		*out_file = file;
	return status;
}

void package_close(struct package_file *file)
{
	packagefs_close(file->buffer, file->service, file->number);
}

static uint64_t page_ceil(uint64_t size_bytes)
{
	return (size_bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
}

static nx_status_t map_bytes(struct package_bytes *bytes)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	nx_uaddr_t address;
	nx_status_t status;

	bytes->mapped_bytes = page_ceil(bytes->size_bytes);
	status = nx_map(self, bytes->vmo, 0, bytes->mapped_bytes, NX_MAP_READ,
			0, &address);
	if (status == NX_OK)
		bytes->bytes = (const uint8_t *)(uintptr_t)address;
	return status;
}

static nx_status_t by_loan(const struct package_file *file,
			   struct package_bytes *bytes)
{
	nx_status_t status;

	status = packagefs_read_vmo(file->buffer, file->service, file->number,
				    0, page_ceil(file->size_bytes), &bytes->vmo,
				    &bytes->size_bytes, &bytes->loan);
	if (status != NX_OK)
		return status;
	bytes->lent = true;
	status = map_bytes(bytes);
	if (status != NX_OK)
		package_release(file, bytes);
	return status;
}

static nx_status_t copy_all(const struct package_file *file,
			    const struct package_bytes *bytes)
{
	uint64_t done = 0;

	while (done < file->size_bytes) {
		uint64_t step = file->size_bytes - done;
		uint64_t count;
		nx_status_t status;

		step = step < COPY_STEP ? step : COPY_STEP;
		status = packagefs_read_into(file->buffer, file->service,
					     file->number, done, step, done,
					     bytes->vmo, &count);
		if (status != NX_OK)
			return status;
		if (count != step)
			return NX_ERR_CORRUPT;
		done += step;
	}
	return NX_OK;
}

static nx_status_t by_copy(const struct package_file *file,
			   struct package_bytes *bytes)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	nx_status_t status;

	status = nx_vmo_create(job, file->size_bytes, &bytes->vmo);
	if (status != NX_OK)
		return status;
	bytes->size_bytes = file->size_bytes;
	status = copy_all(file, bytes);
	if (status == NX_OK)
		status = map_bytes(bytes);
	if (status != NX_OK)
		package_release(file, bytes);
	return status;
}

nx_status_t package_read_all(const struct package_file *file,
			     enum package_way way,
			     struct package_bytes *out_bytes)
{
	nx_status_t status = NX_ERR_NO_ZEROCOPY;

	memset(out_bytes, 0, sizeof(*out_bytes));
	if (file->size_bytes == 0)
		return way == PACKAGE_BY_LOAN ? NX_ERR_NO_ZEROCOPY : NX_OK;
	if (way != PACKAGE_BY_COPY)
		status = by_loan(file, out_bytes);
	if (way == PACKAGE_BY_LOAN)
		return status;
	if (status != NX_ERR_NO_ZEROCOPY && status != NX_ERR_OVER_BUDGET &&
	    status != NX_ERR_POLICY_DENIED)
		return status;
	memset(out_bytes, 0, sizeof(*out_bytes));
	return by_copy(file, out_bytes);
}

void package_release(const struct package_file *file,
		     struct package_bytes *bytes)
{
	const nx_process_t self = { NX_HANDLE_NONE };

	if (bytes->bytes)
		nx_unmap_protect(self, (nx_uaddr_t)(uintptr_t)bytes->bytes,
				 bytes->mapped_bytes, 0);
	if (bytes->vmo.handle != NX_HANDLE_NONE)
		nx_handle_close(bytes->vmo.handle);
	if (bytes->lent)
		packagefs_return_vmo(file->buffer, file->service, bytes->loan);
	memset(bytes, 0, sizeof(*bytes));
}

/* One answer of read_dir; every record is checked before it is shown. */
static nx_status_t each_record(const uint8_t *records, size_t size,
			       package_entry each, void *context, bool *go_on)
{
	size_t at = 0;

	while (*go_on && at < size) {
		struct packagefs_entry entry;
		char name[256];

		if (size - at < sizeof(entry))
			return NX_ERR_MALFORMED;
		memcpy(&entry, records + at, sizeof(entry));
		if (entry.name_bytes > 255 ||
		    entry.record_bytes < sizeof(entry) + entry.name_bytes ||
		    entry.record_bytes > size - at)
			return NX_ERR_MALFORMED;
		memcpy(name, records + at + sizeof(entry), entry.name_bytes);
		name[entry.name_bytes] = '\0';
		*go_on = each(context, &entry, name);
		at += entry.record_bytes;
	}
	return NX_OK;
}

nx_status_t package_list(const struct package_file *folder, package_entry each,
			 void *context)
{
	uint8_t records[PACKAGEFS_READ_MAX];
	uint32_t position = 0;
	bool go_on = true;

	while (go_on) {
		size_t size;
		nx_status_t status;

		status = packagefs_read_dir(folder->buffer, folder->service,
					    folder->number, position, records,
					    sizeof(records), &size, &position);
		if (status == NX_OK && size == 0)
			return NX_OK;
		if (status == NX_OK)
			status = each_record(records, size, each, context,
					     &go_on);
		if (status != NX_OK)
			return status;
	}
	return NX_OK;
}
