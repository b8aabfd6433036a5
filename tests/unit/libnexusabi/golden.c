/* SPDX-License-Identifier: BSD-2-Clause
 * The whole contract as text, one row a line, held against the golden
 * table libnexusabi/abi/nexusabi-0.txt. A difference is a change of the
 * ABI: append to the table, never change what stands there, and refresh
 * the golden file with `golden --print > libnexusabi/abi/nexusabi-0.txt`. */
#include "support/tap.h"

#include <nexus/nexus.h>

#include <stdlib.h>

#define TEXT_(...) #__VA_ARGS__
#define TEXT(...) TEXT_(__VA_ARGS__)

static const char *const rows[] = {
#define NX_ERROR(value, name, text) "error " TEXT(value) " " #name,
#define NX_TOMBSTONE(value) "error " TEXT(value) " retired",
#include <nexus/errors.def>
#undef NX_ERROR
#undef NX_TOMBSTONE
#define NX_RIGHT(bit, name, text) "right " #bit " " #name,
#include <nexus/rights.def>
#undef NX_RIGHT
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	"object " #number " " #lower,
#include <nexus/objects.def>
#undef NX_OBJECT
#define NX_COUNTER(number, upper, lower, text) "counter " #number " " #lower,
#include <nexus/counters.def>
#undef NX_COUNTER
#define NX_TRACE(bit, upper, lower, text, ...)                                 \
	"trace " #bit " " #lower " " #__VA_ARGS__,
#include <nexus/trace.def>
#undef NX_TRACE
#define NX_SLOW(number, upper, lower, text) "slow " #number " " #lower,
#include <nexus/slow.def>
#undef NX_SLOW
#define NX_CALL(number, name, ...) "call " #number " " #name " " #__VA_ARGS__,
#define NX_MESSAGE(number, name, since, kind)                                  \
	"message " #number " " #name " " #since " " #kind,
#define NX_CONTROL(number, name, since) "control " #number " " #name " " #since,
#define NX_RESERVED(number, name) "reserved " #number " " #name,
#define NX_OP(control, number, name, ...)                                      \
	"operation " #control " " #number " " #name " " #__VA_ARGS__,
#include <nexus/syscalls.def>
};

static const size_t row_count = sizeof(rows) / sizeof(rows[0]);

static void print_rows(void)
{
	for (size_t i = 0; i < row_count; i++)
		puts(rows[i]);
}

/** Is each line of the file a row? Rows may only have been added. */
static bool is_row(const char *line)
{
	for (size_t i = 0; i < row_count; i++)
		if (strcmp(rows[i], line) == 0)
			return true;
	return false;
}

static void test_golden(FILE *file)
{
	char line[1024];
	unsigned count = 0, lost = 0;

	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		count++;
		if (!is_row(line)) {
			lost++;
			diag("gone or changed: %s", line);
		}
	}
	is_u64(lost, 0, "no row of the golden table is gone or changed");
	is_u64(count, row_count, "no row is missing in the golden table");
}

int main(int argc, char **argv)
{
	const char *source = getenv("top_srcdir");
	char path[4096];
	FILE *file;

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_rows();
		return 0;
	}
	snprintf(path, sizeof(path), "%s/libnexusabi/abi/nexusabi-0.txt",
		 source != NULL ? source : ".");
	plan(2);
	file = fopen(path, "r");
	if (file == NULL)
		return bail_out("the golden table cannot be read");
	test_golden(file);
	fclose(file);
	return done();
}
