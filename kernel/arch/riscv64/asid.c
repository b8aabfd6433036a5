/* SPDX-License-Identifier: BSD-2-Clause */
/* Address space numbers. A number that some hart may remember is dirty: it is
 * used again only after all harts have forgotten everything, which happens
 * when no number is left. */
#include "arch/riscv64/machine_internal.h"
#include "arch/riscv64/mmu_internal.h"

#include <kernel/hart.h>
#include <kernel/string.h>

/* So many spaces have a number of their own at a time. */
#define ASID_MAX UINT64_C(4095)
#define ASID_WORDS ((ASID_MAX + 1) / 64)

static struct {
	uint64_t max;		    /* 0: the machine has none */
	uint64_t first_word;	    /* no number is free below it */
	uint64_t used[ASID_WORDS];  /* a bit for each number */
	uint64_t dirty[ASID_WORDS]; /* of these: only remembered somewhere */
	bool any_dirty;
} asids GUARDED;

/* How many bits the machine has for them is what it keeps of all ones. */
void asid_boot(void)
{
	uint64_t satp = csr_read(satp), max;

	satp_write(satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
	max = csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK;
	memset(&asids, 0, sizeof(asids));
	asids.max = max < ASID_MAX ? max : ASID_MAX;
	asids.used[0] = 1;
	satp_write(satp);
	sfence_all();
}

HELD static uint64_t asid_find(void)
{
	for (uint64_t i = asids.first_word; i <= asids.max / 64; i++) {
		uint64_t bit = 0;

		asids.first_word = i;
		if (asids.used[i] == UINT64_MAX)
			continue;
		while ((asids.used[i] >> bit & 1) != 0)
			bit++;
		if (i * 64 + bit > asids.max)
			break;
		asids.used[i] |= UINT64_C(1) << bit;
		return i * 64 + bit;
	}
	return 0;
}

/* All harts forget everything, so the dirty numbers are free. */
HELD OUT_OF_THE_WAY static uint64_t asid_clean(void)
{
	sbi_fence_all(harts_online & ~this_hart()->bit);
	sfence_all();
	for (uint64_t i = 0; i < ASID_WORDS; i++)
		asids.used[i] &= ~asids.dirty[i];
	memset(asids.dirty, 0, sizeof(asids.dirty));
	asids.any_dirty = false;
	asids.first_word = 0;
	return asid_find();
}

uint64_t asid_take(void)
{
	uint64_t asid = asid_find();

	return asid == 0 && asids.any_dirty ? asid_clean() : asid;
}

void asid_give(uint64_t asid, bool dirty)
{
	uint64_t word = asid / 64;

	if (asid == 0)
		return;
	if (dirty) {
		asids.dirty[word] |= UINT64_C(1) << asid % 64;
		asids.any_dirty = true;
		return;
	}
	asids.used[word] &= ~(UINT64_C(1) << asid % 64);
	if (word < asids.first_word)
		asids.first_word = word;
}
