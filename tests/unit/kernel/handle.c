/* SPDX-License-Identifier: BSD-2-Clause */
/* Handle tables: numbers are checked on every use and never come twice,
 * reservations are exact, and slots wear out without being lost. */
#include "fake.h"

static struct process *process;
static struct handle_table *table;
static struct port *port;

static void start(void)
{
	fake_boot(99);
	process = fake_process(root_job, 7);
	table = &process->handles;
	port = fake_port(root_job);
}

static void stop(void)
{
	object_unref(&port->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

static nx_status_t lookup(nx_handle_t number, uint32_t kind, nx_rights_t rights)
{
	struct handle *handle;

	return handle_find(table, number, kind, rights, &handle);
}

static void close_number(nx_handle_t number)
{
	struct handle *handle;

	if (handle_find(table, number, NX_KIND_NONE, 0, &handle) == NX_OK)
		handle_close(handle, false);
}

static nx_handle_t install(nx_rights_t rights)
{
	if (handle_reserve(table, 1) != NX_OK)
		return NX_HANDLE_NONE;
	return handle_install(table, &port->object, rights, 5, NULL);
}

static void checks(void)
{
	struct handle *handle;
	nx_handle_t number;

	start();
	is_i64(lookup(0, NX_KIND_NONE, 0), NX_ERR_BAD_HANDLE,
	       "0 is no handle of an empty table");
	is_i64(lookup(NX_HANDLE_CALLER, NX_KIND_NONE, 0), NX_ERR_BAD_HANDLE,
	       "NX_HANDLE_CALLER is no handle");
	number = install(NX_RIGHT_CALL | NX_RIGHT_DUP);
	ok(number >> NX_HANDLE_INDEX_BITS == 1, "generations begin at 1");
	is_i64(lookup(number, NX_KIND_PORT, NX_RIGHT_CALL), NX_OK,
	       "a handle is found");
	is_i64(lookup(number, NX_KIND_VMO, NX_RIGHT_RECV), NX_ERR_WRONG_KIND,
	       "a wrong kind is told before a missing right");
	is_i64(lookup(number, NX_KIND_PORT, NX_RIGHT_CALL | NX_RIGHT_RECV),
	       NX_ERR_ACCESS_DENIED, "one missing right is enough");
	is_i64(lookup(number ^ 1 << NX_HANDLE_INDEX_BITS, NX_KIND_VMO, 0),
	       NX_ERR_BAD_HANDLE, "a wrong generation is told first");
	is_i64(lookup(number + 1, NX_KIND_NONE, 0), NX_ERR_BAD_HANDLE,
	       "a free slot is no handle");
	handle_find(table, number, NX_KIND_PORT, 0, &handle);
	ok(handle->identity == (UINT64_C(7) << 32 | 5),
	   "the identity word is service id and badge");
	is_u64(handle->link.number, number, "its number comes back");
	close_number(number);
	is_i64(lookup(number, NX_KIND_NONE, 0), NX_ERR_BAD_HANDLE,
	       "a closed handle is stale");
	ok(install(0) == number + (1 << NX_HANDLE_INDEX_BITS),
	   "its slot is used again under the next generation");
	is_i64(lookup(number, NX_KIND_NONE, 0), NX_ERR_BAD_HANDLE,
	       "and the old number stays stale");
	stop();
}

/* No wild number is ever a handle: all indexes, some generations. */
static void wild(void)
{
	unsigned found = 0, outside = 0;
	nx_handle_t number;

	start();
	number = install(0);
	for (uint32_t index = 0; index <= NX_HANDLE_INDEX_MASK; index++)
		for (uint32_t generation = 0; generation < 3; generation++)
			found += lookup(generation << NX_HANDLE_INDEX_BITS |
						index,
					NX_KIND_NONE, 0) == NX_OK;
	for (unsigned i = 0; i < 1000000; i++) {
		nx_handle_t any = (nx_handle_t)fake_random(UINT64_C(1) << 32);

		found += any != number && lookup(any, NX_KIND_NONE, 0) == NX_OK;
		outside += handle_place(any) >= HANDLE_PAGES_MAX ||
			   handle_page_slot(any) >= HANDLES_PER_PAGE;
	}
	is_u64(found, 1, "of four million numbers only the one is found");
	is_u64(outside, 0,
	       "and none leads out of the tables, not even by guess");
	stop();
}

static void reservations(void)
{
	uint64_t used;

	start();
	used = root_job->quotas[JOB_HANDLES].used;
	is_i64(handle_reserve(table, 4), NX_OK, "four slots are reserved");
	is_u64(root_job->quotas[JOB_HANDLES].used, used + 4, "and charged");
	is_u64(counters[NX_COUNTER_HANDLES], 0, "but not open");
	handle_install(table, &port->object, 0, 0, NULL);
	handle_unreserve(table, 3);
	is_u64(root_job->quotas[JOB_HANDLES].used, used + 1,
	       "what was not used comes back");
	for (unsigned i = 0; i < 100; i++)
		handle_reserve(table, 4);
	is_u64(table->free_count - table->reserved_count, 64 * 7 - 401,
	       "a reservation does not count on slots of another");
	handle_unreserve(table, 400);
	stop();
}

/* Use up generations: numbers never repeat, and the table does not grow. */
static void wear(void)
{
	const unsigned rounds = 64 * NX_HANDLE_GENERATION_MAX + 200;
	uint8_t *seen = calloc(1, UINT64_C(1) << 29);
	unsigned twice = 0, caller = 0, failed = 0;
	uint64_t pages;
	nx_handle_t first, number = 0;

	start();
	first = install(0);
	pages = root_job->quotas[JOB_PAGES].used;
	for (unsigned i = 0; i < rounds * 2; i++) {
		number = install(0);
		failed += number == NX_HANDLE_NONE;
		twice += seen[number / 8] >> number % 8 & 1;
		caller += number == NX_HANDLE_CALLER;
		seen[number / 8] |= (uint8_t)(1 << number % 8);
		close_number(number);
	}
	free(seen);
	is_u64(failed, 0, "%u handles are opened and closed", rounds * 2);
	is_u64(twice, 0, "no number is given out twice");
	is_u64(caller, 0, "nor the one that means the caller");
	is_i64(lookup(first, NX_KIND_PORT, 0), NX_OK,
	       "a handle opened before is still good");
	ok((number & NX_HANDLE_INDEX_MASK) >=
		   HANDLE_PAGES_MAX * HANDLES_PER_PAGE,
	   "a worn page is replaced in the next epoch");
	is_u64(root_job->quotas[JOB_PAGES].used, pages + 1,
	       "and its memory was given back");
	stop();
}

/* The very last slots of a process: then NO_SPACE, never a wrap. */
static void worn_out(void)
{
	nx_handle_t number = 0;
	unsigned opened = 0;

	start();
	install(0);
	for (unsigned place = 0; place < HANDLE_PAGES_MAX; place++)
		table->epochs[place] = HANDLE_EPOCHS;
	table->epochs[HANDLE_PAGES_MAX - 1] = HANDLE_EPOCHS - 1;
	table->free_count = 0;
	is_i64(handle_reserve(table, 1), NX_ERR_NO_SPACE,
	       "the page that holds NX_HANDLE_CALLER is never made");
	is_u64(root_job->quotas[JOB_HANDLES].used, 1,
	       "nothing more is charged");
	table->vacant = 0;
	table->epochs[HANDLE_PAGES_MAX - 2] = HANDLE_EPOCHS - 1;
	table->free_head = UINT32_MAX;
	while (number = install(0), number != NX_HANDLE_NONE) {
		opened++;
		close_number(number);
	}
	is_u64(opened, HANDLES_PER_PAGE * NX_HANDLE_GENERATION_MAX,
	       "the last page serves all its generations");
	is_i64(handle_reserve(table, 1), NX_ERR_NO_SPACE, "then NO_SPACE");
	stop();
}

static void full(void)
{
	unsigned count = 0;
	nx_status_t status;

	start();
	while (status = handle_reserve(table, 1), status == NX_OK) {
		handle_install(table, &port->object, 0, 0, NULL);
		count++;
	}
	is_i64(status, NX_ERR_NO_SPACE, "a full table says NO_SPACE");
	is_u64(count, 16384, "after 16,384 handles");
	is_u64(root_job->quotas[JOB_HANDLES].used, count,
	       "the one that failed is not charged");
	stop();
}

static void death(void)
{
	struct port *other;
	nx_handle_t number;

	start();
	other = fake_port(root_job);
	handle_install_new(table, &other->object, &number);
	install(NX_RIGHT_RECV);
	process_end(process, NX_PROCESS_CRASHED, 0);
	is_u64(port->generation, 1, "a port is told of its receiver's death");
	is_u64(other->generation, 1, "and so is every other");
	is_u64(table->used_count, 0, "the table is empty");
	is_u64(port->object.reference_count, 1, "references came back");
	object_unref(&other->object);
	stop();
}

int main(void)
{
	plan(0);
	checks();
	wild();
	reservations();
	wear();
	worn_out();
	full();
	death();
	return done();
}
