/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plain driver: run i of a campaign is corpus input i modulo their count,
 * changed by numbers that follow from the seed and i alone. So a run can be
 * done again without those before it.
 *
 *	TARGET [-s SEED] [-f FIRST] [-n COUNT] [-o FILE]
 *	TARGET -w FOLDER | FILE...
 *
 * Without -n the environment's NEXUS_FUZZ_RUNS, else NEXUS_LONG, else the
 * target says how many; NEXUS_FUZZ_SEED stands for -s. -o writes the input of
 * run FIRST instead of running it, -w the corpus; files are replayed.
 */
#include "support/tap.h"

#include "fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

/* A run that takes this long never ends. */
#define STUCK_SECONDS 60u
#define REPLAY_MAX ((size_t)1 << 24)

struct campaign {
	uint64_t seed;
	uint32_t first;
	uint32_t count;
	const char *output;
};

static struct campaign campaign = { .seed = 1 };
static volatile uint32_t running;

/* ---- when it breaks ---- */

/* Which run it was, by calls that a handler may make. */
static void tell(void)
{
	char text[200];
	int size =
		snprintf(text, sizeof(text),
			 "\n%s: run %lu of seed %lu; again: -s %lu -f %lu "
			 "-n 1, its input: -o FILE\n",
			 fuzz_target.name, (unsigned long)running,
			 (unsigned long)campaign.seed,
			 (unsigned long)campaign.seed, (unsigned long)running);

	if (size > 0 && write(STDERR_FILENO, text, (size_t)size) < 0)
		_exit(99);
}

static void broke(int signal_number)
{
	tell();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void watch(void)
{
#ifdef WITH_ASAN
	__sanitizer_set_death_callback(tell);
	signal(SIGABRT, broke);
#else
	static const int deaths[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
				      SIGILL };

	for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
		signal(deaths[i], broke);
#endif
	signal(SIGALRM, broke);
}

/* ---- runs ---- */

/* Nothing behind the input may be looked at. */
static void run(uint8_t *bytes, size_t size)
{
	uint8_t *const end = bytes + size;
	const size_t rest = fuzz_target.size_max - size;

	fuzz_must(size <= fuzz_target.size_max, "a mutator keeps to size_max");
	ASAN_POISON_MEMORY_REGION(end, rest);
	fuzz_target.run(bytes, size);
	ASAN_UNPOISON_MEMORY_REGION(end, rest);
}

struct corpus {
	uint8_t **inputs;
	size_t *sizes;
};

static void *must_allocate(size_t size)
{
	void *memory = calloc(1, size);

	fuzz_must(memory != NULL, "there is memory for the test");
	return memory;
}

static struct corpus corpus_make(void)
{
	const uint32_t count = fuzz_target.seed_count;
	uint8_t *bytes = must_allocate(fuzz_target.size_max);
	struct corpus corpus = {
		.inputs = must_allocate(count * sizeof(uint8_t *)),
		.sizes = must_allocate(count * sizeof(size_t)),
	};

	for (uint32_t i = 0; i < count; i++) {
		corpus.sizes[i] = fuzz_target.seed(i, bytes);
		fuzz_must(corpus.sizes[i] <= fuzz_target.size_max,
			  "the corpus keeps to size_max");
		corpus.inputs[i] = must_allocate(corpus.sizes[i] + 1);
		memcpy(corpus.inputs[i], bytes, corpus.sizes[i]);
	}
	free(bytes);
	return corpus;
}

static void corpus_free(struct corpus *corpus)
{
	for (uint32_t i = 0; i < fuzz_target.seed_count; i++)
		free(corpus->inputs[i]);
	free(corpus->inputs);
	free(corpus->sizes);
}

static size_t make_input(const struct corpus *corpus, uint32_t number,
			 uint8_t *bytes)
{
	const uint32_t which = number % fuzz_target.seed_count;
	struct fuzz_random random = fuzz_random_of(campaign.seed, number);

	memcpy(bytes, corpus->inputs[which], corpus->sizes[which]);
	return fuzz_target.mutate(bytes, corpus->sizes[which],
				  fuzz_target.size_max, &random);
}

static void run_all(const struct corpus *corpus, uint8_t *bytes)
{
	for (uint32_t i = 0; i < fuzz_target.seed_count; i++) {
		memcpy(bytes, corpus->inputs[i], corpus->sizes[i]);
		run(bytes, corpus->sizes[i]);
	}
	for (uint32_t i = 0; i < campaign.count; i++) {
		running = campaign.first + i;
		if (i % 256 == 0)
			alarm(STUCK_SECONDS);
		run(bytes, make_input(corpus, running, bytes));
	}
	alarm(0);
}

static int mutate(void)
{
	const clock_t start = clock();
	struct corpus corpus = corpus_make();
	uint8_t *bytes = must_allocate(fuzz_target.size_max);

	plan(0);
	run_all(&corpus, bytes);
	pass("%u mutants (seed %lu) do %s no harm", campaign.count,
	     (unsigned long)campaign.seed, fuzz_target.name);
	/* The borders below are for campaigns, not for one run done again. */
	if (fuzz_target.report != NULL && campaign.count >= fuzz_target.runs)
		fuzz_target.report(campaign.count);
	diag("executions %u seconds %.2f", campaign.count,
	     (double)(clock() - start) / CLOCKS_PER_SEC);
	free(bytes);
	corpus_free(&corpus);
	return done();
}

bool fuzz_ok(bool condition, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(condition, format, args);
	va_end(args);
	return condition;
}

/* ---- files ---- */

static int write_file(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	bool good = file != NULL && fwrite(bytes, 1, size, file) == size;

	if (file != NULL && fclose(file) != 0)
		good = false;
	if (!good)
		perror(path);
	return good ? 0 : 1;
}

static int write_input(void)
{
	struct corpus corpus = corpus_make();
	uint8_t *bytes = must_allocate(fuzz_target.size_max);
	const size_t size = make_input(&corpus, campaign.first, bytes);
	const int status = write_file(campaign.output, bytes, size);

	free(bytes);
	corpus_free(&corpus);
	return status;
}

static int write_corpus(const char *folder)
{
	struct corpus corpus = corpus_make();
	int status = 0;

	for (uint32_t i = 0; i < fuzz_target.seed_count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s-%u", folder,
			 fuzz_target.name, i);
		status |= write_file(path, corpus.inputs[i], corpus.sizes[i]);
	}
	corpus_free(&corpus);
	return status;
}

static int replay(int count, char **paths)
{
	for (int i = 0; i < count; i++) {
		uint8_t *bytes = must_allocate(REPLAY_MAX);
		FILE *file = fopen(paths[i], "rb");
		uint8_t *exact;
		size_t size;

		if (file == NULL) {
			perror(paths[i]);
			return 1;
		}
		size = fread(bytes, 1, REPLAY_MAX, file);
		fclose(file);
		exact = must_allocate(size + 1);
		memcpy(exact, bytes, size);
		fuzz_target.run(exact, size);
		free(exact);
		free(bytes);
	}
	return 0;
}

static uint64_t number(const char *text, uint64_t otherwise)
{
	return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

int main(int argc, char **argv)
{
	const bool is_long = getenv("NEXUS_LONG") != NULL;
	const char *folder = NULL;
	int option;

	campaign.seed = number(getenv("NEXUS_FUZZ_SEED"), 1);
	campaign.count = (uint32_t)number(getenv("NEXUS_FUZZ_RUNS"),
					  is_long ? fuzz_target.long_runs
						  : fuzz_target.runs);
	while ((option = getopt(argc, argv, "s:f:n:o:w:")) != -1) {
		if (option == 's')
			campaign.seed = number(optarg, 1);
		else if (option == 'f')
			campaign.first = (uint32_t)number(optarg, 0);
		else if (option == 'n')
			campaign.count = (uint32_t)number(optarg, 0);
		else if (option == 'o')
			campaign.output = optarg;
		else if (option == 'w')
			folder = optarg;
		else
			return 2;
	}
	watch();
	if (folder != NULL)
		return write_corpus(folder);
	if (campaign.output != NULL)
		return write_input();
	if (optind < argc)
		return replay(argc - optind, argv + optind);
	return mutate();
}
