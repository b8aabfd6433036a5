/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's allocators, failing when the seed says so; see
 * sim_refuses(). */
#include "support/refuse.h"

#include <arch/sim.h>

static bool refuses(void)
{
	return sim_refuses();
}
