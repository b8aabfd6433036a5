/* SPDX-License-Identifier: BSD-2-Clause */
/* How late an urgent thread runs behind the interrupt it waits for, while
 * another one has the kernel do something long. The urgent thread has a timer
 * set again and again, at moments that come at all places of the work; what
 * is printed is the latest it ever was. One instruction takes one virtual
 * nanosecond, of which both counters count: the cycle counter each, the time
 * counter every hundredth, so that a deadline is exact. */
#include "bench.h"

#include "system/crowd.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define LARGE_BYTES (1024 * MIB) /* as large as one VMO may be */
#define COPY_BYTES (24 * MIB)
#define FAR_BYTES (MIB / 4)
#define MAPPINGS 4000
#define REVOKED 100000
#define OBJECTS 10000
#define PARK_MAX 16000 /* handles in a process */
#define PARKS ((REVOKED + PARK_MAX - 1) / PARK_MAX)

/* words[] of the page that both see */
enum { LATEST, COUNT, RUN, READY };

/* 17 to 30 us apart, never in step with the work. */
static uint64_t next_distance(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1;
	return 17000 + (*state >> 40) % 13000;
}

/* handles[0]: an event. */
static void urgent(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_event_t event = { page->handles[0] };
	uint64_t state = 1, bits;

	(void)buffer;
	page->words[READY] = 1;
	for (;;) {
		uint64_t at = bench_now() + next_distance(&state);
		uint64_t late;

		at -= at % 100;
		if (nx_timer_set(event, 1, at, 0) != NX_OK ||
		    nx_wait(event, 1, NX_DEADLINE_NEVER, &bits) != NX_OK)
			nx_exit(1, 0);
		late = bench_now() - at;
		if (page->words[RUN] == 0)
			continue;
		page->words[COUNT]++;
		if (late > page->words[LATEST])
			page->words[LATEST] = late;
	}
}

struct watcher {
	struct peer peer;
	nx_event_t event;
	nx_budget_t budget;
};

static bool watcher_begin(struct test *test, struct watcher *watcher)
{
	watcher->event = new_event();
	if (nx_budget_create(test->job, NX_QOS_PERF_BURST, NX_SHARE_DEFAULT,
			     &watcher->budget) != NX_OK)
		return false;
	test->peer_budget = watcher->budget;
	if (!peer_thread(test, &watcher->peer, urgent))
		return false;
	test->peer_budget.handle = NX_HANDLE_NONE;
	peer_give(&watcher->peer, 0, watcher->event.handle, NX_RIGHTS_SAME);
	return peer_start(&watcher->peer) == NX_OK &&
	       peer_await(test, &watcher->peer, READY, 1);
}

static void watcher_end(struct test *test, struct watcher *watcher)
{
	peer_drop(test, &watcher->peer);
	nx_handle_close(watcher->event.handle);
	nx_handle_close(watcher->budget.handle);
}

static void watch(struct watcher *watcher)
{
	watcher->peer.page->words[LATEST] = 0;
	watcher->peer.page->words[COUNT] = 0;
	watcher->peer.page->words[RUN] = 1;
}

static void tell(struct test *test, struct watcher *watcher, const char *name)
{
	watcher->peer.page->words[RUN] = 0;
	if (watcher->peer.page->words[COUNT] == 0)
		check(test, false, "%s: nobody came in between", name);
	else
		bench_print(test, name, watcher->peer.page->words[LATEST],
			    "instructions");
}

static void user(struct test *test, struct watcher *watcher)
{
	uint64_t until = bench_now() + 3000000;

	watch(watcher);
	while (bench_now() < until)
		continue;
	tell(test, watcher, "kernel.latency.user");
}

static void memory(struct test *test, struct watcher *watcher)
{
	nx_vmo_t vmo;
	nx_uaddr_t mapped;

	watch(watcher);
	vmo = new_vmo(LARGE_BYTES);
	tell(test, watcher, "kernel.latency.vmo_create");
	watch(watcher);
	mapped = map_here(vmo, LARGE_BYTES, NX_MAP_READ | NX_MAP_WRITE);
	check(test, mapped != 0, "memory is mapped");
	unmap_here(mapped, LARGE_BYTES);
	tell(test, watcher, "kernel.latency.map_unmap");
	watch(watcher);
	nx_handle_close(vmo.handle);
	tell(test, watcher, "kernel.latency.vmo_close");
}

static void copies(struct test *test, struct watcher *watcher)
{
	nx_vmo_t vmo = new_vmo(COPY_BYTES), other = new_vmo(COPY_BYTES);
	nx_uaddr_t mapped =
		map_here(vmo, COPY_BYTES, NX_MAP_READ | NX_MAP_WRITE);

	watch(watcher);
	nx_vmo_write(other, 0, (const void *)(uintptr_t)mapped, COPY_BYTES);
	tell(test, watcher, "kernel.latency.vmo_write");
	watch(watcher);
	nx_vmo_read(other, 3, (void *)(uintptr_t)mapped, 4 * MIB);
	tell(test, watcher, "kernel.latency.vmo_read_unaligned");
	nx_handle_close(other.handle);
	unmap_here(mapped, COPY_BYTES);
	nx_handle_close(vmo.handle);
}

/* Memory behind many mappings that was shared when it was mapped, so that the
 * first store to each page is a fault, and is looked for from the begin. */
static void far(struct test *test, struct watcher *watcher)
{
	nx_vmo_t small = new_vmo(NX_PAGE_SIZE), vmo = new_vmo(FAR_BYTES);
	nx_vmo_t copy = { NX_HANDLE_NONE };
	nx_uaddr_t first = map_here(small, NX_PAGE_SIZE, NX_MAP_READ), mapped;

	for (unsigned i = 1; i < MAPPINGS; i++)
		map_here(small, NX_PAGE_SIZE, NX_MAP_READ);
	nx_vmo_snapshot(vmo, 0, FAR_BYTES, &copy);
	mapped = map_here(vmo, FAR_BYTES, NX_MAP_READ | NX_MAP_WRITE);
	nx_handle_close(copy.handle);
	check(test, mapped > first, "memory is mapped behind other memory");
	watch(watcher);
	for (uint64_t at = 0; at < FAR_BYTES; at += NX_PAGE_SIZE) {
		unmap_here(first, 2 * NX_PAGE_SIZE);
		nx_vmo_read(small, 0, (void *)(uintptr_t)(mapped + at), 8);
	}
	tell(test, watcher, "kernel.latency.vmo_read_far");
	unmap_here(mapped, FAR_BYTES);
	nx_handle_close(vmo.handle);
	nx_handle_revoke(small.handle);
	nx_handle_close(small.handle);
}

static nx_process_t park_new(const struct test *test)
{
	nx_process_t park = { NX_HANDLE_NONE };

	nx_process_create(test->job, PEER_SERVICE, 0, 0, &park);
	return park;
}

static void revoke(struct test *test, struct watcher *watcher)
{
	nx_process_t parks[PARKS];
	nx_event_t event = new_event();
	nx_handle_t root = dup_of(event.handle, NX_RIGHTS_SAME), there;
	unsigned made = 0;

	for (unsigned i = 0; i < PARKS; i++)
		parks[i] = park_new(test);
	while (made < REVOKED &&
	       nx_handle_dup(root, NX_RIGHTS_SAME, 0, parks[made / PARK_MAX],
			     &there) == NX_OK)
		made++;
	check(test, made == REVOKED, "handles are derived");
	watch(watcher);
	nx_handle_revoke(root);
	tell(test, watcher, "kernel.latency.revoke_100k");
	watch(watcher);
	for (unsigned i = 0; i < PARKS; i++)
		nx_handle_close(parks[i].handle);
	tell(test, watcher, "kernel.latency.process_close");
	nx_handle_close(root);
	nx_handle_close(event.handle);
}

static void kill(struct test *test, struct watcher *watcher)
{
	nx_job_t job = new_job(test, 3000, OBJECTS + 100, 10);
	nx_process_t park = { NX_HANDLE_NONE };
	unsigned made = 0;

	nx_process_create(job, PEER_SERVICE, 0, 0, &park);
	for (; made < OBJECTS; made++) {
		nx_event_t event = { NX_HANDLE_NONE };
		nx_handle_t there;

		if (nx_event_create(job, &event) != NX_OK ||
		    nx_handle_dup(event.handle, NX_RIGHTS_SAME, 0, park,
				  &there) != NX_OK)
			break;
		nx_handle_close(event.handle);
	}
	check(test, made == OBJECTS, "objects are made in a job");
	watch(watcher);
	nx_task_kill(job.handle, 0);
	tell(test, watcher, "kernel.latency.job_kill_10k");
	nx_handle_close(park.handle);
	nx_handle_close(job.handle);
}

static void crowd(struct test *test, struct watcher *watcher,
		  enum crowd_kind kind, const char *name)
{
	struct crowd crowd;

	if (!crowd_gather(test, &crowd, kind, CROWD_MAX))
		return;
	watch(watcher);
	crowd_meet(&crowd);
	tell(test, watcher, name);
	check(test, crowd_drop(test, &crowd) == CROWD_MAX,
	      "many have waited in vain");
}

#define BORN 12
#define ROUNDS 80
enum birth { BIRTH_PROCESS, BIRTH_THREAD, BIRTH_HANDLE };

struct nursery {
	enum birth birth;
	nx_event_t event;
	nx_job_t jobs[BORN];
	nx_process_t processes[BORN];
	nx_thread_t threads[BORN];
};

/* What is made in a job that has nothing takes a page for each of its parts. */
static nx_status_t bear(struct nursery *nursery, enum birth birth, unsigned i)
{
	nx_handle_t there;

	switch (birth) {
	case BIRTH_PROCESS:
		return nx_process_create(nursery->jobs[i], PEER_SERVICE, 0, 0,
					 &nursery->processes[i]);
	case BIRTH_THREAD:
		return nx_thread_create(nursery->processes[i],
					(nx_budget_t){ 0 },
					&nursery->threads[i]);
	default:
		return nx_handle_dup(nursery->event.handle, NX_RIGHTS_SAME, 0,
				     nursery->processes[i], &there);
	}
}

static bool birth_round(struct test *test, struct watcher *watcher,
			struct nursery *nursery)
{
	bool all = true;

	for (unsigned i = 0; i < BORN; i++) {
		nursery->jobs[i] = new_job(test, 64, 64, 4);
		nursery->threads[i].handle = NX_HANDLE_NONE;
		if (nursery->birth != BIRTH_PROCESS)
			all = all && bear(nursery, BIRTH_PROCESS, i) == NX_OK;
	}
	watcher->peer.page->words[RUN] = 1;
	for (unsigned i = 0; i < BORN; i++)
		all = all && bear(nursery, nursery->birth, i) == NX_OK;
	watcher->peer.page->words[RUN] = 0;
	for (unsigned i = 0; i < BORN; i++) {
		nx_task_kill(nursery->jobs[i].handle, 0);
		nx_handle_close(nursery->threads[i].handle);
		nx_handle_close(nursery->processes[i].handle);
		nx_handle_close(nursery->jobs[i].handle);
	}
	return all;
}

static void births(struct test *test, struct watcher *watcher, const char *name,
		   enum birth birth)
{
	struct nursery nursery = { .birth = birth, .event = new_event() };
	bool all = true;

	watch(watcher);
	watcher->peer.page->words[RUN] = 0;
	for (unsigned i = 0; i < ROUNDS && all; i++)
		all = birth_round(test, watcher, &nursery);
	check(test, all, "%s: all are born", name);
	tell(test, watcher, name);
	nx_handle_close(nursery.event.handle);
}

static void all(struct test *test)
{
	struct watcher watcher;

	if (!watcher_begin(test, &watcher))
		return;
	user(test, &watcher);
	memory(test, &watcher);
	copies(test, &watcher);
	far(test, &watcher);
	revoke(test, &watcher);
	kill(test, &watcher);
	crowd(test, &watcher, CROWD_CALLERS, "kernel.latency.recv_crowd");
	crowd(test, &watcher, CROWD_SENDERS, "kernel.latency.refill_crowd");
	crowd(test, &watcher, CROWD_RECEIVERS, "kernel.latency.send_crowd");
	births(test, &watcher, "kernel.latency.process_create", BIRTH_PROCESS);
	births(test, &watcher, "kernel.latency.thread_create", BIRTH_THREAD);
	births(test, &watcher, "kernel.latency.handle_table", BIRTH_HANDLE);
	watcher_end(test, &watcher);
}

const struct system_case system_cases[] = {
	{ "latency", all },
	{ NULL, NULL },
};
