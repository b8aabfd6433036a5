/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of programs. What it accepts can be mapped: segments ascend, in
 * the file and in the window, none writable and executable, the entry in an
 * executable one. The first two bytes of an input are the size of the file in
 * pages; the rest are its first bytes. */
#include <nexus/errors.h>
#include <nexus/options.h>
#include <nexus/program.h>

#include "fuzz.h"
#include "support/elf.h"

#include <string.h>

#define PREFIX 2u
#define INPUT_MAX (PREFIX + NX_PROGRAM_HEADERS_MAX + 64)

static uint32_t accepted;

static size_t seed(uint32_t which, uint8_t *bytes)
{
	uint8_t *file = bytes + PREFIX;
	const unsigned rows = 1 + which * 4;

	memset(bytes, 0, INPUT_MAX);
	elf_store(bytes, 0x20, 2);
	elf_begin(file, rows);
	for (unsigned i = 0; i < rows; i++)
		elf_segment(file, i, i == 3 ? 0x6474e551 : 1,
			    i % 3 == 0 ? 5 : 6, 0x1000 + 0x1010 * i,
			    0x10000 + 0x3010 * i, 0x1000, 0x1000 + 0x800 * i);
	return PREFIX + ELF_TABLE + rows * ELF_ROW;
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	static const uint8_t header[][2] = {
		{ 24, 8 }, { 32, 8 }, { 52, 2 }, { 54, 2 }, { 56, 2 },
	};
	static const uint8_t segment[][2] = {
		{ 0, 4 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 32, 8 }, { 40, 8 },
	};
	const uint8_t *field;
	size_t at;

	(void)size_max;
	for (uint32_t n = 1 + fuzz_below(random, 3); n > 0; n--) {
		if (fuzz_below(random, 8) == 0) {
			fuzz_change_byte(
				bytes + fuzz_below(random, (uint32_t)size),
				random);
			continue;
		}
		field = header[fuzz_below(random, 5)];
		at = PREFIX + field[0];
		if (fuzz_below(random, 4) != 0) {
			field = segment[fuzz_below(random, 6)];
			at = PREFIX + ELF_TABLE +
			     fuzz_below(random, 5) * (size_t)ELF_ROW + field[0];
		}
		if (at + field[1] <= size)
			fuzz_change_number(bytes + at, field[1], random);
	}
	return fuzz_below(random, 30) == 0 ? fuzz_below(random, (uint32_t)size)
					   : size;
}

static void see(const struct nx_program *program, uint64_t file_bytes)
{
	uint64_t floor = NX_PROGRAM_BASE;
	bool entered = false;

	fuzz_must(program->segment_count <= NX_PROGRAM_SEGMENTS_MAX,
		  "there are not too many segments");
	for (uint32_t i = 0; i < program->segment_count; i++) {
		const struct nx_segment *segment = &program->segments[i];
		const uint64_t end = segment->address + segment->memory_bytes;

		fuzz_must(segment->address >= floor && end > segment->address &&
				  end <= NX_PROGRAM_END,
			  "segments ascend in the window");
		fuzz_must(segment->file_bytes <= segment->memory_bytes &&
				  segment->file_offset <= file_bytes &&
				  segment->file_bytes <=
					  file_bytes - segment->file_offset,
			  "a segment lies in the file");
		fuzz_must((segment->access & (NX_MAP_WRITE | NX_MAP_EXEC)) !=
				  (NX_MAP_WRITE | NX_MAP_EXEC),
			  "nothing is writable and executable");
		entered = entered || ((segment->access & NX_MAP_EXEC) != 0 &&
				      program->entry >= segment->address &&
				      program->entry < end);
		floor = (end + NX_PAGE_SIZE - 1) & ~(NX_PAGE_SIZE - 1);
	}
	fuzz_must(entered, "the entry can be executed");
}

static void run(const uint8_t *bytes, size_t size)
{
	struct nx_program program;
	uint64_t file_bytes;

	if (size < PREFIX)
		return;
	file_bytes = ((uint64_t)bytes[0] | (uint64_t)bytes[1] << 8) << 12;
	if (nx_program_decode(bytes + PREFIX, size - PREFIX, file_bytes,
			      &program) != NX_OK)
		return;
	accepted++;
	see(&program, file_bytes);
}

static void report(uint32_t runs)
{
	fuzz_ok(accepted > runs / 100 && accepted < runs,
		"some are programs still (%u)", accepted);
}

const struct fuzz_target fuzz_target = {
	.name = "program",
	.runs = 50000,
	.long_runs = 1000000,
	.size_max = INPUT_MAX,
	.seed_count = 3,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};
