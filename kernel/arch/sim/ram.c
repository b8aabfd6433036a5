/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM is a memory file: the kernel sees all of it at one place, and windows
 * show single pages of it to programs. Devices are a hole behind it, which
 * the kernel does not see. It is kept from run to run; a run
 * starts with what the last one left, as a real machine would. */
#include "machine.h"

#include <kernel/page.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	int file;
	uint64_t size_bytes; /* 0: none */
	uint8_t *view;
} ram;

_Noreturn void machine_fail(const char *what)
{
	fprintf(stderr, "simulator: %s: %m\n", what);
	exit(99);
}

void *machine_map(void *at, uint64_t size_bytes, int protection)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *mapped = mmap(at, size_bytes, protection,
			    at ? flags | MAP_FIXED : flags, -1, 0);

	if (mapped == MAP_FAILED)
		machine_fail("memory");
	return mapped;
}

static void reset_devices(void)
{
	const uint32_t magic = SIM_DEVICE_MAGIC;
	off_t base = (off_t)ram.size_bytes;

	if (fallocate(ram.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      base, (off_t)SIM_RAM_BASE) != 0 ||
	    pwrite(ram.file, &magic, sizeof(magic),
		   base + (off_t)SIM_DEVICE_PAGE) != sizeof(magic))
		machine_fail("devices");
}

void ram_prepare(uint64_t size_bytes)
{
	void *view;

	if (ram.size_bytes == size_bytes) {
		reset_devices();
		return;
	}
	if (ram.size_bytes != 0) {
		munmap(ram.view, ram.size_bytes);
		close(ram.file);
	}
	ram.file = memfd_create("nexus-ram", MFD_CLOEXEC);
	if (ram.file < 0 ||
	    ftruncate(ram.file, (off_t)(size_bytes + SIM_RAM_BASE)) != 0)
		machine_fail("RAM");
	view = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		    ram.file, 0);
	if (view == MAP_FAILED)
		machine_fail("RAM");
	ram.view = view;
	ram.size_bytes = size_bytes;
	reset_devices();
}

int ram_file(void)
{
	return ram.file;
}

uint64_t ram_file_offset(paddr_t address)
{
	if (address < SIM_RAM_BASE)
		return ram.size_bytes + address;
	KASSERT(address - SIM_RAM_BASE < ram.size_bytes);
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
