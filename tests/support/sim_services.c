/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/sim_services.h"
#include "unit/libepk/writer_support.h"

#include <crt/program.h>
#include <crt/text.h>
#include <epk/codec.h>
#include <inttypes.h>
#include <lib/package_client.h>
#include <lib/roles.h>
#include <nexus/syscalls.h>
#include <proto/console.h>

#define RAM_BYTES (UINT64_C(128) << 20)
#define LARGE_BYTES 300000
#define FILE_COUNT 40

static const char manifest[] = "name = \"demo\"\nversion = \"0.1.0\"\n"
			       "arch = \"any\"\nkernel_api = \"0.1\"\n";

extern const struct program_row program_row_console, program_row_execd,
	program_row_init, program_row_nxsh, program_row_packagefsd,
	program_row_selftest, program_row_driver;

/* Programs of the tests. */

/* Hold what services give, and end without a word to them. */
static void hold_everything(struct program *program, nx_client_t console)
{
	const nx_client_t packages = { program_handle(program,
						      ROLE_PACKAGEFS) };
	const nx_job_t job = { NX_HANDLE_NONE };
	struct package_bytes bytes;
	struct package_file file;
	nx_event_t event;

	if (package_open(program->buffer, packages, "/lent", &file) == NX_OK)
		package_read_all(&file, PACKAGE_BY_LOAN, &bytes);
	if (nx_event_create(job, &event) == NX_OK)
		console_watch_interrupt(program->buffer, console, event, 1);
}

static int hello_main(struct program *program)
{
	const nx_client_t console = { program_handle(program, ROLE_CONSOLE) };

	hold_everything(program, console);
	for (uint32_t i = 0; i < program->arg_count; i++) {
		char text[128];
		size_t size = text_format(text, sizeof(text), "hello %u %s\n",
					  i, program->args[i]);

		console_write(program->buffer, console, text, size);
	}
	return 3;
}

static int crash_main(struct program *program)
{
	volatile uintptr_t nowhere = 8;

	(void)program;
	return (int)*(volatile uint64_t *)nowhere;
}

static int forever_main(struct program *program)
{
	const nx_client_t console = { program_handle(program, ROLE_CONSOLE) };
	const nx_job_t job = { NX_HANDLE_NONE };
	nx_event_t event;
	uint64_t bits;

	console_write(program->buffer, console, "for ever\n", 9);
	if (nx_event_create(job, &event) != NX_OK)
		return 1;
	return nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
}

PROGRAM(hello)
PROGRAM(crash)
PROGRAM(forever)

static void start_row(const void *context, uint64_t a0, uint64_t a1)
{
	const struct program_row *row = context;

	row->start(a0, a1);
}

static const struct sim_program programs[] = {
	{ "console", start_row, &program_row_console },
	{ "crash", start_row, &program_row_crash },
	{ "driver", start_row, &program_row_driver },
	{ "execd", start_row, &program_row_execd },
	{ "forever", start_row, &program_row_forever },
	{ "hello", start_row, &program_row_hello },
	{ "init", start_row, &program_row_init },
	{ "nxsh", start_row, &program_row_nxsh },
	{ "packagefsd", start_row, &program_row_packagefsd },
	{ "selftest", start_row, &program_row_selftest },
};

#define PROGRAM_COUNT (sizeof(programs) / sizeof(programs[0]))

static uint8_t images[PROGRAM_COUNT][SIM_IMAGE_BYTES_MAX];
static size_t image_sizes[PROGRAM_COUNT];

static unsigned image_of(const char *name)
{
	unsigned i = 0;

	while (strcmp(programs[i].name, name) != 0)
		i++;
	image_sizes[i] = sim_image(name, images[i]);
	return i;
}

static struct item program_item(const char *path, const char *name)
{
	unsigned i = image_of(name);

	return (struct item){ .path = path,
			      .type = EPK_TYPE_FILE,
			      .exec = true,
			      .mapped = true,
			      .bytes = images[i],
			      .size_bytes = image_sizes[i] };
}

static void pack(const struct item *items, uint32_t count, bool store,
		 struct sim_package *out_package)
{
	const struct epk_writer_settings settings = {
		.size_bytes = sizeof(settings),
		.align_log2 = 12,
		.block_log2 = 12,
		.level = -1,
		.threads = 1,
		.codec = store ? NULL : epk_codec_zlib(),
		.meta_codec = store ? NULL : epk_codec_zlib(),
	};
	struct tree tree = { .items = items,
			     .count = count,
			     .manifest = manifest };
	struct image image = { 0 };
	struct epk_writer_result result;
	epk_status_t status = pack_tree(&tree, &settings, &image, &result);

	if (status != EPK_OK) {
		fprintf(stderr, "no package: %s\n", epk_status_name(status));
		exit(99);
	}
	out_package->bytes = image.bytes;
	out_package->size_bytes = image.size_bytes;
}

/* Many small files, an empty one, large ones of both kinds, programs. */
static void pack_demo(struct sim_package *out_package)
{
	static char names[FILE_COUNT][32];
	struct item items[FILE_COUNT + 16];
	uint8_t *noise = pattern(LARGE_BYTES, 7);
	uint32_t count = 0;

	if (!noise)
		exit(99);
	items[count++] = (struct item)FOLDER("binary");
	items[count++] = program_item("binary/hello", "hello");
	items[count++] = program_item("binary/crash", "crash");
	items[count++] = program_item("binary/forever", "forever");
	items[count++] = (struct item)FILE_AT("binary/text", "no program", 10);
	items[count - 1].exec = true;
	items[count++] = (struct item)FILE_AT("c1-\xc2\x9b-\xc3\x9b", noise, 9);
	items[count++] = (struct item)FOLDER("many");
	items[count++] = (struct item)FOLDER("many/deep");
	for (unsigned i = 0; i < FILE_COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "many/%sfile-%02u",
			 i % 2 ? "deep/" : "", i);
		items[count++] =
			(struct item)FILE_AT(names[i], noise + i, i * 97);
	}
	items[count++] = (struct item)FILE_AT("large", noise, LARGE_BYTES);
	items[count++] =
		(struct item)FILE_AT("lent", noise + 1, LARGE_BYTES - 5);
	items[count - 1].mapped = true;
	items[count++] = (struct item)FILE_AT("lent-page", noise + 2, 4096);
	items[count - 1].mapped = true;
	pack(items, count, false, out_package);
	free(noise);
}

static void pack_small(struct sim_package *out_package)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct item items[5];
	uint8_t *noise = pattern(30000, 13);

	if (!noise)
		exit(99);
	for (unsigned i = 0; i < 5; i++)
		items[i] =
			(struct item)FILE_AT(names[i], noise + 4000 * i, 3000);
	pack(items, 5, false, out_package);
	free(noise);
}

static uint8_t *read_file(const char *path, size_t *out_size)
{
	const char *top = getenv("top_srcdir");
	char full[4096];
	uint8_t *bytes = malloc(65536);
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", top ? top : "..", path);
	file = fopen(full, "rb");
	if (!file || !bytes) {
		perror(full);
		exit(99);
	}
	*out_size = fread(bytes, 1, 60000, file);
	fclose(file);
	return bytes;
}

static void pack_services(const char *more, struct sim_package *out_package)
{
	static const char *const names[] = {
		"console", "execd", "nxsh", "packagefsd", "selftest", "driver"
	};
	static char paths[6][32];
	struct sim_package demo, small;
	struct item items[16];
	uint32_t count = 0;
	size_t plan_size;
	uint8_t *plan = read_file("services/system.plan", &plan_size);

	if (more) {
		memcpy(plan + plan_size, more, strlen(more));
		plan_size += strlen(more);
	}
	pack_demo(&demo);
	pack_small(&small);
	items[count++] = (struct item)FOLDER("binary");
	for (unsigned i = 0; i < 6; i++) {
		snprintf(paths[i], sizeof(paths[i]), "binary/%s", names[i]);
		items[count++] = program_item(paths[i], names[i]);
	}
	items[count++] = program_item("init", "init");
	items[count++] = (struct item)FOLDER("packages");
	items[count++] = (struct item)FILE_AT("packages/demo.epk", demo.bytes,
					      demo.size_bytes);
	items[count - 1].mapped = true;
	items[count++] = (struct item)FILE_AT("packages/small.epk", small.bytes,
					      small.size_bytes);
	items[count++] = (struct item)FILE_AT("system.plan", plan, plan_size);
	pack(items, count, true, out_package);
	sim_unpack(&demo);
	sim_unpack(&small);
	free(plan);
}

static void run(const struct sim_services_test *test,
		const struct sim_package *package, uint64_t seed,
		const struct sim_arguments *arguments,
		struct sim_result *out_result)
{
	struct sim_options options = {
		.seed = seed,
		.ram_bytes = RAM_BYTES,
		.package = package->bytes,
		.package_bytes = package->size_bytes,
		.programs = programs,
		.program_count = PROGRAM_COUNT,
		.preempt_permille = (uint32_t)(seed % 4 * 40),
		.steps_max = 4000000,
		.verbose = arguments->verbose,
	};

	sim_harts(seed, &options);
	if (test->prepare)
		test->prepare(&options);
	sim_run(&options, out_result);
}

bool sim_services_hold(int argc, char **argv,
		       const struct sim_services_test *test)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	bool good = true;

	sim_parse(argc, argv, test->seed_count, &arguments);
	pack_services(test->more, &package);
	for (uint64_t i = 0; i < arguments.seed_count && good; i++) {
		uint64_t seed = arguments.seed + i;

		run(test, &package, seed, &arguments, &result);
		good = !test->judge || test->judge(&result, i == 0);
		good = good && result.outcome == SIM_RESET && result.code == 0;
		if (good)
			continue;
		printf("# seed %" PRIu64 ": %s, code %u\n", seed,
		       sim_outcome_name(result.outcome), result.code);
		fprintf(stderr, "%s\n", result.console);
		sim_replay(&arguments, seed);
	}
	sim_unpack(&package);
	return good;
}

bool sim_console_says(const char **from, const char *text)
{
	const char *found = strstr(*from, text);

	if (!found)
		return false;
	*from = found + strlen(text);
	return true;
}
