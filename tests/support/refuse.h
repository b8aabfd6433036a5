/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_REFUSE_H
#define SUPPORT_REFUSE_H
/** @file refuse.h
 * The kernel's allocators, failing when refuses() says so. A program that
 * includes this, once, is linked with --wrap of each of them. */
#include <kernel/page.h>
#include <kernel/slab.h>

static bool refuses(void);

#define REFUSE(name, parameters, ...)                                          \
	nx_status_t __real_##name parameters;                                  \
	nx_status_t __wrap_##name parameters;                                  \
	nx_status_t __wrap_##name parameters                                   \
	{                                                                      \
		return refuses() ? NX_ERR_NO_MEMORY                            \
				 : __real_##name(__VA_ARGS__);                 \
	}

REFUSE(page_alloc, (struct job * job, unsigned order, paddr_t *out_page), job,
       order, out_page)
REFUSE(page_take, (struct job * job, paddr_t *out_page), job, out_page)
REFUSE(page_take_run, (struct job * job, uint64_t count, paddr_t *out_base),
       job, count, out_base)
REFUSE(page_reserve, (struct job * job, uint64_t count), job, count)
REFUSE(slab_alloc, (struct job * job, size_t size_bytes, void **out_cell), job,
       size_bytes, out_cell)
REFUSE(slab_take_cell, (struct job * job, size_t class, void **out_cell), job,
       class, out_cell)
#endif /* SUPPORT_REFUSE_H */
