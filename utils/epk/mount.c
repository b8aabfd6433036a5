/* SPDX-License-Identifier: BSD-2-Clause */
/* epk mount: an image as a folder of this system, read only, every block
 * verified before a byte of it is seen. */
#define _GNU_SOURCE
#include "command.h"

#include "mount_server.h"
#include "report.h"
#include "shown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* All that must be right before there is a mount: the mount checks and the
 * signature policy. --check ends behind this and mounts nothing. */
static bool open_checked(struct mount_server *server, const char *file)
{
	return image_open(&server->image, server->options, file);
}

static void say(const struct mount_server *server, const char *said)
{
	const struct options *options = server->options;
	const struct epk_image *core = server->image.image;

	if (options->json)
		report_json(json_pack(
			"{s:s, s:b, s:o, s:o*, s:o}", "command", "mount", "ok",
			1, "file", json_text(server->image.file), "folder",
			server->folder ? json_text(server->folder) : NULL,
			"package_id", json_hex(core->package_id, 32)));
	else if (!options->quiet && said)
		print_file(server->image.file, "%s\n", said);
}

static void say_mounted(const struct mount_server *server)
{
	say(server, NULL);
}

static bool find_folder(struct mount_server *server, const char *name)
{
	struct stat stat_;

	server->folder = realpath(name, NULL);
	if (!server->folder)
		return system_error(server->options, "find the folder", name);
	if (stat(server->folder, &stat_) != 0)
		return system_error(server->options, "look at", name);
	errno = ENOTDIR;
	return S_ISDIR(stat_.st_mode) ||
	       system_error(server->options, "mount at", name);
}

static bool mount_and_serve(struct mount_server *server)
{
	const struct options *options = server->options;

	if (!mount_log_init(&server->log,
			    server->image.image->header.block_count,
			    options->foreground))
		return memory_error(options, server->image.file);
	if (options->foreground)
		return mount_session_run(server);
	return !mount_daemon_start(server, say_mounted) ||
	       mount_session_run(server);
}

bool command_mount(struct options *options)
{
	struct mount_server server = { .options = options,
				       .uid = getuid(),
				       .gid = getgid(),
				       .words = options->mount_words,
				       .idle_timeout_s = options->idle_timeout,
				       .ready = mount_daemon_ready,
				       .ready_fd = -1 };
	bool good;

	if (!options->check && options->operand_count < 2)
		return usage_error(options,
				   "name the folder to mount the image at");
	if (!open_checked(&server, options->operands[0]))
		return false;
	good = options->operand_count < 2 ||
	       find_folder(&server, options->operands[1]);
	if (good && options->check)
		say(&server, "may be mounted");
	else if (good)
		good = mount_and_serve(&server);
	mount_log_fini(&server.log);
	free(server.folder);
	image_close(&server.image);
	return good;
}
