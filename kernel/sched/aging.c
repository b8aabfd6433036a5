/* SPDX-License-Identifier: BSD-2-Clause */
/* So that nobody starves; see aging.h. */
#include <kernel/aging.h>

#include <kernel/hart.h>
#include <kernel/timer.h>

OUT_OF_THE_WAY uint32_t aging_choose(struct hart *hart, uint32_t highest)
{
	uint64_t aging_ticks = time_ns_to_ticks(AGING_NS);
	uint64_t first = hart->thread_ticks;

	for (uint32_t c = 0; c < highest; c++) {
		uint64_t served = hart->ready[c].served_ticks;

		if ((hart->ready_mask >> c & 1) == 0 ||
		    !heap_before(served, first))
			continue;
		first = served;
		if (hart->thread_ticks - served < aging_ticks)
			continue;
		hart->aged = (uint8_t)(c + 1);
		return c;
	}
	hart->ready[highest].served_ticks = hart->thread_ticks;
	hart->aging_ticks = first + aging_ticks;
	return highest;
}

OUT_OF_THE_WAY void aging_settle(struct hart *hart)
{
	struct run_queue *queue = &hart->ready[hart->aged - 1];
	uint64_t ticks = hart->thread_ticks - hart->turn_ticks;

	queue->served_ticks += ticks * (AGING_NS / AGING_TURN_NS);
	if (heap_before(hart->thread_ticks, queue->served_ticks))
		queue->served_ticks = hart->thread_ticks;
	hart->aged = 0;
}
