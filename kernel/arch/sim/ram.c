/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM is a memory file: the kernel sees all of it at one place, and windows
 * show single pages of it to programs. It is kept from run to run; a run
 * starts with what the last one left, as a real machine would. */
#include "machine.h"

#include <kernel/page.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	int file;
	uint64_t size_bytes; /* 0: none */
	uint8_t *view;
} ram;

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(99);
}

void ram_release(void)
{
	if (ram.size_bytes == 0)
		return;
	munmap(ram.view, ram.size_bytes);
	close(ram.file);
	ram.size_bytes = 0;
}

void ram_prepare(uint64_t size_bytes)
{
	void *view;

	if (ram.size_bytes == size_bytes)
		return;
	ram_release();
	ram.file = memfd_create("nexus-ram", MFD_CLOEXEC);
	if (ram.file < 0 || ftruncate(ram.file, (off_t)size_bytes) != 0)
		give_up("simulator: RAM");
	view = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		    ram.file, 0);
	if (view == MAP_FAILED)
		give_up("simulator: RAM");
	ram.view = view;
	ram.size_bytes = size_bytes;
}

int ram_file(void)
{
	return ram.file;
}

uint64_t ram_file_offset(paddr_t address)
{
	KASSERT(address >= SIM_RAM_BASE &&
		address - SIM_RAM_BASE < ram.size_bytes);
	return address - SIM_RAM_BASE;
}

/* The end of RAM has an address, too. */
void *phys_to_virt(paddr_t address)
{
	KASSERT(address >= SIM_RAM_BASE &&
		address - SIM_RAM_BASE <= ram.size_bytes);
	return ram.view + (address - SIM_RAM_BASE);
}

paddr_t virt_to_phys(const void *pointer)
{
	uint64_t offset = (uint64_t)((const uint8_t *)pointer - ram.view);

	KASSERT(offset < ram.size_bytes);
	return SIM_RAM_BASE + offset;
}
