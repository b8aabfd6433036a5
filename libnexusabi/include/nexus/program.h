/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_PROGRAM_H
#define NEXUS_PROGRAM_H
/** @file program.h
 * Which files are programs: static ELF64 riscv64 executables, strictly.
 * The kernel (for the first process) and whoever starts programs use this
 * one decoder. It reads the file header and the program headers only,
 * allocates nothing and has no state. */
#include <nexus/types.h>

#define NX_PROGRAM_SEGMENTS_MAX 8
/** Segments lie in [NX_PROGRAM_BASE, NX_PROGRAM_END). */
#define NX_PROGRAM_BASE UINT64_C(0x10000)
#define NX_PROGRAM_END UINT64_C(0x40000000)
/** So many first bytes of the file always hold all headers. */
#define NX_PROGRAM_HEADERS_MAX 4096

/** What lies at [address, address + memory_bytes); neither end need be at
 * a page. No two segments share a page. */
struct nx_segment {
	uint64_t file_offset; /* of the first byte; same page offset as address
			       */
	uint64_t file_bytes;  /* from the file; the rest is zero */
	uint64_t address;
	uint64_t memory_bytes;
	uint32_t access; /* NX_MAP_*; never WRITE with EXEC */
	uint32_t reserved;
};

struct nx_program {
	uint64_t entry;
	uint32_t segment_count;
	uint32_t reserved;
	struct nx_segment segments[NX_PROGRAM_SEGMENTS_MAX];
};

NX_BEGIN_DECLS
/**
 * Decode a program.
 *
 * @param headers       the first bytes of the file.
 * @param headers_bytes how many: all, or at least NX_PROGRAM_HEADERS_MAX.
 * @param file_bytes    size of the whole file.
 * @param out_program   written on success only.
 * @return NX_OK, or NX_ERR_NOT_EXECUTABLE for everything that is not: ELF64
 *         little-endian, EXEC, RISC-V, current version, 1 to 8 segments of
 *         PT_LOAD with memory, ascending and never two in one page, inside
 *         the bounds above and inside the file, aligned alike in file and
 *         memory, all readable, none writable and executable, entry even and
 *         in an executable one; PT_INTERP and PT_DYNAMIC are refused, other
 * types skipped.
 */
nx_status_t nx_program_decode(const void *headers, uint64_t headers_bytes,
			      uint64_t file_bytes,
			      struct nx_program *out_program);
NX_END_DECLS
#endif /* NEXUS_PROGRAM_H */
