/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: making and joining them, and asking. */
#include <kernel/filter.h>

#include <kernel/hooks.h>
#include <kernel/message.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define RATE_NONE NX_RATE_COUNT

/* Rate by call, counted from 1; 0: none. */
static const uint8_t rate_of_call[NX_SYS_COUNT] = {
	[NX_SYS_call] = NX_RATE_CALL + 1,
	[NX_SYS_send] = NX_RATE_SEND + 1,
	[NX_SYS_port_create] = NX_RATE_CREATE + 1,
	[NX_SYS_event_create] = NX_RATE_CREATE + 1,
	[NX_SYS_process_create] = NX_RATE_CREATE + 1,
	[NX_SYS_thread_create] = NX_RATE_CREATE + 1,
	[NX_SYS_vmo_create] = NX_RATE_CREATE + 1,
};

/* Operations that create, by control. */
static const uint32_t creating[NX_SYS_COUNT] = {
	[NX_SYS_vmo_ctl] = UINT32_C(1) << NX_OP_vmo_slice |
			   UINT32_C(1) << NX_OP_vmo_snapshot |
			   UINT32_C(1) << NX_OP_vmo_contiguous,
	[NX_SYS_mmio_ctl] = UINT32_C(1) << NX_OP_mmio_narrow,
	[NX_SYS_irq_ctl] = UINT32_C(1) << NX_OP_irq_narrow,
	[NX_SYS_dma_ctl] = UINT32_C(1) << NX_OP_dma_narrow,
	[NX_SYS_job_ctl] = UINT32_C(1) << NX_OP_job_create,
	[NX_SYS_sched_ctl] = UINT32_C(1) << NX_OP_budget_create,
};

/* Calls whose a1 is an operation. */
static const bool is_control[NX_SYS_COUNT] = {
#define NX_CONTROL(number, name, since) [number] = true,
#include <nexus/syscalls.def>
};

nx_status_t filter_check(const struct nx_filter_rules *wanted)
{
	if ((wanted->options & ~NX_FILTER_KILL) != 0)
		return NX_ERR_INVALID_ARGS;
	for (unsigned i = 0; i < NX_RATE_COUNT; i++) {
		const struct nx_rate *rate = &wanted->rates[i];

		if (rate->per_second > NX_RATE_MAX ||
		    rate->burst > NX_RATE_BURST_MAX ||
		    (rate->per_second == 0) != (rate->burst == 0))
			return NX_ERR_INVALID_ARGS;
	}
	return NX_OK;
}

HELD static bool is_rated(const struct filter *filter)
{
	for (unsigned i = 0; i < NX_RATE_COUNT; i++)
		if (filter->buckets[i].interval_ns != 0)
			return true;
	return false;
}

HELD static bool has_rated(const struct filter *filter,
			   const struct filter *rated)
{
	for (uint32_t i = 0; i < filter->rated_count; i++)
		if (filter->rated[i] == rated)
			return true;
	return filter == rated;
}

/* Does `filter` forbid all that `other` forbids? */
HELD static bool is_within(const struct filter *filter,
			   const struct filter *other)
{
	if ((filter->calls & ~other->calls) != 0 ||
	    (other->options & ~filter->options) != 0)
		return false;
	for (unsigned i = 0; i < NX_SYS_COUNT; i++)
		if ((filter->operations[i] & ~other->operations[i]) != 0)
			return false;
	for (uint32_t i = 0; i < other->rated_count; i++)
		if (!has_rated(filter, other->rated[i]))
			return false;
	return !is_rated(other) || has_rated(filter, other);
}

HELD static nx_status_t add_one(struct filter *filter, struct filter *rated)
{
	if (has_rated(filter, rated))
		return NX_OK;
	if (filter->rated_count == FILTER_RATED_MAX)
		return NX_ERR_NO_SPACE;
	object_ref(&rated->object);
	filter->rated[filter->rated_count++] = rated;
	return NX_OK;
}

/* Forbid all that `other` forbids too. */
HELD static nx_status_t add(struct filter *filter, struct filter *other)
{
	nx_status_t status = NX_OK;

	filter->calls &= other->calls;
	filter->options |= other->options;
	for (unsigned i = 0; i < NX_SYS_COUNT; i++)
		filter->operations[i] &= other->operations[i];
	for (uint32_t i = 0; i < other->rated_count && status == NX_OK; i++)
		status = add_one(filter, other->rated[i]);
	if (status == NX_OK && is_rated(other))
		status = add_one(filter, other);
	return status;
}

HELD static nx_status_t filter_new(struct job *payer,
				   struct filter **out_filter)
{
	struct filter *filter;
	nx_status_t status = object_create(payer, NX_KIND_FILTER, &filter);

	if (status != NX_OK)
		return status;
	filter->calls = UINT32_MAX;
	memset(filter->operations, 0xff, sizeof(filter->operations));
	*out_filter = filter;
	return NX_OK;
}

bool filter_destroy(struct object *object)
{
	struct filter *filter = CONTAINER_OF(object, struct filter, object);

	for (uint32_t i = 0; i < filter->rated_count; i++)
		object_unref(&filter->rated[i]->object);
	return true;
}

HELD static void bucket_init(struct bucket *bucket, const struct nx_rate *rate)
{
	if (rate->per_second == 0)
		return;
	bucket->interval_ns = NS_PER_SECOND / rate->per_second;
	bucket->tolerance_ns = (rate->burst - 1) * bucket->interval_ns;
}

nx_status_t filter_narrow(struct job *payer, struct filter *filter,
			  const struct nx_filter_rules *wanted,
			  struct filter **out_filter)
{
	struct filter *narrow;
	nx_status_t status = filter_new(payer, &narrow);

	if (status != NX_OK)
		return status;
	narrow->calls = wanted->calls | UINT32_C(1) << NX_SYS_exit;
	narrow->options = wanted->options;
	memcpy(narrow->operations, wanted->operations,
	       sizeof(narrow->operations));
	for (unsigned i = 0; i < NX_RATE_COUNT; i++)
		bucket_init(&narrow->buckets[i], &wanted->rates[i]);
	if (filter != NULL)
		status = add(narrow, filter);
	if (status != NX_OK) {
		object_unref(&narrow->object);
		return status;
	}
	*out_filter = narrow;
	return NX_OK;
}

nx_status_t filter_both(struct job *payer, struct filter *left,
			struct filter *right, struct filter **out_filter)
{
	struct filter *within = NULL, *both;
	nx_status_t status;

	if (right == NULL || (left != NULL && is_within(left, right)))
		within = left;
	else if (left == NULL || is_within(right, left))
		within = right;
	if (within != NULL || right == NULL) {
		if (within != NULL)
			object_ref(&within->object);
		*out_filter = within;
		return NX_OK;
	}
	status = filter_new(payer, &both);
	if (status != NX_OK)
		return status;
	status = add(both, left);
	if (status == NX_OK)
		status = add(both, right);
	if (status == NX_OK)
		*out_filter = both;
	else
		object_unref(&both->object);
	return status;
}

static unsigned rate_of(uint64_t call, uint64_t operation)
{
	if (is_control[call])
		return (creating[call] >> operation & 1) != 0 ? NX_RATE_CREATE
							      : RATE_NONE;
	return rate_of_call[call] != 0 ? rate_of_call[call] - 1U : RATE_NONE;
}

/* A clock that went back would only make it wait. */
HELD static bool bucket_has(const struct bucket *bucket, uint64_t now_ns)
{
	return bucket->interval_ns == 0 || bucket->full_ns <= now_ns ||
	       bucket->full_ns - now_ns <= bucket->tolerance_ns;
}

HELD static void bucket_take(struct bucket *bucket, uint64_t now_ns)
{
	if (bucket->full_ns < now_ns)
		bucket->full_ns = now_ns;
	bucket->full_ns += bucket->interval_ns;
}

HELD static nx_status_t rates_take(struct filter *filter, unsigned rate)
{
	uint64_t now_ns = time_now_ns();

	for (uint32_t i = 0; i < filter->rated_count; i++)
		if (!bucket_has(&filter->rated[i]->buckets[rate], now_ns))
			return NX_ERR_THROTTLED;
	if (!bucket_has(&filter->buckets[rate], now_ns))
		return NX_ERR_THROTTLED;
	for (uint32_t i = 0; i < filter->rated_count; i++)
		bucket_take(&filter->rated[i]->buckets[rate], now_ns);
	bucket_take(&filter->buckets[rate], now_ns);
	return NX_OK;
}

nx_status_t filter_admit(struct filter *filter, uint64_t call,
			 const struct nx_registers *registers)
{
	uint64_t operation = registers->a[1];
	unsigned rate;

	if (call >= NX_SYS_COUNT || (is_control[call] && operation >= 32))
		return NX_OK;
	if ((filter->calls >> call & 1) == 0 ||
	    (is_control[call] &&
	     (filter->operations[call] >> operation & 1) == 0))
		return NX_ERR_FILTERED;
	rate = rate_of(call, operation);
	return rate == RATE_NONE ? NX_OK : rates_take(filter, rate);
}

/* Does every call and reply_recv pass unseen? */
HELD static bool is_plain(const struct filter *filter)
{
	const uint32_t fast =
		UINT32_C(1) << NX_SYS_call | UINT32_C(1) << NX_SYS_reply_recv;

	if ((filter->calls & fast) != fast)
		return false;
	for (uint32_t i = 0; i < filter->rated_count; i++)
		if (filter->rated[i]->buckets[NX_RATE_CALL].interval_ns != 0)
			return false;
	return filter->buckets[NX_RATE_CALL].interval_ns == 0;
}

void filter_give(struct thread *thread, struct filter *filter)
{
	filter_unref(thread->filter);
	thread->filter = filter;
	thread->watched = true;
	thread->slow_headers = filter == NULL || is_plain(filter)
				       ? MESSAGE_HEADER_SLOW
				       : UINT64_MAX;
}
