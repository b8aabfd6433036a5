/* SPDX-License-Identifier: BSD-2-Clause */
/* nx_program_decode: one program it takes, and that program with one thing
 * wrong, each way there is. */
#include <stdlib.h>

#include "support/elf.h"
#include "support/tap.h"

#include <nexus/errors.h>
#include <nexus/options.h>
#include <nexus/program.h>

#define FILE_BYTES 0x6000u

static uint8_t image[NX_PROGRAM_HEADERS_MAX];

/* Text, read-only, data with zeroes behind it, an empty one, a stack note. */
static void make_good(void)
{
	memset(image, 0, sizeof(image));
	elf_begin(image, 5);
	elf_segment(image, 0, 1, 5, 0x1000, 0x10000, 0x1800, 0x1800);
	elf_segment(image, 1, 1, 4, 0x3010, 0x12010, 0x20, 0x20);
	elf_segment(image, 2, 1, 6, 0x4020, 0x14020, 0x1000, 0x9000);
	elf_segment(image, 3, 1, 6, 0, 0, 0, 0);
	elf_segment(image, 4, 0x6474e551, 6, 0, 0, 0, 0);
}

static nx_status_t decode(struct nx_program *program)
{
	return nx_program_decode(image, sizeof(image), FILE_BYTES, program);
}

static void test_good(void)
{
	struct nx_program program;

	make_good();
	is_i64(decode(&program), NX_OK, "a well-formed program decodes");
	is_u64(program.entry, 0x10100, "its entry is told");
	is_u64(program.segment_count, 3, "empty and unknown ones are skipped");
	ok(program.segments[0].access == (NX_MAP_READ | NX_MAP_EXEC) &&
		   program.segments[1].access == NX_MAP_READ &&
		   program.segments[2].access == (NX_MAP_READ | NX_MAP_WRITE),
	   "flags become access");
	ok(program.segments[2].file_offset == 0x4020 &&
		   program.segments[2].file_bytes == 0x1000 &&
		   program.segments[2].address == 0x14020 &&
		   program.segments[2].memory_bytes == 0x9000,
	   "offsets and sizes are those of the file");
}

#define SEGMENT(row, field) (ELF_TABLE + (row)*ELF_ROW + (field))

static const struct {
	const char *what;
	unsigned at;
	unsigned count;
	uint64_t value;
} refusals[] = {
	{ "a wrong magic", 0, 1, 0x7e },
	{ "32 bits", 4, 1, 1 },
	{ "big-endian", 5, 1, 2 },
	{ "another identity version", 6, 1, 0 },
	{ "a relocatable file", 16, 2, 1 },
	{ "a shared object", 16, 2, 3 },
	{ "another machine", 18, 2, 62 },
	{ "another version", 20, 4, 2 },
	{ "a strange file header size", 52, 2, 65 },
	{ "a strange segment header size", 54, 2, 32 },
	{ "no segments", 56, 2, 0 },
	{ "a table that ends behind the headers", 56, 2, 73 },
	{ "a table that begins behind the headers", 32, 8, 4097 },
	{ "a table offset that overflows", 32, 8, UINT64_MAX },
	{ "an interpreter", SEGMENT(4, 0), 4, 3 },
	{ "a dynamic section", SEGMENT(4, 0), 4, 2 },
	{ "a writable and executable segment", SEGMENT(0, 4), 4, 7 },
	{ "an executable segment nobody may read", SEGMENT(0, 4), 4, 1 },
	{ "an unknown flag", SEGMENT(1, 4), 4, 12 },
	{ "more bytes in the file than in memory", SEGMENT(1, 32), 8, 0x21 },
	{ "bytes behind the end of the file", SEGMENT(2, 32), 8, 0x1fe1 },
	{ "an offset behind the end of the file", SEGMENT(2, 8), 8, 0x6020 },
	{ "an offset that overflows", SEGMENT(2, 8), 8, UINT64_MAX - 0xfdf },
	{ "different page offsets", SEGMENT(1, 8), 8, 0x3018 },
	{ "an address below the bounds", SEGMENT(0, 16), 8, 0xf000 },
	{ "an end above the bounds", SEGMENT(2, 40), 8,
	  NX_PROGRAM_END - 0x14020 + 1 },
	{ "a size that overflows", SEGMENT(2, 40), 8, UINT64_MAX },
	{ "a kernel address", SEGMENT(2, 16), 8, UINT64_C(0xffffffc000000020) },
	{ "segments out of order", SEGMENT(1, 16), 8, 0x10010 },
	{ "two segments in one page", SEGMENT(1, 16), 8, 0x11810 },
	{ "an entry outside of all segments", 24, 8, 0x30000 },
	{ "an entry in data", 24, 8, 0x14020 },
	{ "an entry just behind the text", 24, 8, 0x11800 },
	{ "an odd entry", 24, 8, 0x10101 },
};

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct nx_program program = { .segment_count = 77 };

		make_good();
		elf_store(image + refusals[i].at, refusals[i].value,
			  refusals[i].count);
		ok(decode(&program) == NX_ERR_NOT_EXECUTABLE &&
			   program.segment_count == 77,
		   "%s is refused and nothing is written", refusals[i].what);
	}
}

static void test_limits(void)
{
	struct nx_program program;

	make_good();
	elf_store(image + 24, 0x10000, 8);
	elf_store(image + 56, 9, 2);
	for (unsigned i = 0; i < 9; i++)
		elf_segment(image, i, 1, i == 0 ? 5 : 4, 0x1000,
			    0x10000 + i * 0x1000, 8, 8);
	is_i64(decode(&program), NX_ERR_NOT_EXECUTABLE,
	       "nine segments are refused");
	elf_store(image + 56, 8, 2);
	is_i64(decode(&program), NX_OK, "eight segments are fine");
	elf_segment(image, 7, 1, 6, 0x1000, NX_PROGRAM_END - 0x1000, 8, 0x1000);
	is_i64(decode(&program), NX_OK, "a segment may end at the upper bound");
}

/* The decoder reads no byte behind what it was given. */
static void test_short(void)
{
	struct nx_program program;
	unsigned taken = 0;

	make_good();
	for (unsigned size = 0; size < ELF_TABLE + 5 * ELF_ROW; size++) {
		void *part = malloc(size > 0 ? size : 1);

		memcpy(part, image, size);
		taken += nx_program_decode(part, size, FILE_BYTES, &program) ==
			 NX_OK;
		taken += nx_program_decode(part, size, size, &program) == NX_OK;
		free(part);
	}
	is_u64(taken, 0, "headers cut short are refused at every length");
	is_i64(nx_program_decode(image, ELF_TABLE + 5 * ELF_ROW, FILE_BYTES,
				 &program),
	       NX_OK, "headers that end with the table are enough");
}

int main(void)
{
	plan(0);
	test_good();
	test_refusals();
	test_limits();
	test_short();
	return done();
}
