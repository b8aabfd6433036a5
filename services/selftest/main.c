/* SPDX-License-Identifier: BSD-2-Clause
 * selftest [nonce=TEXT] [shutdown]: started by the plan when the machine's
 * boot arguments ask for it, or from the prompt by `run selftest`.
 */
#include "selftest.h"

#include <crt/text.h>
#include <epk/host.h>
#include <lib/roles.h>
#include <nexus/options.h>
#include <proto/system.h>

#define SMALL_PACKAGE "/system/packages/small.epk"

static void find_handles(struct selftest *test, struct program *program)
{
	test->program = program;
	test->console.handle = program_handle(program, ROLE_CONSOLE);
	test->packages.handle = program_handle(program, ROLE_PACKAGEFS);
	test->reader.handle = program_handle_nth(program, ROLE_PACKAGEFS, 1);
	test->mounter.handle = program_handle_nth(program, ROLE_PACKAGEFS, 2);
	test->trace.handle = program_handle(program, NX_ROLE_TRACE);
}

/* Only what was seen: some loan was hashed here, all were right. */
static void report_splice(struct selftest *test)
{
	if (test->mapped_files && test->wrong == 0 && test->splice_wrong == 0 &&
	    test->splice_copied == 0)
		selftest_print(test, "SELFTEST: pkgimg vmo ok\n");
}

static void shut_down(struct program *program, unsigned failed)
{
	const nx_client_t system = { program_handle(program, ROLE_SYSTEM) };

	if (system.handle != NX_HANDLE_NONE)
		system_reset(program->buffer, system, NX_RESET_SHUTDOWN,
			     failed ? 1 : 0);
}

/* The nonce that the machine was started with opens the evidence. */
static bool begin_evidence(struct selftest *test, const char *nonce)
{
	const struct epk_ops *ops = epk_ops_default();

	if (ops->sha256_init(&test->evidence) != EPK_OK)
		return false;
	if (!nonce)
		return true;
	selftest_print(test, "# nonce %s\n", nonce);
	ops->sha256_update(&test->evidence, nonce, strlen(nonce));
	return true;
}

static void end_evidence(struct selftest *test)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	char hex[2 * EPK_DIGEST_SIZE + 1];

	epk_ops_default()->sha256_final(&test->evidence, digest);
	text_hex(hex, digest, EPK_DIGEST_SIZE);
	selftest_print(test, "# evidence %s\n", hex);
}

static int selftest_main(struct program *program)
{
	struct selftest *test =
		heap_allocate_zero(&program->heap, 1, sizeof(*test));
	const char *nonce = program_option(program, "nonce");
	unsigned failed;

	if (!test)
		return NX_ERR_NO_MEMORY;
	find_handles(test, program);
	if (!begin_evidence(test, nonce))
		return NX_ERR_NO_MEMORY;
	selftest_hash(test, "");
	end_evidence(test);
	report_splice(test);
	selftest_refuse(test);
	selftest_damage(test, SMALL_PACKAGE);
	selftest_print(test, "1..%u\n", test->run);
	selftest_flush(test);
	failed = test->failed;
	if (program_option(program, "shutdown"))
		shut_down(program, failed);
	return failed ? 1 : 0;
}

PROGRAM(selftest)
