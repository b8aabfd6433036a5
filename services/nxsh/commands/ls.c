/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <epk/format.h>

/* Type, EXEC, MAPPED; size; name with a mark for what is no file. */
static void show(struct shell *shell, uint32_t type, uint32_t flags,
		 uint64_t size, const char *name)
{
	static const char types[] = "?d-al";
	static const char marks[] = { 0, '/', 0, '/', '@' };
	char mark = marks[type <= EPK_TYPE_LINK ? type : 0];
	unsigned char last = '\n';

	shell_print(shell, "%c%c%c %10lu ",
		    types[type <= EPK_TYPE_LINK ? type : 0],
		    flags & EPK_FLAG_EXEC ? 'x' : '-',
		    flags & EPK_FLAG_MAPPED ? 'm' : '-', size);
	shell_write_foreign(shell, name, strlen(name), &last);
	shell_print(shell, "%.*s\n", mark ? 1 : 0, &mark);
}

static bool show_entry(void *context, const struct packagefs_entry *entry,
		       const char *name)
{
	show(context, entry->type, entry->flags, entry->size_bytes, name);
	return true;
}

int shell_ls(struct shell *shell, unsigned count, char **words)
{
	const char *path = count > 1 ? words[1] : "/";
	struct package_file file;
	nx_status_t status;

	status = package_open(shell->program->buffer, shell->packages, path,
			      &file);
	if (status != NX_OK)
		return shell_error(shell, "ls", path, status);
	if (file.type == EPK_TYPE_FOLDER)
		status = package_list(&file, show_entry, shell);
	else
		show(shell, file.type, file.flags, file.size_bytes, path);
	package_close(&file);
	return status == NX_OK ? 0 : shell_error(shell, "ls", path, status);
}
