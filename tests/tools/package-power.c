/* SPDX-License-Identifier: BSD-2-Clause */
/* Every change of a store meets every fault at every call; afterwards the
 * store holds and remembers what it did before, or what it should. The
 * program is given a folder with packages and works there. */
#include "power_disk.h"

#include "judge.h"
#include "options.h"
#include "report.h"
#include "stored.h"
#include "support/tap.h"
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 8
#define CALLS_MAX 200
#define STATE_SIZE 4096

/* Commands that lead to a store, and the one that meets the faults. */
struct scenario {
	const char *name;
	const char *before[4][WORDS_MAX];
	const char *change[WORDS_MAX];
};

#define STORE "--store", "at/store"

static const struct scenario scenarios[] = {
	{ .name = "the first package of a store",
	  .change = { "add", STORE, "one-1.epk", NULL } },
	{ .name = "a higher version",
	  .before = { { "add", STORE, "one-1.epk", "two-1.epk", NULL } },
	  .change = { "add", STORE, "one-2.epk", NULL } },
	{ .name = "another package of the same version",
	  .before = { { "add", STORE, "one-1.epk", NULL } },
	  .change = { "add", STORE, "--allow-downgrade", "other-1.epk",
		      NULL } },
	{ .name = "an older version on purpose",
	  .before = { { "add", STORE, "one-2.epk", NULL },
		      { "remove", STORE, "one", NULL } },
	  .change = { "add", STORE, "--allow-downgrade", "one-1.epk", NULL } },
	{ .name = "a removal",
	  .before = { { "add", STORE, "one-1.epk", "two-1.epk", NULL } },
	  .change = { "remove", STORE, "one", NULL } },
	{ .name = "a removal of the highest version",
	  .before = { { "add", STORE, "one-1.epk", NULL },
		      { "add", STORE, "one-2.epk", NULL } },
	  .change = { "remove", STORE, "one@2.0.0", NULL } },
	{ .name = "a removal beside others that were removed",
	  .before = { { "add", STORE, "one-2.epk", "two-1.epk", NULL },
		      { "remove", STORE, "one@2.0.0", NULL },
		      { "add", STORE, "--allow-downgrade", "one-1.epk",
			NULL } },
	  .change = { "remove", STORE, "two", NULL } },
	{ .name = "mending a package",
	  .before = { { "add", STORE, "one-1.epk", "two-1.epk", NULL },
		      { "damage", NULL } },
	  .change = { "add", STORE, "one-1.epk", NULL } },
};

static volatile uint32_t *calls; /* shared with the children */

/* ---- the tool in a process of its own ---- */

static void damage(void)
{
	int fd = open("at/store/one@1.0.0.epk", O_RDONLY);

	if (fd < 0 || fchmod(fd, 0644) != 0 ||
	    truncate("at/store/one@1.0.0.epk", 100) != 0)
		_exit(99);
	_exit(0);
}

static int run_tool(const char *const *words, enum disk_fault fault,
		    uint32_t at)
{
	const char *argv[WORDS_MAX + 2] = { "package" };
	int status = -1;
	int argc = 1;
	pid_t child;

	while (argc <= WORDS_MAX && words[argc - 1]) {
		argv[argc] = words[argc - 1];
		argc++;
	}
	fflush(NULL);
	*calls = 0;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (strcmp(argv[1], "damage") == 0)
			damage();
		disk_begin(fault, at, "at/side", calls);
		status = tool_main(argc, (char **)(uintptr_t)argv);
		disk_end();
		_exit(status);
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* ---- what a store holds and remembers, in words ---- */

static void say(char *state, const char *format, ...) TAP_FORMAT(2, 3);
static void say(char *state, const char *format, ...)
{
	size_t size = strlen(state);
	va_list args;

	va_start(args, format);
	vsnprintf(state + size, STATE_SIZE - size, format, args);
	va_end(args);
}

static void say_packages(const struct store *store, char *state)
{
	struct store_refs refs;

	if (!store_refs_load(store, &refs)) {
		say(state, "unreadable ");
		return;
	}
	for (uint32_t i = 0; i < refs.count; i++) {
		struct stored_glance glance;
		char ref[PACKAGE_REF_SIZE];

		stored_glance(store, &refs.rows[i], true, &glance);
		package_ref_write(&refs.rows[i], ref);
		say(state, "%s:%02x%02x:%s ", ref, glance.package_id[0],
		    glance.package_id[1], glance.sound ? "sound" : "broken");
	}
	store_refs_fini(&refs);
}

static void say_memory(const struct store *store, char *state)
{
	static const char *const names[] = { "one", "two" };
	struct versions versions;

	if (!versions_load(store, &versions)) {
		say(state, "forgetful ");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		struct version_row row;
		char ref[PACKAGE_REF_SIZE];
		bool known = false;

		highest_version(store, names[i], &versions, &known, &row);
		if (!known)
			continue;
		package_ref_write(&row.ref, ref);
		say(state, "remembers:%s:%02x%02x ", ref, row.package_id[0],
		    row.package_id[1]);
	}
	versions_fini(&versions);
}

static void store_state(char state[STATE_SIZE])
{
	const struct options options = { .command = "list", .jobs = 1 };
	struct store store;

	state[0] = '\0';
	if (access("at/store", F_OK) != 0)
		return; /* as good as empty */
	if (!store_open(&store, &options, "at/store")) {
		say(state, "no store ");
		return;
	}
	say_packages(&store, state);
	say_memory(&store, state);
	store_close(&store);
}

/* ---- folders ---- */

static void clear_folder(const char *name)
{
	DIR *stream = opendir(name);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(stream), entry->d_name, 0);
	if (stream)
		closedir(stream);
	rmdir(name);
}

static void copy_file(int from, int to, const char *name)
{
	struct stat info;
	int in = openat(from, name, O_RDONLY);
	int out;
	char bytes[65536];
	ssize_t count;

	if (in < 0 || fstat(in, &info) != 0)
		abort();
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL,
		     info.st_mode & 0777);
	while ((count = read(in, bytes, sizeof(bytes))) > 0)
		if (write(out, bytes, (size_t)count) != count)
			abort();
	close(in);
	close(out);
}

/** The store of a folder becomes that of another; none stays none. */
static void copy_store(const char *from, const char *to)
{
	DIR *stream = opendir(from);
	const struct dirent *entry;
	int folder;

	clear_folder(to);
	if (!stream)
		return;
	if (mkdir(to, 0777) != 0)
		abort();
	folder = open(to, O_RDONLY | O_DIRECTORY);
	while ((entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			copy_file(dirfd(stream), folder, entry->d_name);
	close(folder);
	closedir(stream);
}

static bool has_unfinished(void)
{
	DIR *stream = opendir("at/store");
	const struct dirent *entry;
	bool found = false;

	while (stream && (entry = readdir(stream)))
		found |= strncmp(entry->d_name, STORE_NEW, strlen(STORE_NEW)) ==
			 0;
	if (stream)
		closedir(stream);
	return found;
}

/* ---- the scenarios ---- */

struct outcome {
	char before[STATE_SIZE];
	char after[STATE_SIZE];
	uint32_t call_count;
};

static bool prepare(const struct scenario *scenario, struct outcome *outcome)
{
	bool good = true;

	clear_folder("at/store");
	for (int i = 0; i < 4 && scenario->before[i][0]; i++)
		good = run_tool(scenario->before[i], DISK_SOUND, 0) == 0 &&
		       good;
	copy_store("at/store", "at/start");
	store_state(outcome->before);
	good = run_tool(scenario->change, DISK_SOUND, 0) == 0 && good;
	outcome->call_count = *calls;
	store_state(outcome->after);
	return good;
}

/** What is wrong after one fault; NULL: nothing. */
static const char *try_fault(const struct scenario *scenario,
			     const struct outcome *outcome,
			     enum disk_fault fault, uint32_t at)
{
	const char *const verify[] = { "verify", STORE, NULL };
	char state[STATE_SIZE];
	bool is_after;
	int status;

	copy_store("at/start", "at/store");
	status = run_tool(scenario->change, fault, at);
	store_state(state);
	is_after = strcmp(state, outcome->after) == 0;
	if (!is_after && strcmp(state, outcome->before) != 0) {
		diag("%s", state);
		return "something in between";
	}
	if (status == 0 && !is_after)
		return "success was told, and nothing has changed";
	if ((fault >= DISK_KILL && at <= outcome->call_count) !=
	    (status == DISK_POWER_GONE))
		return "the power should have gone, or not";
	if (is_after && !strstr(state, "broken") &&
	    run_tool(verify, DISK_SOUND, 0) != 0)
		return "verify finds fault with the store";
	/* Whoever tries again gets there, unless it happened: what was
	 * removed cannot be removed again. */
	status = run_tool(scenario->change, DISK_SOUND, 0);
	if (status != 0 && !(is_after && status == 6))
		return "it cannot be done again";
	store_state(state);
	if (strcmp(state, outcome->after) != 0 || has_unfinished())
		return "doing it again does not end where it should";
	return NULL;
}

static void try_scenario(const struct scenario *scenario)
{
	struct outcome outcome;
	bool good = prepare(scenario, &outcome);

	ok(good && outcome.call_count >= 5 && outcome.call_count < CALLS_MAX &&
		   strcmp(outcome.before, outcome.after) != 0,
	   "%s takes %u calls", scenario->name, outcome.call_count);
	for (int fault = DISK_ERROR; fault < DISK_FAULTS; fault++) {
		uint32_t wrong = 0;

		/* The last time the power goes when all is done. */
		for (uint32_t at = 1; at <= outcome.call_count + 1; at++) {
			const char *why = try_fault(scenario, &outcome,
						    (enum disk_fault)fault, at);

			if (why)
				diag("call %u: %s", at, why);
			wrong += why != NULL;
		}
		ok(wrong == 0, "it is before or after %s at any of them",
		   disk_fault_names[fault]);
	}
}

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	if (argc != 2 || chdir(argv[1]) != 0 || mkdir("at", 0777) != 0 ||
	    mkdir("at/side", 0777) != 0)
		return bail_out("package-power FOLDER, with packages");
	calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (calls == MAP_FAILED || dup2(null, STDERR_FILENO) < 0)
		return bail_out("no memory");
	plan(0);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		try_scenario(&scenarios[i]);
		clear_folder("at/side");
		mkdir("at/side", 0777);
	}
	return done();
}
