/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces as windows. The host's own page tables do the work of the
 * machine's: a program that touches what is not mapped for it gets a signal.
 * Beside them a window remembers the access of each page, so that the kernel
 * can check a range without touching it.
 *
 * Windows are kept from run to run: reserving addresses is slow. */
#include "machine.h"

#include <kernel/process.h>
#include <kernel/space.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW_PAGES (SPACE_WINDOW_BYTES / NX_PAGE_SIZE)
#define STEP_PAGES 128 /* mapped in one go */

struct window {
	uint8_t *base;
	uint8_t *access; /* of each page: NX_MAP_* */
	uint64_t mapped_count;
	bool used;
	struct window *next;
};

static struct window *windows;

static struct window *window_create(void)
{
	struct window *window = calloc(1, sizeof(*window));

	if (!window)
		machine_fail("window");
	window->base = machine_map(NULL, SPACE_WINDOW_BYTES, PROT_NONE);
	window->access =
		machine_map(NULL, WINDOW_PAGES, PROT_READ | PROT_WRITE);
	window->next = windows;
	windows = window;
	return window;
}

/* Forget what an unfinished run left. */
void window_prepare(void)
{
	for (struct window *w = windows; w; w = w->next) {
		w->used = false;
		if (w->mapped_count == 0)
			continue;
		machine_map(w->base, SPACE_WINDOW_BYTES, PROT_NONE);
		machine_map(w->access, WINDOW_PAGES, PROT_READ | PROT_WRITE);
		w->mapped_count = 0;
	}
}

nx_status_t arch_space_init(struct space *space)
{
	struct window *window = windows;

	while (window && window->used)
		window = window->next;
	if (!window)
		window = window_create();
	window->used = true;
	space->arch.window = window;
	return NX_OK;
}

void arch_space_fini(struct space *space)
{
	struct window *window = space->arch.window;

	if (!window)
		return;
	KASSERT(window->mapped_count == 0);
	/* No hart is in it any more. */
	KASSERT(CONTAINER_OF(space, struct process, space)->linger_count == 0);
	window->used = false;
	space->arch.window = NULL;
}

nx_uaddr_t arch_space_base(const struct space *space)
{
	return (uintptr_t)space->arch.window->base;
}

/* All windows can be touched at any time; which one a program has is known
 * from the current thread. */
struct thread *arch_space_enter(struct thread *thread)
{
	return thread;
}

void arch_space_none(void)
{
}

void arch_space_leave(struct space *space)
{
	(void)space;
}

uint64_t arch_space_resume(const struct space *space)
{
	(void)space;
	return 1;
}

static uint64_t page_index(const struct window *window, nx_uaddr_t address,
			   uint64_t count)
{
	uint64_t offset = address - (uintptr_t)window->base;

	KASSERT(is_page_aligned(offset));
	KASSERT(offset < SPACE_WINDOW_BYTES);
	KASSERT(count <= (SPACE_WINDOW_BYTES - offset) / NX_PAGE_SIZE);
	return offset / NX_PAGE_SIZE;
}

/* Never PROT_EXEC: a page holds code of another machine, if any. */
static int host_protection(uint32_t access)
{
	int protection = access & NX_MAP_WRITE ? PROT_WRITE : 0;

	if (access & (NX_MAP_READ | NX_MAP_EXEC))
		protection |= PROT_READ;
	return protection;
}

static void show(struct window *window, uint64_t index, uint64_t count,
		 uint32_t access, paddr_t page)
{
	if (mmap(window->base + index * NX_PAGE_SIZE, count * NX_PAGE_SIZE,
		 host_protection(access), MAP_SHARED | MAP_FIXED, ram_file(),
		 (off_t)ram_file_offset(page)) == MAP_FAILED)
		machine_fail("map");
}

/* Pages from the i-th of a run on that follow each other. */
static uint64_t piece(const struct page_run *run, uint64_t i, uint64_t count)
{
	uint64_t length = 1;

	while (i + length < count &&
	       (run->pages == NULL ||
		run->pages[i + length] ==
			run->pages[i] + length * NX_PAGE_SIZE))
		length++;
	return length;
}

nx_status_t arch_space_map(struct space *space, nx_uaddr_t address,
			   const struct page_run *run, uint32_t access,
			   uint64_t *out_count)
{
	struct window *window = space->arch.window;
	uint64_t count = run->count < STEP_PAGES ? run->count : STEP_PAGES;
	uint64_t index = page_index(window, address, count), length;

	if (run->shared)
		access &= ~NX_MAP_WRITE;
	for (uint64_t i = 0; i < count; i += length) {
		length = piece(run, i, count);
		show(window, index + i, length, access,
		     run->pages != NULL ? run->pages[i]
					: run->base + i * NX_PAGE_SIZE);
	}
	for (uint64_t i = 0; i < count; i++)
		KASSERT(window->access[index + i] == 0);
	memset(window->access + index, (int)access, count);
	window->mapped_count += count;
	*out_count = count;
	return NX_OK;
}

void arch_space_show(struct space *space, nx_uaddr_t address, paddr_t page,
		     uint32_t access)
{
	struct window *window = space->arch.window;
	uint64_t index = page_index(window, address, 1);

	KASSERT(window->access[index] != 0);
	show(window, index, 1, access, page);
	window->access[index] = (uint8_t)access;
}

uint64_t arch_space_protect(struct space *space, nx_uaddr_t address,
			    uint64_t count, uint32_t access)
{
	struct window *window = space->arch.window;
	uint64_t index = page_index(window, address, count);

	for (uint64_t i = 0; i < count; i++)
		KASSERT(window->access[index + i] != 0);
	if (mprotect(window->base + index * NX_PAGE_SIZE, count * NX_PAGE_SIZE,
		     host_protection(access)) != 0)
		machine_fail("protect");
	memset(window->access + index, (int)access, count);
	return count;
}

uint64_t arch_space_clear(struct space *space, nx_uaddr_t address,
			  uint64_t count, paddr_t *chain)
{
	struct window *window = space->arch.window;
	uint64_t index = page_index(window, address, count);

	for (uint64_t i = 0; i < count; i++)
		KASSERT(window->access[index + i] != 0);
	machine_map(window->base + index * NX_PAGE_SIZE, count * NX_PAGE_SIZE,
		    PROT_NONE);
	memset(window->access + index, 0, count);
	window->mapped_count -= count;
	(void)chain;
	return count;
}

void arch_space_trim(struct space *space, nx_uaddr_t address, paddr_t *chain)
{
	(void)space;
	(void)address;
	(void)chain;
}

void arch_space_flush(struct space *space, nx_uaddr_t address, uint64_t count,
		      bool tables_went)
{
	(void)space;
	(void)address;
	(void)count;
	(void)tables_went;
}

bool window_allows(const struct arch_space *space, nx_uaddr_t address,
		   uint64_t size_bytes, uint32_t access)
{
	const struct window *window = space->window;
	uint64_t offset = address - (uintptr_t)window->base;

	if (size_bytes == 0 || offset >= SPACE_WINDOW_BYTES ||
	    size_bytes > SPACE_WINDOW_BYTES - offset)
		return false;
	for (uint64_t page = offset / NX_PAGE_SIZE;
	     page <= (offset + size_bytes - 1) / NX_PAGE_SIZE; page++)
		if (!(window->access[page] & access))
			return false;
	return true;
}
