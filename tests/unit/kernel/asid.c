/* SPDX-License-Identifier: BSD-2-Clause */
/* Address space numbers: no two spaces have one at a time, and none that some
 * hart may remember is given out again before all have forgotten. The machine
 * below is this file: how many bits it keeps, and who was told to forget. */
#include "support/tap.h"

#include <kernel/hart.h>

#include <stdlib.h>

#define RISCV64_MACHINE_INTERNAL_H
#define RISCV64_MMU_INTERNAL_H
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK UINT64_C(0xffff)
#define csr_read(name) satp_kept

static uint64_t satp_kept, satp_bits;
static uint64_t asid_count; /* of this machine */
static bool others_forgot;
static unsigned flushes;
static bool remembered[1 << 16];

static void satp_write(uint64_t satp)
{
	satp_kept = satp & ~(SATP_ASID_MASK << SATP_ASID_SHIFT);
	satp_kept |= satp & (satp_bits << SATP_ASID_SHIFT);
}

static void sbi_fence_all(uint32_t mask)
{
	others_forgot = mask == (harts_online & ~this_hart()->bit);
}

static void sfence_all(void)
{
	if (others_forgot)
		memset(remembered, 0, sizeof(remembered));
	others_forgot = false;
	flushes++;
}

void asid_boot(void);
uint64_t asid_take(void);
void asid_give(uint64_t asid, bool dirty);

#include <arch/riscv64/asid.c>

static struct hart hart = { .bit = 1, .has_lock = true };
struct hart *sim_hart = &hart;
uint32_t harts_online = 0xf;

#define LIVE_MAX 8192

static uint64_t live[LIVE_MAX];
static unsigned live_count;
static bool in_use[1 << 16];

static void machine(unsigned bits)
{
	satp_bits = (UINT64_C(1) << bits) - 1;
	asid_count = satp_bits < 4095 ? satp_bits : 4095;
	satp_kept = 0;
	memset(remembered, 0, sizeof(remembered));
	memset(in_use, 0, sizeof(in_use));
	live_count = 0;
	asid_boot();
	flushes = 0;
}

/* false: a number that is somebody else's, is remembered, or cannot be. */
static bool take(void)
{
	uint64_t asid = asid_take();
	bool right;

	if (asid == 0)
		return live_count >= asid_count;
	right = asid <= asid_count && !in_use[asid] && !remembered[asid];
	in_use[asid] = true;
	live[live_count++] = asid;
	return right;
}

static void give(unsigned index, bool dirty)
{
	uint64_t asid = live[index];

	remembered[asid] = remembered[asid] || dirty;
	in_use[asid] = false;
	live[index] = live[--live_count];
	asid_give(asid, dirty);
}

static void all_of_them(unsigned bits)
{
	bool right = true;

	machine(bits);
	for (uint64_t i = 0; i < asid_count; i++)
		right = take() && right;
	ok(right && live_count == asid_count,
	   "a machine of %u bits has %llu numbers, each for one space", bits,
	   (unsigned long long)asid_count);
	is_u64(asid_take(), 0, "whoever comes then has none");
	is_u64(flushes, 0, "for nothing would be free by forgetting");
	if (asid_count == 0)
		return;
	give(0, false);
	ok(take(), "what nobody remembers is given out at once");
	is_u64(flushes, 0, "without a flush");
	give(0, true);
	ok(take(), "what somebody may remember too");
	is_u64(flushes, 1, "behind one flush of all harts");
}

static void at_random(unsigned bits, unsigned most)
{
	bool right = true;
	unsigned given = 0;

	machine(bits);
	srand(bits);
	for (unsigned i = 0; i < 200000 && right; i++) {
		bool more = live_count == 0 ||
			    (live_count < most && rand() % 2 == 0);

		if (more) {
			right = take();
		} else {
			give((unsigned)rand() % live_count, rand() % 4 != 0);
			given++;
		}
	}
	ok(right, "%u bits: 200,000 steps, no number twice or remembered",
	   bits);
	ok(flushes > 0 && flushes <= given / (asid_count - most) + 1,
	   "and a flush only when they are used up: %u of %u", flushes, given);
}

static void ends(void)
{
	machine(1);
	take();
	asid_give(0, true);
	is_u64(asid_take() + flushes, 0, "who had none gives none back");
}

int main(void)
{
	plan(0);
	all_of_them(0);
	all_of_them(1);
	all_of_them(9);
	all_of_them(16);
	at_random(7, 60);
	at_random(9, 60);
	at_random(16, 2000);
	ends();
	return done();
}
