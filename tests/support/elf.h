/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_ELF_H
#define SUPPORT_ELF_H
/** @file elf.h
 * The headers of a program, byte by byte: 64 bits, little-endian, RISC-V. */
#include <stdint.h>
#include <string.h>

/* Where the table of segments begins, and what a row of it takes. */
#define ELF_TABLE 64u
#define ELF_ROW 56u

static inline void elf_store(uint8_t *at, uint64_t value, unsigned width)
{
	for (; width > 0; width--, value >>= 8)
		*at++ = (uint8_t)value;
}

/** The file's header, with an entry in the first page of segments. */
static inline void elf_begin(uint8_t *file, unsigned rows)
{
	static const uint8_t identity[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	memcpy(file, identity, sizeof(identity));
	elf_store(file + 16, 2, 2);
	elf_store(file + 18, 243, 2);
	elf_store(file + 20, 1, 4);
	elf_store(file + 24, 0x10100, 8);
	elf_store(file + 32, ELF_TABLE, 8);
	elf_store(file + 52, 64, 2);
	elf_store(file + 54, ELF_ROW, 2);
	elf_store(file + 56, rows, 2);
}

static inline void elf_segment(uint8_t *file, unsigned row, uint32_t type,
			       uint32_t flags, uint64_t offset,
			       uint64_t address, uint64_t in_file,
			       uint64_t in_memory)
{
	uint8_t *at = file + ELF_TABLE + row * ELF_ROW;

	elf_store(at, type, 4);
	elf_store(at + 4, flags, 4);
	elf_store(at + 8, offset, 8);
	elf_store(at + 16, address, 8);
	elf_store(at + 24, address, 8);
	elf_store(at + 32, in_file, 8);
	elf_store(at + 40, in_memory, 8);
	elf_store(at + 48, 4096, 8);
}
#endif /* SUPPORT_ELF_H */
