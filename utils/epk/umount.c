/* SPDX-License-Identifier: BSD-2-Clause */
/* epk umount: what epk mount did, undone. */
#define _GNU_SOURCE
#include "command.h"

#include "mount_detach.h"
#include "report.h"

#include <epk/format.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its name as the kernel has it. A mount whose server died cannot be looked
 * at, only named by the folder above it. */
static char *absolute(const char *name)
{
	char *path = realpath(name, NULL);
	char *copy = strdup(name);
	char *slash;
	char *above;

	if (path || !copy || (errno != ENOTCONN && errno != EACCES)) {
		free(copy);
		return path;
	}
	while ((slash = strrchr(copy, '/')) != NULL && slash[1] == '\0' &&
	       slash != copy)
		*slash = '\0';
	if (slash)
		*slash = '\0';
	above = realpath(!slash ? "." : slash == copy ? "/" : copy, NULL);
	if (above && asprintf(&path, "%s/%s", strcmp(above, "/") ? above : "",
			      slash ? slash + 1 : copy) < 0)
		path = NULL;
	free(above);
	free(copy);
	return path;
}

static bool umount_one(const struct options *options, const char *name)
{
	char *folder = absolute(name);
	epk_status_t status;

	if (!folder)
		return system_error(options, "find the folder", name);
	status = mount_detach(folder, options->lazy);
	free(folder);
	switch (status) {
	case EPK_OK:
		return !options->json ||
		       report_json(json_pack("{s:s, s:b, s:o}", "command",
					     "umount", "ok", 1, "folder",
					     json_text(name)));
	case EPK_ERR_NOT_FOUND:
		return tool_error(options, status, name,
				  "no image is mounted there");
	case EPK_ERR_BUSY:
		return tool_error(options, status, name,
				  "close what is open there, or use --lazy");
	default:
		return system_error(options, "unmount", name);
	}
}

bool command_umount(struct options *options)
{
	bool good = true;

	for (uint32_t i = 0; i < options->operand_count; i++)
		good = umount_one(options, options->operands[i]) && good;
	return good;
}
