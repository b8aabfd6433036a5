/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as a user sees it: what the first process is given, which
 * registers it may read, and that calls and interrupts keep its own. */
#include <crt/program.h>
#include <stdlib.h>

#include "support/tap.h"

#include <nexus/syscalls.h>

static uint64_t read_be32(const uint8_t *bytes)
{
	return (uint64_t)bytes[0] << 24 | (uint64_t)bytes[1] << 16 |
	       (uint64_t)bytes[2] << 8 | bytes[3];
}

static void test_startup(const struct program *program)
{
	const struct nx_startup *record = &program->startup.record;
	const char *nonce = NULL;

	for (uint32_t i = 1; i < program->arg_count; i++)
		if (strncmp(program->args[i], "nonce=", 6) == 0)
			nonce = program->args[i] + 6;
	is_str(program->args[0], "/init", "the first argument is the name");
	if (ok(nonce != NULL, "words of the command line are arguments"))
		printf("# nonce %s\n", nonce);
	is_u64(record->service_id, 1, "the first process is service 1");
	ok(record->ticks_per_second > 0, "the clock's frequency is told");
	ok(record->memory_bytes >= UINT64_C(32) << 20, "RAM is told");
	ok((record->random[0] | record->random[1]) != 0 &&
		   record->random[0] != record->random[1],
	   "there is entropy");
}

/* Map a role's VMO and give its bytes, or NULL. */
static const uint8_t *map_role(const struct program *program, uint32_t role,
			       uint64_t *out_size)
{
	const nx_process_t process = { program_handle(program,
						      NX_ROLE_PROCESS) };
	const nx_vmo_t vmo = { program_handle(program, role) };
	uint64_t size, content;
	uint32_t seals, mappings;
	nx_uaddr_t address;

	if (nx_vmo_info(vmo, &size, &content, &seals, &mappings) != NX_OK ||
	    (seals & NX_SEAL_WRITE) == 0)
		return NULL;
	if (nx_map(process, vmo, 0, size, NX_MAP_READ, 0, &address) != NX_OK)
		return NULL;
	*out_size = content;
	return (const uint8_t *)(uintptr_t)address;
}

static void test_objects(const struct program *program)
{
	uint64_t size;
	const uint8_t *tree;
	const uint8_t *package = map_role(program, NX_ROLE_BOOT_PACKAGE, &size);

	ok(package != NULL && memcmp(package + 1, "EPK", 3) == 0,
	   "the boot package is a sealed VMO");
	tree = map_role(program, NX_ROLE_DEVICE_TREE, &size);
	ok(tree != NULL && read_be32(tree) == 0xd00dfeed &&
		   read_be32(tree + 4) == size,
	   "the device tree is a sealed VMO of its own size");
}

static void test_counters(void)
{
	uint64_t cycle, instret, later, before = nx_ticks();

	__asm__ volatile("rdcycle %0\n\trdinstret %1"
			 : "=r"(cycle), "=r"(instret));
	__asm__ volatile("nop\n\tnop\n\trdinstret %0" : "=r"(later));
	ok(later > instret, "a program may count its instructions");
	ok(nx_ticks() >= before, "the time counter never goes back");
}

/* s0..s11 are kept and t1..t6 are zero after a call. */
static void test_call_registers(void)
{
	uint64_t kept, leaked;

	__asm__ volatile("li	s2, 0x1122\n\t"
			 "li	s11, 0x3344\n\t"
			 "mv	s3, tp\n\t"
			 "mv	s4, gp\n\t"
			 "li	t0, %2\n\t"
			 "li	t1, 5\n\t"
			 "li	t6, 5\n\t"
			 "ecall\n\t"
			 "or	%1, t1, t2\n\t"
			 "or	%1, %1, t3\n\t"
			 "or	%1, %1, t4\n\t"
			 "or	%1, %1, t5\n\t"
			 "or	%1, %1, t6\n\t"
			 "xor	s3, s3, tp\n\t"
			 "xor	s4, s4, gp\n\t"
			 "add	%0, s2, s11\n\t"
			 "add	%0, %0, s3\n\t"
			 "add	%0, %0, s4\n\t"
			 : "=&r"(kept), "=&r"(leaked)
			 : "i"(NX_SYS_yield)
			 : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0",
			   "t1", "t2", "t3", "t4", "t5", "t6", "s2", "s3", "s4",
			   "s11", "memory");
	is_u64(kept, 0x4466, "a call keeps what it shall keep");
	is_u64(leaked, 0, "a call leaves nothing in the temporaries");
}

/* Spin over several timer interrupts with a value in every temporary. */
static void test_interrupts(const struct program *program)
{
	uint64_t ticks = program->startup.record.ticks_per_second / 20;
	uint64_t end = nx_ticks() + ticks;
	uint64_t sum;

	__asm__ volatile("li	t1, 1\n\tli t2, 2\n\tli t3, 4\n\t"
			 "li	t4, 8\n\tli t5, 16\n\tli t6, 32\n"
			 "1:	rdtime	%0\n\tbltu %0, %1, 1b\n\t"
			 "add	%0, t1, t2\n\tadd %0, %0, t3\n\t"
			 "add	%0, %0, t4\n\tadd %0, %0, t5\n\t"
			 "add	%0, %0, t6"
			 : "=&r"(sum)
			 : "r"(end)
			 : "t1", "t2", "t3", "t4", "t5", "t6");
	is_u64(sum, 63, "an interrupt gives every temporary back");
}

static int machine_main(struct program *program)
{
	const nx_job_t job = { program_handle(program, NX_ROLE_JOB) };
	int status;

	plan(13);
	test_startup(program);
	test_objects(program);
	test_counters();
	test_call_registers();
	test_interrupts(program);
	status = done();
	nx_job_reset(job, NX_RESET_SHUTDOWN, (uint32_t)status);
	return status;
}
PROGRAM(machine)
