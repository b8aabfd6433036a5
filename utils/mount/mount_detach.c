/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "mount_detach.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* One line of mountinfo, as far as it matters here. */
struct mount_row {
	bool ours; /* of type fuse.epk, or fuse.<anything> of an image */
	unsigned user;
};

/* \040 and its like, in place. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (char)((text[1] - '0') * 64 +
				       (text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* "id parent major:minor root FOLDER options ... - TYPE source super" */
static bool parse_row(char *line, const char *folder, struct mount_row *row)
{
	char *rest = strstr(line, " - ");
	char *word = line;
	char *user;

	for (int i = 0; word && i < 4; i++) {
		word = strchr(word, ' ');
		word = word ? word + 1 : NULL;
	}
	if (!word || !rest)
		return false;
	rest += 3;
	word[strcspn(word, " ")] = '\0';
	unescape(word);
	if (strcmp(word, folder) != 0)
		return false;
	row->ours = strncmp(rest, "fuse.epk ", 9) == 0;
	user = strstr(rest, "user_id=");
	row->user = user ? (unsigned)strtoul(user + 8, NULL, 10) : 0;
	return true;
}

/* The topmost mount there; false: none of ours. */
static bool find_mount(const char *folder, struct mount_row *out_row)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mount_row row = { 0 };
	char *line = NULL;
	size_t size = 0;

	*out_row = row;
	if (!file)
		return false;
	while (getline(&line, &size, file) >= 0)
		if (parse_row(line, folder, &row))
			*out_row = row;
	free(line);
	fclose(file);
	return out_row->ours;
}

/* Without a word: what is left tells how it ended. */
static void run_fusermount(const char *folder, bool lazily)
{
	const char *const arguments[] = { "fusermount3",
					  "-u",
					  "-q",
					  lazily ? "-z" : "--",
					  lazily ? "--" : folder,
					  lazily ? folder : NULL,
					  NULL };
	posix_spawn_file_actions_t actions;
	char *const *words = (char *const *)(uintptr_t)arguments;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions))
		return;
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&child, arguments[0], &actions, NULL, words,
			 environ) == 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
}

epk_status_t mount_detach(const char *folder, bool lazily)
{
	struct mount_row row;

	if (!find_mount(folder, &row))
		return EPK_ERR_NOT_FOUND;
	if (umount2(folder, UMOUNT_NOFOLLOW | (lazily ? MNT_DETACH : 0)) == 0)
		return EPK_OK;
	if (errno == EBUSY)
		return EPK_ERR_BUSY;
	if (errno != EPERM)
		return EPK_ERR_IO;
	if (row.user != getuid()) {
		errno = EPERM;
		return EPK_ERR_IO;
	}
	run_fusermount(folder, lazily);
	return find_mount(folder, &row) ? EPK_ERR_BUSY : EPK_OK;
}
