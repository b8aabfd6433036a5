/* SPDX-License-Identifier: BSD-2-Clause
 * Who holds what. A number is index | generation << 16; generations are 16
 * bits, never 0, and go up each time a slot is freed.
 */
#include "packagefsd.h"

#include <nexus/syscalls.h>

#define INDEX_MASK UINT32_C(0xffff)

struct client *client_get(struct packagefs *fs, uint32_t id)
{
	struct client *free_row = NULL;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		if (fs->clients[i].id == id)
			return &fs->clients[i];
		if (!free_row && fs->clients[i].id == 0)
			free_row = &fs->clients[i];
	}
	for (unsigned i = 0; !free_row && i < CLIENTS_MAX; i++) {
		struct client *client = &fs->clients[i];

		if (client->file_count == 0 && client->loan_count == 0)
			free_row = client; /* it only had a failure to tell */
	}
	if (free_row)
		*free_row = (struct client){ .id = id };
	return free_row;
}

void client_put(struct client *client)
{
	*client = (struct client){ 0 };
}

nx_status_t client_failed(struct client *client, epk_status_t status,
			  uint32_t stage, uint32_t index)
{
	if (client && status != EPK_OK) {
		client->failed = status;
		client->failed_stage = stage;
		client->failed_index = index;
	}
	return image_status(status);
}

struct open_file *file_get(struct packagefs *fs, uint32_t client,
			   uint32_t number)
{
	uint32_t index = number & INDEX_MASK;
	struct open_file *file = &fs->files[index % FILES_MAX];

	if (index >= FILES_MAX || file->client != client ||
	    file->generation != number >> 16)
		return NULL;
	return file;
}

static uint32_t next_generation(uint32_t generation)
{
	return generation == INDEX_MASK ? 1 : generation + 1;
}

void file_close(struct packagefs *fs, struct open_file *file)
{
	struct client *client = client_get(fs, file->client);

	if (client) /* whoever holds a file has a row */
		client->file_count--;
	file->mount->open_count--;
	file->client = 0;
	file->generation = next_generation(file->generation);
}

void loan_end(struct packagefs *fs, struct loan *loan)
{
	struct client *client = client_get(fs, loan->client);

	nx_handle_revoke(loan->vmo.handle);
	nx_handle_close(loan->vmo.handle);
	epk_splice_return(&loan->mount->image.mount, &loan->splice);
	if (client) { /* whoever holds a loan has a row */
		client->loan_count--;
		client->live_bytes -= loan->splice.size_bytes;
	}
	loan->mount->loan_count--;
	loan->client = 0;
	loan->generation = next_generation(loan->generation);
}

nx_status_t packagefs_serve_last_failure(struct packagefs *fs,
					 struct service_request *request,
					 int64_t *out_code, uint32_t *out_stage,
					 uint32_t *out_index)
{
	const struct client *client = client_get(fs, request->client);

	if (!client)
		return NX_ERR_OVER_BUDGET;
	*out_code = client->failed;
	*out_stage = client->failed_stage;
	*out_index = client->failed_index;
	return NX_OK;
}

/* The clients first to last; 0 is none. */
static nx_status_t release(struct packagefs *fs, uint64_t first, uint64_t last)
{
	if (first == 0 || first > last || last > UINT32_MAX)
		return NX_ERR_INVALID_ARGS;
	for (unsigned i = 0; i < FILES_MAX; i++)
		if (fs->files[i].client >= first && fs->files[i].client <= last)
			file_close(fs, &fs->files[i]);
	for (unsigned i = 0; i < LOANS_MAX; i++)
		if (fs->loans[i].client >= first && fs->loans[i].client <= last)
			loan_end(fs, &fs->loans[i]);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (fs->clients[i].id >= first && fs->clients[i].id <= last)
			client_put(&fs->clients[i]);
	return NX_OK;
}

nx_status_t packagefs_serve_release_from(struct packagefs *fs,
					 struct service_request *request,
					 uint64_t first)
{
	(void)request;
	return release(fs, first, UINT32_MAX);
}

nx_status_t packagefs_serve_release_client(struct packagefs *fs,
					   struct service_request *request,
					   uint64_t client)
{
	(void)request;
	return release(fs, client, client);
}
