/* SPDX-License-Identifier: BSD-2-Clause
 * Memory lent in place of a copy: pages of the image itself, verified first,
 * read only for ever. Budgets are checked before work, and the loan is taken
 * back when the client returns it or is gone.
 */
#include "packagefsd.h"

#include <nexus/syscalls.h>

#define PAGE_LOG2 NX_PAGE_BITS

static nx_status_t in_bounds(const struct open_file *file, uint64_t offset,
			     uint64_t size_bytes)
{
	struct epk_node node;
	uint64_t end;

	if (epk_node_get(&file->mount->image.epk, file->node, &node) != EPK_OK)
		return NX_ERR_CORRUPT;
	if (node.type != EPK_TYPE_FILE)
		return NX_ERR_WRONG_KIND;
	end = (node.size_bytes + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
	if (size_bytes == 0 || offset >= end || size_bytes > end - offset)
		return NX_ERR_OUT_OF_RANGE;
	return NX_OK;
}

/* May this client have so much more? */
static nx_status_t in_budget(const struct client *client,
			     const struct epk_splice *splice)
{
	if (client->loan_count == CLIENT_LOANS_MAX ||
	    splice->size_bytes > CLIENT_LIVE_MAX - client->live_bytes)
		return NX_ERR_OVER_BUDGET;
	return NX_OK;
}

static epk_status_t verify(struct packagefs *fs, struct mount *mount,
			   const struct epk_splice *splice, uint32_t *out_block)
{
	for (uint32_t i = 0; i < splice->block_count; i++) {
		uint32_t block = splice->first_block + i;
		epk_status_t status =
			epk_block_verify(&mount->image.mount, block);

		if (status != EPK_OK) {
			*out_block = block;
			program_print(fs->program,
				      "packagefsd: splice refused: %s, "
				      "block %u\n",
				      epk_status_name(status), block);
			return status;
		}
	}
	return EPK_OK;
}

static struct loan *free_loan(struct packagefs *fs)
{
	for (unsigned i = 0; i < LOANS_MAX; i++)
		if (fs->loans[i].client == 0)
			return &fs->loans[i];
	return NULL;
}

/* Everything was checked: take the slice and write it down. */
static nx_status_t lend(struct packagefs *fs, struct client *client,
			struct mount *mount, const struct epk_splice *splice,
			struct loan **out_loan)
{
	struct loan *loan = free_loan(fs);
	nx_status_t status;

	if (!loan)
		return NX_ERR_OVER_BUDGET;
	status = nx_vmo_slice(mount->vmo, splice->image_offset,
			      splice->content_size, &loan->vmo);
	if (status != NX_OK)
		return status;
	if (epk_splice_charge(&mount->image.mount, splice) != EPK_OK) {
		nx_handle_close(loan->vmo.handle);
		return NX_ERR_OVER_BUDGET;
	}
	loan->client = client->id;
	loan->mount = mount;
	loan->splice = *splice;
	if (loan->generation == 0)
		loan->generation = 1;
	client->loan_count++;
	client->live_bytes += splice->size_bytes;
	mount->loan_count++;
	mount->lent_bytes += splice->content_size;
	*out_loan = loan;
	return NX_OK;
}

static nx_status_t check_and_lend(struct packagefs *fs, struct client *client,
				  const struct open_file *file, uint64_t offset,
				  uint64_t size_bytes, struct loan **out_loan)
{
	struct mount *mount = file->mount;
	struct epk_splice splice;
	epk_status_t status;
	nx_status_t allowed;
	uint32_t block = EPK_NO_INDEX;

	status = epk_splice_check(&mount->image.mount, file->node, offset,
				  size_bytes, PAGE_LOG2, &splice);
	if (status != EPK_OK)
		return client_failed(client, status, EPK_STAGE_SPLICE,
				     file->node);
	allowed = in_budget(client, &splice);
	if (allowed != NX_OK)
		return allowed;
	status = verify(fs, mount, &splice, &block);
	if (status != EPK_OK)
		return client_failed(client, status, EPK_STAGE_READ, block);
	return lend(fs, client, mount, &splice, out_loan);
}

nx_status_t packagefs_serve_read_vmo(struct packagefs *fs,
				     struct service_request *request,
				     uint32_t number, uint64_t offset,
				     uint64_t size_bytes, nx_vmo_t *out_memory,
				     uint64_t *out_content_bytes,
				     uint32_t *out_loan)
{
	const struct open_file *file = file_get(fs, request->client, number);
	struct client *client = client_get(fs, request->client);
	struct loan *loan = NULL;
	nx_status_t status;

	if (!file || !client)
		return NX_ERR_BAD_HANDLE;
	status = in_bounds(file, offset, size_bytes);
	if (status == NX_OK)
		status = check_and_lend(fs, client, file, offset, size_bytes,
					&loan);
	if (status != NX_OK || !loan)
		return status;
	request->answer_rights = NX_RIGHT_READ | NX_RIGHT_MAP |
				 NX_RIGHT_INSPECT |
				 (loan->splice.executable ? NX_RIGHT_EXEC : 0);
	*out_memory = loan->vmo;
	*out_content_bytes = loan->splice.content_size;
	*out_loan = (uint32_t)(loan - fs->loans) | loan->generation << 16;
	if (!fs->lent_once) {
		fs->lent_once = true;
		program_print(fs->program,
			      "packagefsd: splice vmo ok (len=%lu)\n",
			      loan->splice.content_size);
	}
	return NX_OK;
}

nx_status_t packagefs_serve_return_vmo(struct packagefs *fs,
				       struct service_request *request,
				       uint32_t number)
{
	uint32_t index = number & 0xffff;
	struct loan *loan = &fs->loans[index % LOANS_MAX];

	if (index >= LOANS_MAX || loan->client != request->client ||
	    loan->generation != number >> 16)
		return NX_ERR_BAD_HANDLE;
	loan_end(fs, loan);
	return NX_OK;
}
