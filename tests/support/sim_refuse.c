/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's allocators, failing when the seed says so. Linked with
 * --wrap=page_alloc --wrap=slab_alloc; see sim_refuses(). */
#include <arch/sim.h>
#include <kernel/page.h>
#include <kernel/slab.h>

nx_status_t __real_page_alloc(struct job *job, unsigned order,
			      paddr_t *out_page);
nx_status_t __real_slab_alloc(struct job *job, size_t size_bytes,
			      void **out_cell);
nx_status_t __wrap_page_alloc(struct job *job, unsigned order,
			      paddr_t *out_page);
nx_status_t __wrap_slab_alloc(struct job *job, size_t size_bytes,
			      void **out_cell);

nx_status_t __wrap_page_alloc(struct job *job, unsigned order,
			      paddr_t *out_page)
{
	if (sim_refuses())
		return NX_ERR_NO_MEMORY;
	return __real_page_alloc(job, order, out_page);
}

nx_status_t __wrap_slab_alloc(struct job *job, size_t size_bytes,
			      void **out_cell)
{
	if (sim_refuses())
		return NX_ERR_NO_MEMORY;
	return __real_slab_alloc(job, size_bytes, out_cell);
}
