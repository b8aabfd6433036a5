/* SPDX-License-Identifier: BSD-2-Clause
 * Files on the terminal.
 */
#include "../shell.h"

static nx_status_t cat_file(struct shell *shell,
			    const struct package_file *file)
{
	unsigned char last = '\n';
	uint64_t offset = 0;

	for (;;) {
		char text[PACKAGEFS_READ_MAX];
		size_t size;
		nx_status_t status;

		status = packagefs_read(file->buffer, file->service,
					file->number, offset, sizeof(text),
					text, sizeof(text), &size);
		if (status != NX_OK || size == 0)
			return status;
		shell_write_foreign(shell, text, size, &last);
		offset += size;
	}
}

int shell_cat(struct shell *shell, unsigned count, char **words)
{
	int code = 0;

	for (unsigned i = 1; i < count; i++) {
		struct package_file file;
		nx_status_t status;

		status = package_open(shell->program->buffer, shell->packages,
				      words[i], &file);
		if (status == NX_OK) {
			status = cat_file(shell, &file);
			package_close(&file);
		}
		if (status != NX_OK)
			code = shell_error(shell, "cat", words[i], status);
	}
	return code;
}
