/* SPDX-License-Identifier: BSD-2-Clause */
/* A call that is stopped is made again by the program's own instruction, and
 * by then another one may stand there. So each call that can be stopped is
 * begun here, and each call there is made in its place: nothing of the first
 * may go over to the second, and nothing of it may be left. */
#include "system/calls.h"
#include "system/use.h"

#include <kernel/arch.h>
#include <kernel/arguments.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>

#include <string.h>

#define PAGE NX_PAGE_SIZE
#define PAGES UINT64_C(20)
#define PROCESSES 40 /* more than a step of job_next */
#define BEGUN_MAX 16

/* What a thread makes in place of a call that is stopped. */
static struct {
	const struct thread *thread; /* NULL: nobody does */
	uint64_t number;
	struct nx_registers registers;
	bool is_made;
} instead;

/* A thread that is asked to stop whenever the kernel looks. */
static struct {
	const struct thread *thread;
	unsigned times;	    /* it was to make its call again */
	struct job *killed; /* or NULL: meanwhile */
} pestered;

bool __real_arch_interrupt_pending(void);
bool __wrap_arch_interrupt_pending(void);
void __real_kernel_syscall(void);
void __wrap_kernel_syscall(void);

static bool is_armed(void)
{
	return instead.thread != NULL && instead.thread == current_thread() &&
	       !instead.is_made;
}

bool __wrap_arch_interrupt_pending(void)
{
	return is_armed() ||
	       (pestered.thread != NULL &&
		pestered.thread == current_thread()) ||
	       __real_arch_interrupt_pending();
}

void __wrap_kernel_syscall(void)
{
	struct thread *thread = current_thread();

	__real_kernel_syscall();
	if (pestered.thread == thread && thread->frame.arch.again) {
		pestered.times++;
		if (pestered.killed != NULL)
			job_kill(pestered.killed, 0);
	}
	if (!is_armed() || !thread->frame.arch.again)
		return;
	thread->frame.call = instead.number;
	thread->frame.registers = instead.registers;
	instead.is_made = true;
}

struct made {
	const char *name;
	uint64_t number;
	struct nx_registers registers;
};

/* Begin one call and make the other one, or finish the first if that is not
 * stopped. The registers are the answer's then. */
static nx_status_t make_instead(struct made begun, struct made *made)
{
	nx_status_t status;

	instead.number = made->number;
	instead.registers = made->registers;
	instead.is_made = false;
	instead.thread = current_thread();
	status = nx_trap(begun.number, &begun.registers);
	instead.thread = NULL;
	made->registers = begun.registers;
	return status;
}

/* What the calls that are begun are about. */
struct things {
	struct fixture fixture;
	nx_vmo_t vmo;	 /* PAGES, half of them given back */
	nx_handle_t few; /* of it: few rights; and two made of that */
	nx_vmo_t shared; /* with that */
	nx_job_t killed;
	nx_process_t process; /* of that */
};

static bool things_make(struct test *test, struct things *things)
{
	memset(things, 0, sizeof(*things));
	if (!fixture_make(test, &things->fixture))
		return false;
	/* What is printed is text. */
	memset((void *)(uintptr_t)things->fixture.page, '#', 63);
	memset((void *)(uintptr_t)(things->fixture.page + 63), '\n', 1);
	things->vmo = new_vmo(PAGES * PAGE);
	nx_vmo_write(things->vmo, 0, (void *)(uintptr_t)things->fixture.page,
		     64);
	nx_vmo_decommit(things->vmo, PAGES / 2 * PAGE, PAGES / 2 * PAGE);
	things->few = dup_of(things->vmo.handle,
			     NX_RIGHT_WRITE | NX_RIGHT_SEAL | NX_RIGHT_DUP);
	dup_of(things->few, NX_RIGHTS_SAME);
	dup_of(things->few, NX_RIGHTS_SAME);
	nx_vmo_snapshot(things->vmo, 0, PAGES * PAGE, &things->shared);
	things->killed = new_job(test, 40, 10, 1);
	nx_process_create(things->killed, test->service_id, 0, 0,
			  &things->process);
	return true;
}

static void things_drop(struct things *things)
{
	nx_handle_revoke(things->vmo.handle);
	nx_handle_close(things->vmo.handle);
	nx_handle_close(things->shared.handle);
	nx_task_kill(things->killed.handle, 0);
	nx_handle_close(things->killed.handle);
	nx_handle_close(things->process.handle);
	fixture_drop(&things->fixture);
}

/* Each call that can be stopped, long enough for that. */
static unsigned begun_calls(const struct things *t, nx_job_t many,
			    struct made *rows)
{
	const uint64_t half = PAGES / 2 * PAGE;
	const struct made all[] = {
		{ "vmo_create", NX_SYS_vmo_create, { { 0, PAGES * PAGE } } },
		{ "vmo_contiguous",
		  NX_SYS_vmo_ctl,
		  { { 0, NX_OP_vmo_contiguous, PAGES * PAGE } } },
		{ "vmo_snapshot",
		  NX_SYS_vmo_ctl,
		  { { t->vmo.handle, NX_OP_vmo_snapshot, 0, PAGES * PAGE } } },
		{ "vmo_resize",
		  NX_SYS_vmo_ctl,
		  { { t->few, NX_OP_vmo_resize, 2 * PAGES * PAGE } } },
		{ "vmo_commit",
		  NX_SYS_vmo_ctl,
		  { { t->few, NX_OP_vmo_commit, half, half } } },
		{ "vmo_decommit",
		  NX_SYS_vmo_ctl,
		  { { t->few, NX_OP_vmo_decommit, 0, half } } },
		{ "vmo_read",
		  NX_SYS_vmo_ctl,
		  { { t->vmo.handle, NX_OP_vmo_read, 0, t->fixture.page,
		      PAGE } } },
		{ "vmo_write",
		  NX_SYS_vmo_ctl,
		  { { t->few, NX_OP_vmo_write, 0, t->fixture.page, PAGE } } },
		{ "map",
		  NX_SYS_map,
		  { { 0, t->shared.handle, 0, half, NX_MAP_READ } } },
		{ "handle_revoke", NX_SYS_handle_revoke, { { t->few } } },
		{ "task_kill", NX_SYS_task_kill, { { t->killed.handle } } },
		{ "job_next",
		  NX_SYS_job_ctl,
		  { { many.handle, NX_OP_job_next, 0 } } },
		{ "process_create",
		  NX_SYS_process_create,
		  { { t->killed.handle, PEER_SERVICE } } },
		{ "thread_create",
		  NX_SYS_thread_create,
		  { { t->process.handle } } },
		{ "handle_dup",
		  NX_SYS_handle_dup,
		  { { t->vmo.handle, NX_RIGHTS_SAME, 0, t->process.handle } } },
	};

	memcpy(rows, all, sizeof(all));
	return ARRAY_COUNT(all);
}

/* A job that is long to walk through: one process has the others. */
static nx_job_t new_long_job(const struct test *test, nx_process_t *first)
{
	nx_job_t job = new_job(test, 400, 100, 1);
	nx_process_t process = { 0 };
	nx_handle_t there;

	nx_process_create(job, test->service_id, 0, 0, first);
	for (unsigned i = 1; i < PROCESSES; i++) {
		nx_process_create(job, test->service_id, 0, 0, &process);
		nx_handle_dup(process.handle, NX_RIGHTS_SAME, 0, *first,
			      &there);
		nx_handle_close(process.handle);
	}
	return job;
}

static void drop_long_job(nx_job_t job, nx_process_t first)
{
	nx_task_kill(job.handle, 0);
	nx_handle_close(first.handle);
	nx_handle_close(job.handle);
}

static struct made call_of(const struct fixture *fixture,
			   const struct call_row *row)
{
	struct made made = { .name = row->name, .number = row->number };

	fixture_registers(fixture, row, &made.registers);
	if (row->number == NX_SYS_handle_dup)
		made.registers.a[3] = NX_HANDLE_NONE;
	if (row->number == NX_SYS_filter_install)
		nx_filter_init((void *)(uintptr_t)fixture->page);
	return made;
}

/* Of what the second call has made, or the first if it could not be
 * stopped. */
static void undo(struct test *test, const struct made *made, nx_status_t status)
{
	const uint64_t *a = made->registers.a;

	if (status != NX_OK)
		return;
	if (made->number == NX_SYS_trace_ctl)
		nx_trace_stop(test->trace);
	if (made->number == NX_SYS_map || made->number == NX_SYS_mmio_ctl)
		unmap_here(a[0], PAGE);
	if (made->number == NX_SYS_map)
		unmap_here(a[0], PAGES / 2 * PAGE);
	nx_task_kill((nx_handle_t)a[0], 0);
	nx_handle_close((nx_handle_t)a[0]);
}

/* Some would not come back, or end the machine. */
static bool comes_back(const struct call_row *row)
{
	return row->number != NX_SYS_exit &&
	       !names_equal(row->name, "job_reset") &&
	       !names_equal(row->name, "job_set_shares");
}

/* False: the first one cannot be stopped. */
static bool pair(struct test *test, nx_job_t many, unsigned i,
		 const struct call_row *row)
{
	struct made begun[BEGUN_MAX], made;
	struct things things;
	nx_status_t status;

	if (!things_make(test, &things))
		return false;
	begun_calls(&things, many, begun);
	made = call_of(&things.fixture, row);
	status = make_instead(begun[i], &made);
	if (!instead.is_made)
		made.number = begun[i].number;
	undo(test, &made, status);
	things_drop(&things);
	return instead.is_made;
}

static const uint32_t counted[] = { NX_COUNTER_PAGES_FREE, NX_COUNTER_HANDLES,
				    NX_COUNTER_OBJECTS, NX_COUNTER_MAPPINGS };

static bool is_as_before(const struct test *test, uint64_t *before)
{
	bool all = true;

	for (unsigned i = 0; i < ARRAY_COUNT(counted); i++) {
		uint64_t now = machine_counter(test, counted[i]);

		all = all && before[i] == now;
		before[i] = now;
	}
	return all;
}

static void each_in_place_of_each(struct test *test)
{
	nx_process_t first;
	uint64_t before[ARRAY_COUNT(counted)];
	nx_job_t many = new_long_job(test, &first);
	struct made begun[BEGUN_MAX];
	struct things things = { .few = 0 };
	unsigned count = begun_calls(&things, many, begun);

	/* What a process keeps for good is made now. */
	pair(test, many, 0, &call_rows[0]);
	is_as_before(test, before);
	for (unsigned i = 0; i < count; i++) {
		unsigned made = 0, wanted = 0;
		bool all = true;

		for (unsigned k = 0; k < call_row_count; k++) {
			if (!comes_back(&call_rows[k]))
				continue;
			wanted++;
			made += pair(test, many, i, &call_rows[k]);
			if (is_as_before(test, before))
				continue;
			all = false;
			remark(test, "%s in place of %s", call_rows[k].name,
			       begun[i].name);
		}
		check(test, all && made == wanted,
		      "%s leaves nothing when another call takes its place",
		      begun[i].name);
	}
	drop_long_job(many, first);
}

/* Whatever a call has done is kept, or it would begin anew for ever. */
static void gets_on(struct test *test)
{
	struct made begun[BEGUN_MAX];
	nx_process_t first;
	nx_job_t many = new_long_job(test, &first);
	struct things things = { .few = 0 };
	unsigned count = begun_calls(&things, many, begun);

	for (unsigned i = 0; i < count; i++) {
		uint64_t first_argument;
		nx_status_t status;

		things_make(test, &things);
		begun_calls(&things, many, begun);
		first_argument = begun[i].registers.a[0];
		pestered.times = 0;
		pestered.thread = current_thread();
		status = nx_trap(begun[i].number, &begun[i].registers);
		pestered.thread = NULL;
		check(test, status == NX_OK && pestered.times > 0,
		      "%s gets on when it is stopped at each step: %u times",
		      begun[i].name, pestered.times);
		/* It is a handle, or a mapping, of this process. */
		if (begun[i].registers.a[0] != first_argument &&
		    begun[i].number != NX_SYS_handle_dup)
			undo(test, &begun[i], status);
		things_drop(&things);
	}
	drop_long_job(many, first);
}

/* What is made for a job that is killed meanwhile does not come into it. */
static void killed_meanwhile(struct test *test)
{
	struct made begun[BEGUN_MAX];
	struct things things;
	const nx_job_t none = { 0 };

	for (unsigned i = 0; i < BEGUN_MAX; i++) {
		nx_status_t status;

		things_make(test, &things);
		if (i >= begun_calls(&things, none, begun) ||
		    (begun[i].number != NX_SYS_process_create &&
		     begun[i].number != NX_SYS_thread_create)) {
			things_drop(&things);
			continue;
		}
		argument_object(things.killed.handle, NX_KIND_JOB, 0,
				&pestered.killed);
		pestered.times = 0;
		pestered.thread = current_thread();
		status = nx_trap(begun[i].number, &begun[i].registers);
		pestered.thread = NULL;
		pestered.killed = NULL;
		check(test, status == NX_ERR_BAD_STATE && pestered.times > 0,
		      "%s for a job that is killed meanwhile is refused",
		      begun[i].name);
		things_drop(&things);
	}
}

/* Whoever grows a VMO may not have all rights to it. */
static void rights(struct test *test)
{
	struct things things;
	struct made begun[BEGUN_MAX];
	struct made made = { .number = NX_SYS_vmo_create,
			     .registers = { { 0, 64 } } };
	const nx_job_t none = { 0 };

	things_make(test, &things);
	begun_calls(&things, none, begun);
	for (unsigned i = 0; i < 5; i++) {
		struct made again = made;

		check(test,
		      make_instead(begun[i], &again) == NX_OK &&
			      instead.is_made &&
			      facts_of((nx_handle_t)again.registers.a[0])
					      .value == PAGE,
		      "vmo_create in place of %s makes a VMO of its own",
		      begun[i].name);
		nx_handle_close((nx_handle_t)again.registers.a[0]);
	}
	things_drop(&things);
}

static void walks(struct test *test)
{
	nx_process_t first;
	nx_job_t many = new_long_job(test, &first);
	nx_job_t few = new_job(test, 20, 10, 1);
	struct made begun = { .number = NX_SYS_job_ctl,
			      .registers = {
				      { many.handle, NX_OP_job_next } } };
	struct made made = begun;

	made.registers.a[0] = few.handle;
	check_status(test, make_instead(begun, &made), NX_ERR_NOT_FOUND,
		     "a walk through one job finds nothing of another");
	made = begun;
	made.registers.a[0] = many.handle;
	check(test,
	      make_instead(begun, &made) == NX_OK &&
		      made.registers.a[1] == facts_of(many.handle).id,
	      "the same call goes on with it");
	drop_long_job(many, first);
	nx_task_kill(few.handle, 0);
	nx_handle_close(few.handle);
}

static void sizes(struct test *test)
{
	nx_vmo_t vmo = new_vmo(PAGE);
	struct made begun = {
		.number = NX_SYS_vmo_ctl,
		.registers = { { vmo.handle, NX_OP_vmo_resize, PAGES * PAGE } },
	};
	struct made made = begun;
	uint64_t before;

	made.registers.a[2] = 40 * PAGES * PAGE;
	check_status(test, make_instead(begun, &made), NX_OK,
		     "a VMO gets another size than was begun with");
	check(test,
	      instead.is_made &&
		      facts_of(vmo.handle).value == 40 * PAGES * PAGE,
	      "all of it");
	before = job_use(test->job).pages;
	begun.registers.a[2] = 80 * PAGES * PAGE;
	made = (struct made){ .number = NX_SYS_yield };
	make_instead(begun, &made);
	check(test, instead.is_made && job_use(test->job).pages == before,
	      "what a growth had reserved comes back when it is given up");
	begun.registers.a[1] = NX_OP_vmo_decommit;
	begun.registers.a[2] = 0;
	begun.registers.a[3] = 9 * PAGE;
	nx_trap(begun.number, &begun.registers);
	before = job_use(test->job).pages;
	begun.registers = (struct nx_registers){ { vmo.handle, NX_OP_vmo_commit,
						   0, 9 * PAGE } };
	make_instead(begun, &made);
	check(test, instead.is_made && job_use(test->job).pages < before + 9,
	      "so does that of a commit");
	nx_handle_close(vmo.handle);
}

/* Only what was admitted passes. */
static void filtered(struct peer_page *page, struct nx_message_buffer *buffer)
{
	struct nx_filter_rules *rules = (void *)buffer->send_frame;
	struct made begun = { .number = NX_SYS_vmo_create,
			      .registers = { { 0, PAGES * PAGE } } };
	struct made made = { .number = NX_SYS_event_create };

	nx_filter_init(rules);
	nx_filter_forbid(rules, NX_SYS_event_create);
	nx_filter_install(NX_HANDLE_NONE, rules);
	page->words[1] = (uint64_t)-make_instead(begun, &made);
	made = begun;
	page->words[2] = (uint64_t)-make_instead(begun, &made);
	nx_handle_close((nx_handle_t)made.registers.a[0]);
	page->words[0] = 1;
	nx_exit(0, 0);
}

static void filters(struct test *test)
{
	struct peer peer;

	if (!peer_thread(test, &peer, filtered))
		return;
	peer_start(&peer);
	peer_wait(test, &peer);
	check(test, peer.page->words[1] == (uint64_t)-NX_ERR_FILTERED,
	      "what a filter forbids is not made in place of what it admits");
	check(test, peer.page->words[2] == NX_OK && peer.page->words[0] == 1,
	      "what it admitted goes on");
	peer_drop(test, &peer);
}

const struct system_case system_cases[] = {
	{ "each in place of each", each_in_place_of_each },
	{ "gets on", gets_on },
	{ "killed meanwhile", killed_meanwhile },
	{ "rights", rights },
	{ "walks", walks },
	{ "sizes", sizes },
	{ "filters", filters },
	{ NULL, NULL }
};
