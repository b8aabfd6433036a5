/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `epk extract` in this process, on hostile images, with any
 * --strip, --include and --exclude, into a folder in memory that has one
 * beside it and links to there. Nothing is ever made beside the target, and
 * no link that was made leads out of it. */

#include "../../utils/common/report.h"
#include "../../utils/epk/command.h"
#include "../../utils/epk/options.h"
#include "image.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];
static char target[80];
static int place_fd = -1;
static int image_fd = -1;
static FILE *silence;
static uint32_t finished;
static uint32_t links_seen;

/* ---- a place in memory ---- */

static void leave(void)
{
	if (place_fd < 0)
		return;
	unlinkat(place_fd, "beside", AT_REMOVEDIR);
	rmdir(place);
}

static void enter(void)
{
	static const char *const tops[] = { "/dev/shm", "/tmp" };

	for (int i = 0; i < 2 && place_fd < 0; i++) {
		snprintf(place, sizeof(place), "%s/nexus-extract-XXXXXX",
			 tops[i]);
		if (mkdtemp(place) != NULL)
			place_fd =
				open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	image_fd = memfd_create("image", MFD_CLOEXEC);
	fuzz_must(place_fd >= 0 && image_fd >= 0 &&
			  mkdirat(place_fd, "beside", 0700) == 0,
		  "there is a place for the test");
	snprintf(target, sizeof(target), "%s/target", place);
	atexit(leave);
	silence = fopen("/dev/null", "w");
	fuzz_must(silence != NULL, "there is nowhere");
}

/* ---- looking at what was made, and away with it ---- */

#define DEPTH_MAX (EPK_DEPTH_MAX + 2)

/* Folders on the way to what is looked at. */
struct walk {
	DIR *folders[DEPTH_MAX];
	char names[DEPTH_MAX][EPK_NAME_MAX + 1];
	uint32_t depth;
};

/* Steps up from a folder this deep must not leave the target. */
static void check_link(int folder, const char *name, uint32_t depth)
{
	char leads[8192];
	const char *at = leads;
	const ssize_t size = readlinkat(folder, name, leads, sizeof(leads) - 1);
	uint32_t up = 0;

	fuzz_must(size > 0 && leads[0] != '/', "a link is relative");
	leads[size] = '\0';
	while (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0')) {
		at += at[2] == '/' ? 3 : 2;
		up++;
	}
	fuzz_must(up <= depth, "a link stays in the target");
	fuzz_must(strstr(at, "/../") == NULL,
		  "a link climbs at its beginning only");
	links_seen++;
}

/* Look at an entry; files and links go, folders are entered. */
static void visit(struct walk *walk, const char *name)
{
	const int folder = dirfd(walk->folders[walk->depth]);
	struct stat stat;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	fuzz_must(fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) == 0,
		  "what was made can be looked at");
	if (S_ISDIR(stat.st_mode)) {
		fuzz_must(walk->depth + 1 < DEPTH_MAX, "folders end");
		snprintf(walk->names[walk->depth], EPK_NAME_MAX + 1, "%s",
			 name);
		walk->folders[++walk->depth] = fdopendir(openat(
			folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		fuzz_must(walk->folders[walk->depth] != NULL, "a folder opens");
		return;
	}
	if (S_ISLNK(stat.st_mode))
		check_link(folder, name, walk->depth);
	else
		fuzz_must(S_ISREG(stat.st_mode),
			  "files, folders and links are made");
	unlinkat(folder, name, 0);
}

static void remove_tree(const char *top)
{
	static struct walk walk;
	const int fd =
		open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *entry;

	if (fd < 0)
		return;
	walk.depth = 0;
	walk.folders[0] = fdopendir(fd);
	for (;;) {
		entry = readdir(walk.folders[walk.depth]);
		if (entry != NULL) {
			visit(&walk, entry->d_name);
			continue;
		}
		closedir(walk.folders[walk.depth]);
		if (walk.depth == 0)
			break;
		walk.depth--;
		unlinkat(dirfd(walk.folders[walk.depth]),
			 walk.names[walk.depth], AT_REMOVEDIR);
		rewinddir(walk.folders[walk.depth]);
	}
	rmdir(top);
}

static bool is_empty(const char *folder)
{
	return unlinkat(place_fd, folder, AT_REMOVEDIR) == 0 &&
	       mkdirat(place_fd, folder, 0700) == 0;
}

/* ---- runs ---- */

static void add_globs(struct option_list *list, const char **values,
		      struct fuzz_random *random)
{
	static const char *const globs[] = { "bin", "*",   "etc/*", "a/?*e",
					     "**x", "?",   "z",	    "*/*/*/*",
					     "",    "one", "\xc3*", "run" };

	list->values = values;
	for (list->count = 0; list->count < fuzz_below(random, 3);
	     list->count++)
		values[list->count] = globs[fuzz_below(random, 12)];
}

/* What the tool says about each refusal is another test's. */
static bool extract_silently(struct options *options)
{
	FILE *const loud = stderr;
	bool good;

	stderr = silence;
	good = command_extract(options);
	stderr = loud;
	return good;
}

static void run(const uint8_t *bytes, size_t size)
{
	struct fuzz_random random = fuzz_random_from(bytes, size);
	char file[64];
	const char *operands[] = { file, target };
	const char *include[3];
	const char *exclude[3];
	struct options options = {
		.command = "extract",
		.operands = operands,
		.operand_count = 2,
		.quiet = true,
		.progress = PROGRESS_NONE,
		.policy_given = true,
		.jobs = 1,
	};

	if (place_fd < 0)
		enter();
	snprintf(file, sizeof(file), "/proc/self/fd/%d", image_fd);
	options.jobs = fuzz_below(&random, 4) == 0 ? 3 : 1;
	fuzz_must(ftruncate(image_fd, 0) == 0 &&
			  pwrite(image_fd, bytes, size, 0) == (ssize_t)size,
		  "an image is written");
	if (fuzz_below(&random, 2) == 0) {
		options.strip = fuzz_below(&random, 4);
		add_globs(&options.include, include, &random);
		add_globs(&options.exclude, exclude, &random);
	}
	finished += extract_silently(&options);
	fuzz_must(is_empty("beside"), "nothing is made beside the target");
	remove_tree(target);
}

static void report(uint32_t runs)
{
	fuzz_ok(finished > runs / 20 && finished < runs,
		"some are extracted, some are not (%u of %u)", finished, runs);
	fuzz_ok(links_seen > 0, "with links (%u)", links_seen);
}

const struct fuzz_target fuzz_target = {
	.name = "extract",
	.runs = 1000,
	.long_runs = 50000,
	FUZZ_IMAGE_INPUTS,
	.mutate = fuzz_image_mutate_data,
	.run = run,
	.report = report,
};
