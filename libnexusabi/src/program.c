/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of program.h. Fields are loaded byte by byte: the headers may
 * lie at any address. Offsets and numbers are those of the ELF-64 object
 * file format and the RISC-V psABI. */
#include <nexus/errors.h>
#include <nexus/options.h>
#include <nexus/program.h>

#include <stdbool.h>

#define ELF_HEADER_SIZE 64u
#define ELF_TYPE_EXEC 2u
#define ELF_MACHINE_RISCV 243u
#define ELF_VERSION 1u
#define SEGMENT_HEADER_SIZE 56u
#define SEGMENT_LOAD 1u
#define SEGMENT_DYNAMIC 2u
#define SEGMENT_INTERPRETER 3u
#define SEGMENT_EXEC 1u
#define SEGMENT_WRITE 2u
#define SEGMENT_READ 4u

/* Magic, 64 bits, little-endian, current version. */
static const uint8_t identity[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

static uint64_t load(const uint8_t *bytes, unsigned count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | bytes[count];
	return value;
}

static bool is_file_header(const uint8_t *header)
{
	for (unsigned i = 0; i < sizeof(identity); i++)
		if (header[i] != identity[i])
			return false;
	return load(header + 16, 2) == ELF_TYPE_EXEC &&
	       load(header + 18, 2) == ELF_MACHINE_RISCV &&
	       load(header + 20, 4) == ELF_VERSION &&
	       load(header + 52, 2) == ELF_HEADER_SIZE &&
	       load(header + 54, 2) == SEGMENT_HEADER_SIZE;
}

static bool fits(uint64_t start, uint64_t size, uint64_t low, uint64_t high)
{
	return start >= low && start <= high && size <= high - start;
}

static uint64_t page_down(uint64_t address)
{
	return address & ~(NX_PAGE_SIZE - 1);
}

/* SEGMENT_* to NX_MAP_*; false for a combination that is refused. */
static bool decode_access(uint64_t flags, uint32_t *out_access)
{
	const uint64_t both = SEGMENT_WRITE | SEGMENT_EXEC;

	if ((flags & ~(both | SEGMENT_READ)) != 0 ||
	    (flags & SEGMENT_READ) == 0 || (flags & both) == both)
		return false;
	*out_access = NX_MAP_READ |
		      ((flags & SEGMENT_WRITE) != 0 ? NX_MAP_WRITE : 0) |
		      ((flags & SEGMENT_EXEC) != 0 ? NX_MAP_EXEC : 0);
	return true;
}

/* `floor` is the first page no earlier segment touches. */
static bool decode_segment(const uint8_t *header, uint64_t file_bytes,
			   uint64_t floor, struct nx_segment *segment)
{
	*segment = (struct nx_segment){
		.file_offset = load(header + 8, 8),
		.file_bytes = load(header + 32, 8),
		.address = load(header + 16, 8),
		.memory_bytes = load(header + 40, 8),
	};
	return decode_access(load(header + 4, 4), &segment->access) &&
	       segment->file_bytes <= segment->memory_bytes &&
	       fits(segment->file_offset, segment->file_bytes, 0, file_bytes) &&
	       fits(segment->address, segment->memory_bytes, NX_PROGRAM_BASE,
		    NX_PROGRAM_END) &&
	       page_down(segment->address) >= floor &&
	       ((segment->address ^ segment->file_offset) &
		(NX_PAGE_SIZE - 1)) == 0;
}

static bool decode_segments(const uint8_t *table, uint64_t count,
			    uint64_t file_bytes, struct nx_program *program)
{
	uint64_t floor = NX_PROGRAM_BASE;

	for (; count > 0; count--, table += SEGMENT_HEADER_SIZE) {
		uint64_t type = load(table, 4);
		struct nx_segment *segment;

		if (type == SEGMENT_DYNAMIC || type == SEGMENT_INTERPRETER)
			return false;
		if (type != SEGMENT_LOAD || load(table + 40, 8) == 0)
			continue;
		if (program->segment_count == NX_PROGRAM_SEGMENTS_MAX)
			return false;
		segment = &program->segments[program->segment_count++];
		if (!decode_segment(table, file_bytes, floor, segment))
			return false;
		floor = page_down(segment->address + segment->memory_bytes +
				  NX_PAGE_SIZE - 1);
	}
	return true;
}

/* Instructions are aligned to two bytes. */
static bool is_entry(const struct nx_program *program)
{
	for (uint32_t i = 0; i < program->segment_count; i++) {
		const struct nx_segment *segment = &program->segments[i];

		if ((segment->access & NX_MAP_EXEC) != 0 &&
		    program->entry >= segment->address &&
		    program->entry - segment->address < segment->memory_bytes)
			return program->entry % 2 == 0;
	}
	return false;
}

nx_status_t nx_program_decode(const void *headers, uint64_t headers_bytes,
			      uint64_t file_bytes,
			      struct nx_program *out_program)
{
	const uint8_t *bytes = headers;
	struct nx_program program = { 0 };
	uint64_t table, count;

	if (headers_bytes > file_bytes)
		headers_bytes = file_bytes;
	if (headers_bytes > NX_PROGRAM_HEADERS_MAX)
		headers_bytes = NX_PROGRAM_HEADERS_MAX;
	if (headers_bytes < ELF_HEADER_SIZE || !is_file_header(bytes))
		return NX_ERR_NOT_EXECUTABLE;
	program.entry = load(bytes + 24, 8);
	table = load(bytes + 32, 8);
	count = load(bytes + 56, 2);
	if (!fits(table, count * SEGMENT_HEADER_SIZE, 0, headers_bytes) ||
	    !decode_segments(bytes + table, count, file_bytes, &program) ||
	    !is_entry(&program))
		return NX_ERR_NOT_EXECUTABLE;
	*out_program = program;
	return NX_OK;
}
