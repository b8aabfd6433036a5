/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of the simulator. An image is a real ELF file, so that whoever
 * loads programs treats it as any other; its entry is no instruction but a
 * name, which tells which host code the thread runs. A thread that such code
 * creates begins at the address of a host function, as on a real machine. */
#include "machine.h"

#include <kernel/space.h>
#include <nexus/program.h>

#include <string.h>

extern const char __executable_start[];
extern const char __etext[];
extern char __data_start[];

#define ENTRY_OFFSET 256
#define DATA_OFFSET NX_PAGE_SIZE
#define DATA_BYTES 16

struct image_name {
	uint64_t magic;
	char name[SIM_PROGRAM_NAME_MAX];
};

struct elf_header {
	uint8_t identity[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_offset, section_offset;
	uint32_t flags;
	uint16_t header_bytes, program_bytes, program_count;
	uint16_t section_bytes, section_count, section_names;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};

static void put_headers(uint8_t *bytes)
{
	static const struct elf_header header = {
		.identity = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
		.type = 2,	/* ET_EXEC */
		.machine = 243, /* EM_RISCV */
		.version = 1,
		.entry = NX_PROGRAM_BASE + ENTRY_OFFSET,
		.program_offset = sizeof(struct elf_header),
		.header_bytes = sizeof(struct elf_header),
		.program_bytes = sizeof(struct elf_segment),
		.program_count = 2,
	};
	static const struct elf_segment segments[2] = {
		{ .type = 1,
		  .flags = 5, /* read, execute */
		  .address = NX_PROGRAM_BASE,
		  .file_bytes = ENTRY_OFFSET + sizeof(struct image_name),
		  .memory_bytes = ENTRY_OFFSET + sizeof(struct image_name),
		  .align = NX_PAGE_SIZE },
		{ .type = 1,
		  .flags = 6, /* read, write */
		  .offset = DATA_OFFSET,
		  .address = NX_PROGRAM_BASE + DATA_OFFSET,
		  .file_bytes = DATA_BYTES,
		  .memory_bytes = UINT64_C(2) * DATA_BYTES,
		  .align = NX_PAGE_SIZE },
	};

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), segments, sizeof(segments));
}

size_t sim_image(const char *name, uint8_t *out_bytes)
{
	struct image_name entry = { .magic = SIM_PROGRAM_MAGIC };
	size_t length = strlen(name);

	if (length == 0 || length >= sizeof(entry.name))
		return 0;
	memcpy(entry.name, name, length);
	memset(out_bytes, 0, SIM_IMAGE_BYTES_MAX);
	put_headers(out_bytes);
	memcpy(out_bytes + ENTRY_OFFSET, &entry, sizeof(entry));
	memset(out_bytes + DATA_OFFSET, 0xda, DATA_BYTES);
	return DATA_OFFSET + DATA_BYTES;
}

static bool find_name(const char *name, struct sim_program *out_program)
{
	const struct sim_options *options = machine.options;

	for (size_t i = 0; i < options->program_count; i++) {
		if (strncmp(options->programs[i].name, name,
			    SIM_PROGRAM_NAME_MAX) != 0)
			continue;
		*out_program = options->programs[i];
		return true;
	}
	return false;
}

/* The context is the address of a function of the host. */
static void start_function(const void *context, uint64_t a0, uint64_t a1)
{
	void (*function)(uint64_t, uint64_t);

	memcpy(&function, &context, sizeof(function));
	function(a0, a1);
}

bool program_find(const struct space *space, nx_uaddr_t entry,
		  struct sim_program *out_program)
{
	struct image_name image;

	if (window_allows(&space->arch, entry, sizeof(image), NX_MAP_EXEC)) {
		memcpy(&image, (const void *)(uintptr_t)entry, sizeof(image));
		return image.magic == SIM_PROGRAM_MAGIC &&
		       find_name(image.name, out_program);
	}
	if (entry < (uintptr_t)__executable_start ||
	    entry >= (uintptr_t)__etext)
		return false;
	out_program->start = start_function;
	out_program->context = (const void *)(uintptr_t)entry;
	return true;
}

bool program_holds(nx_uaddr_t address, uint64_t size_bytes)
{
	uint64_t offset = address - (uintptr_t)__executable_start;
	uint64_t room = (uintptr_t)__data_start - (uintptr_t)__executable_start;

	return offset < room && size_bytes <= room - offset;
}
