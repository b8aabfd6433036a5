/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made in steps: processes, threads, tables of handles. Whoever dies
 * between two of them leaves nothing; whoever makes while others want the
 * kernel all the time gets on. */
#include "use.h"

#define LIVES 24
#define HOGS 3
#define BORN 60

/* A process, a thread and a first handle in it; what cannot be made is not
 * there. */
static bool make_one(nx_job_t job, uint64_t service_id)
{
	nx_process_t process = { NX_HANDLE_NONE };
	nx_thread_t thread = { NX_HANDLE_NONE };
	nx_handle_t there;
	bool is_made =
		nx_process_create(job, (uint32_t)service_id, 0, 0, &process) ==
			NX_OK &&
		nx_handle_dup(process.handle, NX_RIGHTS_SAME, 0, process,
			      &there) == NX_OK &&
		nx_thread_create(process, (nx_budget_t){ NX_HANDLE_NONE },
				 &thread) == NX_OK;

	nx_task_kill(process.handle, 0);
	nx_handle_close(thread.handle);
	nx_handle_close(process.handle);
	return is_made;
}

static void makes(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_job_t own = { NX_HANDLE_NONE };

	(void)buffer;
	for (;;)
		page->words[0] += make_one(own, PEER_SERVICE);
}

static void dies_amid(struct test *test)
{
	nx_job_t job = new_job(test, 300, 200, 20);
	struct use_of_job before = job_use(job);
	uint64_t made = 0;
	unsigned left = 0;

	for (unsigned i = 0; i < LIVES; i++) {
		struct peer maker;

		if (!peer_process(test, &maker, job, makes))
			return;
		peer_start(&maker);
		sleep_ns(test, 20000 + i * 3371);
		nx_task_kill(maker.process.handle, 0);
		made += maker.page->words[0];
		peer_drop(test, &maker);
		left += !use_is_equal(job_use(job), before);
	}
	remark(test, "%u have been made", (unsigned)made);
	check(test, left == 0,
	      "%u makers die and nothing stays of what they had begun", LIVES);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
}

/* For another process, or a job, which dies. */
static void makes_there(struct peer_page *page,
			struct nx_message_buffer *buffer)
{
	const nx_budget_t own = { NX_HANDLE_NONE };
	const nx_process_t there = { page->handles[0] };
	const nx_job_t job = { page->handles[1] };
	nx_process_t process = { NX_HANDLE_NONE };
	nx_thread_t thread = { NX_HANDLE_NONE };
	nx_status_t status;

	(void)buffer;
	page->words[0] = 1;
	do {
		status = there.handle != NX_HANDLE_NONE
				 ? nx_thread_create(there, own, &thread)
				 : nx_process_create(job, PEER_SERVICE, 0, 0,
						     &process);
		nx_handle_close(thread.handle);
		nx_handle_close(process.handle);
	} while (status == NX_OK || status == NX_ERR_QUOTA_THREADS);
	page->words[1] = (uint64_t)-status;
	page->words[0] = 2;
	nx_exit(0, 0);
}

/* What was made for it is gone when its maker has been told. */
static bool dies_once(struct test *test, bool is_process, uint64_t after_ns)
{
	nx_job_t job = new_job(test, 100, 40, 30);
	nx_process_t there = { NX_HANDLE_NONE };
	struct use_of_job use;
	struct peer maker;
	bool is_told;

	if (is_process)
		nx_process_create(job, PEER_SERVICE, 0, 0, &there);
	if (!peer_thread(test, &maker, makes_there))
		return false;
	maker.page->handles[0] = there.handle;
	maker.page->handles[1] = job.handle;
	peer_start(&maker);
	peer_await(test, &maker, 0, 1);
	sleep_ns(test, after_ns);
	nx_task_kill(is_process ? there.handle : job.handle, 0);
	peer_await(test, &maker, 0, 2);
	is_told = maker.page->words[1] == (uint64_t)-NX_ERR_BAD_STATE;
	peer_drop(test, &maker);
	nx_handle_close(there.handle);
	use = job_use(job);
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	return is_told && use.pages + use.handles + use.threads == 0;
}

static void dies_there(struct test *test)
{
	unsigned left = 0;

	for (unsigned i = 0; i < LIVES; i++)
		left += !dies_once(test, true, i * 1731);
	check(test, left == 0,
	      "%u processes die while threads are made in them", LIVES);
	left = 0;
	for (unsigned i = 0; i < LIVES; i++)
		left += !dies_once(test, false, i * 1731);
	check(test, left == 0, "%u jobs die while processes are made in them",
	      LIVES);
}

static void wants(struct peer_page *page, struct nx_message_buffer *buffer)
{
	nx_handle_t other;

	(void)buffer;
	while (page->words[0] == 0)
		if (nx_handle_dup(page->handles[0], NX_RIGHTS_SAME, 0,
				  (nx_process_t){ NX_HANDLE_NONE },
				  &other) == NX_OK)
			nx_handle_close(other);
	page->words[1] = 1;
	nx_exit(0, 0);
}

static void wanted_by_all(struct test *test)
{
	nx_event_t event = new_event();
	struct peer hogs[HOGS];
	unsigned made = 0;

	for (unsigned i = 0; i < HOGS; i++) {
		if (!peer_thread(test, &hogs[i], wants))
			return;
		hogs[i].page->handles[0] = event.handle;
		peer_start(&hogs[i]);
	}
	for (unsigned i = 0; i < BORN; i++) {
		nx_job_t job = new_job(test, 64, 64, 4);

		made += make_one(job, test->service_id);
		nx_task_kill(job.handle, 0);
		nx_handle_close(job.handle);
	}
	check(test, made == BORN,
	      "%u jobs get what they need while all want the kernel", BORN);
	for (unsigned i = 0; i < HOGS; i++) {
		hogs[i].page->words[0] = 1;
		peer_await(test, &hogs[i], 1, 1);
		peer_drop(test, &hogs[i]);
	}
	nx_handle_close(event.handle);
}

const struct system_case system_cases[] = {
	{ "dies amid", dies_amid },
	{ "dies there", dies_there },
	{ "wanted by all", wanted_by_all },
	{ NULL, NULL },
};
