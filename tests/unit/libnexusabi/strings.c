/* SPDX-License-Identifier: BSD-2-Clause
 * Every row of every table has its name, and nothing else has one. */
#include "support/tap.h"

#include <nexus/nexus.h>

static unsigned named_statuses(void)
{
	unsigned count = 0;

	for (nx_status_t status = -1000; status <= 1000; status++)
		if (strcmp(nx_status_name(status), "?") != 0)
			count++;
	return count;
}

static unsigned rows_of_errors(void)
{
	return 1 /* OK */
#define NX_ERROR(value, name, text) +1
#define NX_TOMBSTONE(value)
#include <nexus/errors.def>
#undef NX_ERROR
#undef NX_TOMBSTONE
		;
}

static unsigned named_calls(void)
{
	unsigned count = 0;

	for (uint32_t number = 0; number < 1000; number++)
		if (nx_call_name(number) != NULL)
			count++;
	return count;
}

static unsigned named_operations(void)
{
	unsigned count = 0;

	for (uint32_t call = 0; call < 64; call++)
		for (uint32_t operation = 0; operation < 1000; operation++)
			if (nx_operation_name(call, operation) != NULL)
				count++;
	return count;
}

static unsigned rows_of_operations(void)
{
	return 0
#define NX_OP(...) +1
#include <nexus/syscalls.def>
		;
}

static void test_names(void)
{
	is_str(nx_status_name(NX_OK), "OK", "success is named OK");
	is_str(nx_status_name(NX_ERR_BAD_HANDLE), "BAD_HANDLE",
	       "a status is named as its constant");
	is_str(nx_strerror(NX_ERR_SEALED), "a seal forbids this",
	       "a status has its sentence");
	is_str(nx_strerror(12345), "a status this library does not know",
	       "an unknown status has a sentence too");
	is_str(nx_kind_name(NX_KIND_VMO), "vmo", "a kind has a name");
	ok(nx_kind_name(0) == NULL && nx_kind_name(14) == NULL,
	   "a number outside is no kind");
	is_str(nx_right_name(0), "DUP", "a right has a name");
	ok(nx_right_name(15) != NULL && nx_right_name(16) == NULL,
	   "there are sixteen rights");
	is_str(nx_counter_name(NX_COUNTER_CALLS), "calls",
	       "a counter has a name");
	ok(nx_counter_name(0) == NULL &&
		   nx_counter_name(NX_COUNTER_END) == NULL,
	   "a number outside is no counter");
	is_str(nx_operation_name(NX_SYS_vmo_ctl, NX_OP_vmo_seal), "vmo_seal",
	       "an operation has a name");
	ok(nx_operation_name(NX_SYS_vmo_ctl, 65536 + NX_OP_vmo_seal) == NULL,
	   "high bits of an operation are not dropped");
}

static void test_counts(void)
{
	is_u64(named_statuses(), rows_of_errors(),
	       "each row of errors.def is named, nothing else");
	is_u64(named_calls(), NX_SYS_COUNT, "the 32 numbers have names");
	is_u64(named_operations(), rows_of_operations(),
	       "each operation is named, nothing else");
}

int main(void)
{
	plan(15);
	test_names();
	test_counts();
	return done();
}
