/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters: some are counted here, others are kept by whoever owns what is
 * counted and are only read here. */
#include <kernel/counters.h>

#include <kernel/hart.h>
#include <kernel/page.h>
#include <kernel/string.h>

uint64_t counters[NX_COUNTER_END];

void counters_init(void)
{
	memset(counters, 0, sizeof(counters));
}

/* A call of the fast path is a call and a switch, too. */
uint64_t counter_value(uint32_t counter)
{
	uint64_t fast = 0, switches = 0;

	for (uint32_t i = 0; i < HARTS_MAX; i++) {
		fast += harts[i].fast_count;
		switches += harts[i].switch_count;
	}
	if (counter == NX_COUNTER_FAST_CALLS)
		return fast;
	if (counter == NX_COUNTER_CALLS)
		return counters[counter] + fast;
	if (counter == NX_COUNTER_SWITCHES)
		return switches + fast;
	if (counter == NX_COUNTER_PAGES_TOTAL)
		return page_total_count();
	if (counter == NX_COUNTER_PAGES_FREE)
		return page_free_count();
	return counters[counter];
}
