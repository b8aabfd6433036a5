/* SPDX-License-Identifier: BSD-2-Clause
 * Memory objects of a Linux host: each is a memfd. Seals are the host
 * kernel's; a slice is the same file with an offset that this library
 * keeps, so give a slice only to who may have the whole. */
#define _GNU_SOURCE
#include "range_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static nx_status_t status_of_errno(int error)
{
	switch (error) {
	case EBADF:
		return NX_ERR_BAD_HANDLE;
	case EACCES:
		return NX_ERR_ACCESS_DENIED;
	case EPERM:
		return NX_ERR_SEALED;
	case EBUSY:
		return NX_ERR_BUSY;
	case EFAULT:
		return NX_ERR_BAD_ADDRESS;
	case EMFILE:
	case ENFILE:
		return NX_ERR_QUOTA_HANDLES;
	case ENOMEM:
	case ENOSPC:
		return NX_ERR_NO_MEMORY;
	default:
		return NX_ERR_IO;
	}
}

nx_status_t vmo_init(uint64_t content_bytes, struct vmo *out_vmo)
{
	nx_status_t status = vmo_check_content(content_bytes);
	int fd;

	if (status != NX_OK)
		return status;
	fd = memfd_create("vmo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return status_of_errno(errno);
	if (ftruncate(fd, (off_t)vmo_round_up(content_bytes)) < 0) {
		status = status_of_errno(errno);
		(void)close(fd);
		return status;
	}
	*out_vmo = (struct vmo){ .name = fd,
				 .size_bytes = vmo_round_up(content_bytes),
				 .content_bytes = content_bytes };
	return NX_OK;
}

/** A memfd is a regular file that knows of seals; a plain file is not one,
 * since others can change it under us. */
static nx_status_t check_memfd(int fd, uint64_t *out_size)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return status_of_errno(errno);
	if (!S_ISREG(info.st_mode) || fcntl(fd, F_GET_SEALS) < 0)
		return NX_ERR_BAD_HANDLE;
	if (info.st_size <= 0 || (uint64_t)info.st_size > NX_VMO_SIZE_MAX ||
	    !vmo_is_page_multiple((uint64_t)info.st_size))
		return NX_ERR_BAD_HANDLE;
	*out_size = (uint64_t)info.st_size;
	return NX_OK;
}

nx_status_t vmo_init_take(vmo_name_t name, struct vmo *out_vmo)
{
	struct vmo vmo = { .name = name };
	nx_status_t status = check_memfd((int)name, &vmo.size_bytes);

	if (status != NX_OK) {
		vmo_fini(&vmo);
		return status;
	}
	vmo.content_bytes = vmo.size_bytes;
	*out_vmo = vmo;
	return NX_OK;
}

nx_status_t vmo_init_slice(const struct vmo *parent, uint64_t offset,
			   uint64_t content_bytes, struct vmo *out_slice)
{
	nx_status_t status = vmo_check_slice(parent, offset, content_bytes);
	int fd;

	if (status != NX_OK)
		return status;
	fd = fcntl((int)parent->name, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return status_of_errno(errno);
	*out_slice = (struct vmo){ .name = fd,
				   .size_bytes = vmo_round_up(content_bytes),
				   .content_bytes = content_bytes,
				   .offset = parent->offset + offset };
	return NX_OK;
}

void vmo_fini(struct vmo *vmo)
{
	if (vmo == NULL || vmo->name == VMO_NAME_NONE)
		return;
	(void)close((int)vmo->name);
	vmo->name = VMO_NAME_NONE;
}

nx_status_t vmo_read(const struct vmo *vmo, uint64_t offset, void *buffer,
		     uint64_t size_bytes)
{
	uint8_t *to = buffer;

	if (!vmo_has_range(vmo, offset, size_bytes))
		return NX_ERR_OUT_OF_RANGE;
	for (uint64_t done = 0; done < size_bytes;) {
		ssize_t got =
			pread((int)vmo->name, to + done, size_bytes - done,
			      (off_t)(vmo->offset + offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? status_of_errno(errno) : NX_ERR_IO;
		done += (uint64_t)got;
	}
	return NX_OK;
}

nx_status_t vmo_write(struct vmo *vmo, uint64_t offset, const void *buffer,
		      uint64_t size_bytes)
{
	const uint8_t *from = buffer;

	if (!vmo_has_range(vmo, offset, size_bytes))
		return NX_ERR_OUT_OF_RANGE;
	for (uint64_t done = 0; done < size_bytes;) {
		ssize_t put =
			pwrite((int)vmo->name, from + done, size_bytes - done,
			       (off_t)(vmo->offset + offset + done));
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? status_of_errno(errno) : NX_ERR_IO;
		done += (uint64_t)put;
	}
	return NX_OK;
}

nx_status_t vmo_seal(struct vmo *vmo, uint32_t seals)
{
	int add = 0;

	if (seals == 0 || (seals & ~NX_SEAL_ALL) != 0)
		return NX_ERR_INVALID_ARGS;
	if ((seals & NX_SEAL_WRITE) != 0)
		add |= F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
	if ((seals & NX_SEAL_SEAL) != 0)
		add |= F_SEAL_SEAL;
	return fcntl((int)vmo->name, F_ADD_SEALS, add) < 0
		       ? status_of_errno(errno)
		       : NX_OK;
}

nx_status_t vmo_seals(const struct vmo *vmo, uint32_t *out_seals)
{
	int seals = fcntl((int)vmo->name, F_GET_SEALS);

	if (seals < 0)
		return status_of_errno(errno);
	*out_seals = ((seals & F_SEAL_WRITE) != 0 ? NX_SEAL_WRITE : 0) |
		     ((seals & F_SEAL_SEAL) != 0 ? NX_SEAL_SEAL : 0);
	return NX_OK;
}

/** W^X as the machine has it: what is executed never changes again. */
static nx_status_t check_execute(const struct vmo *vmo, uint32_t access)
{
	uint32_t seals;
	nx_status_t status;

	if ((access & NX_MAP_EXEC) == 0)
		return NX_OK;
	status = vmo_seals(vmo, &seals);
	if (status != NX_OK)
		return status;
	return (seals & NX_SEAL_WRITE) != 0 ? NX_OK : NX_ERR_BAD_STATE;
}

nx_status_t vmo_map(const struct vmo *vmo, uint64_t offset, uint64_t size_bytes,
		    uint32_t access, struct vmo_mapping *out_mapping)
{
	nx_status_t status = vmo_check_map(vmo, offset, size_bytes, access);
	int protection = ((access & NX_MAP_READ) != 0 ? PROT_READ : 0) |
			 ((access & NX_MAP_WRITE) != 0 ? PROT_WRITE : 0) |
			 ((access & NX_MAP_EXEC) != 0 ? PROT_EXEC : 0);
	/* A read-only shared mapping of a file sealed against writing is
	 * refused by older hosts; a private one shows the same pages. */
	int sharing = (access & NX_MAP_WRITE) != 0 ? MAP_SHARED : MAP_PRIVATE;
	void *base;

	if (status == NX_OK)
		status = check_execute(vmo, access);
	if (status != NX_OK)
		return status;
	base = mmap(NULL, size_bytes, protection, sharing, (int)vmo->name,
		    (off_t)(vmo->offset + offset));
	if (base == MAP_FAILED)
		return status_of_errno(errno);
	out_mapping->base = base;
	out_mapping->size_bytes = size_bytes;
	return NX_OK;
}

void vmo_unmap(struct vmo_mapping *mapping)
{
	if (mapping == NULL || mapping->size_bytes == 0)
		return;
	(void)munmap(mapping->base, mapping->size_bytes);
	mapping->base = NULL;
	mapping->size_bytes = 0;
}
