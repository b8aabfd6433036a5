/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#define MOUNTS_MAX 8

static nx_status_t show(struct shell *shell, uint32_t index)
{
	struct nx_message_buffer *buffer = shell->program->buffer;
	uint64_t copied, lent, live, verified, open, loans;
	uint64_t nodes, bytes, epoch;
	char name[PACKAGEFS_NAME_MAX];
	size_t size;
	nx_status_t status;

	status = packagefs_mount_info(buffer, shell->packages, index, name,
				      sizeof(name), &size, &nodes, &bytes,
				      &epoch);
	if (status != NX_OK)
		return status;
	status = packagefs_status(buffer, shell->packages, index, &copied,
				  &lent, &live, &verified, &open, &loans);
	if (status != NX_OK)
		return status;
	shell_print(shell,
		    "/%.*s: %lu nodes, %lu KiB; copied %lu, lent %lu (%lu "
		    "now), blocks verified %lu, open %lu, loans %lu\n",
		    (int)size, name, nodes, bytes / 1024, copied, lent, live,
		    verified, open, loans);
	return NX_OK;
}

int shell_mount(struct shell *shell, unsigned count, char **words)
{
	(void)count;
	(void)words;
	for (uint32_t i = 0; i < MOUNTS_MAX; i++) {
		nx_status_t status = show(shell, i);

		if (status != NX_OK && status != NX_ERR_NOT_FOUND)
			return shell_error(shell, "mount", "packages", status);
	}
	return 0;
}
