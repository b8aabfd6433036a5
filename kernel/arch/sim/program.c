/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of the simulator. An image is a real ELF file, so that whoever
 * loads programs treats it as any other; its entry is no instruction but a
 * name, which tells which host code the thread runs. A thread that such code
 * creates begins at the address of a host function, as on a real machine. */
#include "machine.h"

#include <kernel/space.h>
#include <nexus/program.h>

#include <elf.h>
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

static void put_headers(uint8_t *bytes)
{
	static const Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_RISCV,
		.e_version = EV_CURRENT,
		.e_entry = NX_PROGRAM_BASE + ENTRY_OFFSET,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	static const Elf64_Phdr segments[2] = {
		{ .p_type = PT_LOAD,
		  .p_flags = PF_R | PF_X,
		  .p_vaddr = NX_PROGRAM_BASE,
		  .p_filesz = ENTRY_OFFSET + sizeof(struct image_name),
		  .p_memsz = ENTRY_OFFSET + sizeof(struct image_name),
		  .p_align = NX_PAGE_SIZE },
		{ .p_type = PT_LOAD,
		  .p_flags = PF_R | PF_W,
		  .p_offset = DATA_OFFSET,
		  .p_vaddr = NX_PROGRAM_BASE + DATA_OFFSET,
		  .p_filesz = DATA_BYTES,
		  .p_memsz = UINT64_C(2) * DATA_BYTES,
		  .p_align = NX_PAGE_SIZE },
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
