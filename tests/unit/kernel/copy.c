/* SPDX-License-Identifier: BSD-2-Clause */
/* User memory is asked about before it is touched. The machine here says
 * yes to everything it is asked, or no, and counts. */
#include "support/tap.h"

#include <kernel/arch.h>
#include <kernel/arch_space.h>
#include <kernel/copy.h>
#include <kernel/counters.h>
#include <kernel/process.h>

static bool is_user;
static unsigned asked, copied;
static struct process process;
uint64_t counters[NX_COUNTER_END];

static struct thread thread = { .process = &process };
struct hart harts[HARTS_MAX] = { { .current = &thread } };
struct hart *sim_hart = &harts[0];

bool arch_space_is_user(const struct space *space, nx_uaddr_t address,
			uint64_t size_bytes)
{
	(void)address;
	(void)size_bytes;
	asked++;
	return is_user && space == &process.space;
}

bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes)
{
	(void)to;
	(void)from;
	(void)size_bytes;
	copied++;
	return true;
}

bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes)
{
	(void)to;
	(void)from;
	(void)size_bytes;
	copied++;
	return true;
}

static void refused(nx_uaddr_t address, uint64_t size_bytes, const char *what)
{
	char bytes[64];

	copied = 0;
	is_i64(copy_in(bytes, address, size_bytes), NX_ERR_BAD_ADDRESS,
	       "%s is not read", what);
	is_i64(copy_out(address, bytes, size_bytes), NX_ERR_BAD_ADDRESS,
	       "nor written");
	is_u64(copied, 0, "the machine does not even try");
}

int main(void)
{
	char bytes[64];

	plan(0);
	is_user = true;
	refused(UINT64_MAX - 3, 8, "a range around the end of all addresses");
	is_u64(asked, 0, "no space is asked about that");
	is_user = false;
	refused(4096, 8, "what is not the user's");
	is_user = true;
	is_i64(copy_in(bytes, UINT64_MAX - 7, 8), NX_OK,
	       "a range that ends there is for the machine to judge");
	is_i64(copy_in(bytes, UINT64_MAX, 0), NX_OK,
	       "no bytes are at any address");
	is_u64(counters[NX_COUNTER_COPIED_IN], 8, "what is copied is counted");
	return done();
}
