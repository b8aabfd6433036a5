/* SPDX-License-Identifier: BSD-2-Clause */
/* What the services cost their clients: files lent and copied, programs
 * started. A service of system.plan, in the place of the shell. */
#include "bench/cycles.h"

#include <lib/package_client.h>
#include <lib/roles.h>
#include <nexus/counters.h>
#include <nexus/options.h>
#include <nexus/syscalls.h>
#include <proto/exec.h>
#include <proto/system.h>

#define STEP (UINT64_C(1) << 20)
#define STEPS 16
#define SPAWNS_WARM 16
#define SPAWNS 64
#define ENDED UINT64_C(1)

struct bench {
	const struct program *program;
	struct nx_message_buffer *buffer;
	nx_client_t packages;
	nx_client_t exec;
	nx_event_t ended;
	nx_vmo_t memory; /* of STEP bytes, to read into */
	uint64_t samples[SPAWNS];
};

static void show(const struct bench *bench, const char *name, uint64_t value)
{
	program_print(bench->program, "# bench system.%s %lu instructions\n",
		      name, value);
}

static void show_per_byte(const struct bench *bench, const char *name,
			  uint64_t value, uint64_t bytes)
{
	uint64_t thousandths = value * 1000 / bytes;

	program_print(bench->program,
		      "# bench system.%s %lu.%03lu instructions/byte\n", name,
		      thousandths / 1000, thousandths % 1000);
}

static void complain(const struct bench *bench, const char *name,
		     nx_status_t status)
{
	program_print(bench->program, "not ok - %s: %s\n", name,
		      nx_status_name(status));
}

/* Borrow a range, map it, touch a page, give all of it back. */
static nx_status_t borrow(const struct package_file *file, uint64_t offset)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	nx_uaddr_t address;
	nx_status_t status;
	uint64_t content;
	uint32_t loan;
	nx_vmo_t vmo;

	status = packagefs_read_vmo(file->buffer, file->service, file->number,
				    offset, STEP, &vmo, &content, &loan);
	if (status != NX_OK)
		return status;
	status = nx_map(self, vmo, 0, STEP, NX_MAP_READ, 0, &address);
	if (status == NX_OK) {
		(void)*(const volatile char *)(uintptr_t)address;
		nx_unmap_protect(self, address, STEP, 0);
	}
	nx_handle_close(vmo.handle);
	packagefs_return_vmo(file->buffer, file->service, loan);
	return status;
}

/* Every range of the file once, the first one not counted. */
static nx_status_t borrow_all(struct bench *bench,
			      const struct package_file *file, const char *name)
{
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t from = bench_now();
		nx_status_t status = borrow(file, i * STEP);

		bench->samples[i] = bench_now() - from;
		if (status != NX_OK)
			return status;
	}
	show(bench, name, bench_median(bench->samples + 1, STEPS - 1));
	return NX_OK;
}

static nx_status_t copy_all(const struct bench *bench,
			    const struct package_file *file, const char *name)
{
	uint64_t from = bench_now();

	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t count = 0;
		nx_status_t status = packagefs_read_into(
			file->buffer, file->service, file->number, i * STEP,
			STEP, 0, bench->memory, &count);

		if (status != NX_OK)
			return status;
		if (count != STEP)
			return NX_ERR_CORRUPT;
	}
	show_per_byte(bench, name, bench_now() - from, STEPS * STEP);
	return NX_OK;
}

static void lent(struct bench *bench)
{
	struct package_file file;
	nx_status_t status =
		package_open(bench->buffer, bench->packages, "/lent", &file);

	if (status == NX_OK) {
		status = borrow_all(bench, &file, "splice_1m.first");
		if (status == NX_OK)
			status = borrow_all(bench, &file, "splice_1m.again");
		package_close(&file);
	}
	if (status != NX_OK)
		complain(bench, "splice", status);
}

static void copied(const struct bench *bench, const char *path,
		   const char *first, const char *again)
{
	struct package_file file;
	nx_status_t status =
		package_open(bench->buffer, bench->packages, path, &file);

	if (status == NX_OK) {
		status = copy_all(bench, &file, first);
		if (status == NX_OK)
			status = copy_all(bench, &file, again);
		package_close(&file);
	}
	if (status != NX_OK)
		complain(bench, path, status);
}

static nx_status_t spawn(const struct bench *bench)
{
	static const char text[] = "nothing";
	uint64_t bits, cause, pc, address;
	uint32_t task, state;
	int64_t code;
	nx_status_t status;

	status = exec_start(bench->buffer, bench->exec, text, sizeof(text),
			    bench->ended, ENDED, &task);
	if (status == NX_OK)
		status = nx_wait(bench->ended, ENDED, NX_DEADLINE_NEVER, &bits);
	if (status == NX_OK)
		status = exec_result(bench->buffer, bench->exec, task, &state,
				     &code, &cause, &pc, &address);
	if (status == NX_OK && (state != NX_PROCESS_EXITED || code != 0))
		status = NX_ERR_BAD_STATE;
	return status;
}

static void spawns(struct bench *bench)
{
	nx_status_t status = NX_OK;

	for (unsigned i = 0; i < SPAWNS_WARM && status == NX_OK; i++)
		status = spawn(bench);
	for (unsigned i = 0; i < SPAWNS && status == NX_OK; i++) {
		uint64_t from = bench_now();

		status = spawn(bench);
		bench->samples[i] = bench_now() - from;
	}
	if (status == NX_OK)
		show(bench, "spawn_exit_wait", bench_median(bench->samples, SPAWNS));
	else
		complain(bench, "spawn", status);
}

/* The time counter has 10 MHz, so a tick is 100 instructions. */
static void firmware(const struct bench *bench)
{
	const nx_trace_t trace = { program_handle(bench->program,
						  NX_ROLE_TRACE) };
	uint64_t ticks;
	nx_status_t status =
		nx_counter_read(trace, NX_COUNTER_TICKS_AT_START, &ticks);

	if (status == NX_OK)
		show(bench, "firmware", ticks * 100);
	else
		complain(bench, "firmware", status);
}

static int bench_main(struct program *program)
{
	const nx_job_t job = { NX_HANDLE_NONE };
	const nx_client_t system = { program_handle(program, ROLE_SYSTEM) };
	struct bench bench = {
		.program = program,
		.buffer = program->buffer,
		.packages = { program_handle(program, ROLE_PACKAGEFS) },
		.exec = { program_handle(program, ROLE_EXEC) },
	};

	if (nx_event_create(job, &bench.ended) == NX_OK &&
	    nx_vmo_create(job, STEP, &bench.memory) == NX_OK) {
		firmware(&bench);
		lent(&bench);
		copied(&bench, "/stored", "read_stored.first",
		       "read_stored.again");
		copied(&bench, "/text", "read_zlib.first", "read_zlib.again");
		spawns(&bench);
	} else {
		complain(&bench, "start", NX_ERR_NO_MEMORY);
	}
	system_reset(bench.buffer, system, NX_RESET_SHUTDOWN, 0);
	return 0;
}

PROGRAM(bench)
