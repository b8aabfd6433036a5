/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is put aside by somebody more urgent: in its place beside the queues,
 * and whenever that has to be given up. Every thread may look at harts[0]. */
#include "scenario.h"

#include <kernel/budget.h>

#define SEEDS 200

/* What the threads of a test have and tell. */
static struct {
	nx_event_t urgent, other; /* waited for by those threads */
	nx_thread_t victim;
	nx_budget_t budget; /* the victim's */
	const struct thread *victim_thread;
	char order[16]; /* who ran, letter by letter */
	unsigned order_count;
	bool was_aside; /* the victim, when the urgent one began */
	bool is_aside;	/* and after what that did */
	bool is_over;
} seen;

static void mark(char who)
{
	if (seen.order_count < sizeof(seen.order) - 1)
		seen.order[seen.order_count++] = who;
}

static bool is_aside(void)
{
	return harts[0].aside == seen.victim_thread;
}

/* Signals the urgent one, and has its turn back when that rests. */
static void victim(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	(void)buffer;
	seen.victim_thread = current_thread();
	mark('v');
	nx_signal(seen.urgent, 1);
	mark('V');
	seen.is_over = true;
	nx_exit(0, 0);
}

static void other(uint64_t argument, uint64_t buffer)
{
	uint64_t bits;

	(void)argument;
	(void)buffer;
	nx_wait(seen.other, 1, NX_DEADLINE_NEVER, &bits);
	mark('o');
	nx_exit(0, 0);
}

static void urgent(uint64_t act, uint64_t buffer)
{
	void (*const body)(void) = (void (*)(void))(uintptr_t)act;
	uint64_t bits;

	(void)buffer;
	nx_wait(seen.urgent, 1, NX_DEADLINE_NEVER, &bits);
	mark('u');
	seen.was_aside = is_aside();
	body();
	seen.is_aside = is_aside();
	mark('U');
	nx_exit(0, 0);
}

/* The first thread rests meanwhile: it is of the victim's class. */
static void play(void (*act)(void))
{
	nx_budget_t above = new_budget(NX_QOS_INTERACTIVE);
	nx_thread_t threads[2];

	memset(&seen, 0, sizeof(seen));
	seen.urgent = new_event();
	seen.other = new_event();
	seen.budget = new_budget(NX_QOS_NORMAL);
	start_on(above, urgent, (uintptr_t)act, &threads[0]);
	start_on(own_budget, other, 0, &threads[1]);
	pause_ns(30 * MS);
	start_on(seen.budget, victim, 0, &seen.victim);
	pause_ns(200 * MS);
	nx_signal(seen.other, 1);
	pause_ns(30 * MS);
	nx_handle_close(threads[0].handle);
	nx_handle_close(threads[1].handle);
	nx_handle_close(seen.victim.handle);
	nx_handle_close(above.handle);
	nx_handle_close(seen.budget.handle);
	nx_handle_close(seen.urgent.handle);
	nx_handle_close(seen.other.handle);
}

/* Did they run in this order? */
static bool ran(const char *order)
{
	return strcmp(seen.order, order) == 0;
}

/* Whether a turn ended in between is up to the seed; mostly none has. */
static unsigned aside_count;

static void act_nothing(void)
{
}

static void test_nothing(void)
{
	play(act_nothing);
	aside_count += seen.was_aside;
	truth(ran("vuUVo"), "who was put aside goes on when the other rests");
}

static void act_wake(void)
{
	nx_signal(seen.other, 1);
}

static void test_wake(void)
{
	play(act_wake);
	truth(!seen.is_aside, "somebody wakes: it is in its queue");
	truth(ran("vuUVo") || ran("vuUoV"),
	      "and both run behind who is more urgent");
}

static void act_kill(void)
{
	nx_task_kill(seen.victim.handle, 0);
}

static void test_kill(void)
{
	play(act_kill);
	truth(!seen.is_aside && !seen.is_over && ran("vuUo"),
	      "one that is killed in its place does not go on");
}

static void act_affinity(void)
{
	nx_thread_affinity(seen.victim, 1);
}

static void test_affinity(void)
{
	play(act_affinity);
	truth(ran("vuUVo"), "where it may run is changed, and it goes on");
}

static void act_raise(void)
{
	nx_budget_set(seen.budget, NX_QOS_NORMAL, NX_QOS_NORMAL, 300);
}

static void test_budget(void)
{
	play(act_raise);
	truth(!seen.is_aside, "its budget is changed: all turns begin anew");
	truth(ran("vuUVo"), "and it goes on later");
}

static void act_spin(void)
{
	uint64_t end_ns = time_now_ns() + 60 * MS;

	while (time_now_ns() < end_ns)
		nx_yield();
}

static void test_slice(void)
{
	play(act_spin);
	truth(!seen.is_aside, "who goes before it has no more than a slice");
	truth(ran("vuUVo"), "but the next one too, if it is more urgent");
}

static void act_limit(void)
{
	nx_budget_limit(seen.budget, 10 * MS, 20 * MS);
}

/* The last one: from here on nobody is put aside. */
static void test_limit(void)
{
	play(act_limit);
	truth(!seen.is_aside && harts[0].no_aside,
	      "a limit: it is where limits are looked at");
	truth(ran("vuUVo"), "and goes on later");
	play(act_nothing);
	truth(!seen.was_aside && ran("vuUVo"), "nobody is put aside then");
}

/* Three of three classes: idle, normal, and the urgent one. */
static void chain_middle(uint64_t argument, uint64_t buffer)
{
	uint64_t bits;

	(void)argument;
	(void)buffer;
	nx_wait(seen.other, 1, NX_DEADLINE_NEVER, &bits);
	mark('m');
	seen.victim_thread = current_thread();
	nx_signal(seen.urgent, 1);
	mark('M');
	nx_exit(0, 0);
}

static void chain_low(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	(void)buffer;
	mark('l');
	nx_signal(seen.other, 1);
	mark('L');
	nx_exit(0, 0);
}

static void test_chain(void)
{
	nx_budget_t above = new_budget(NX_QOS_INTERACTIVE);
	nx_budget_t below = new_budget(NX_QOS_IDLE);
	nx_thread_t threads[3];

	memset(&seen, 0, sizeof(seen));
	seen.urgent = new_event();
	seen.other = new_event();
	start_on(above, urgent, (uintptr_t)act_nothing, &threads[0]);
	start_on(own_budget, chain_middle, 0, &threads[1]);
	pause_ns(30 * MS);
	start_on(below, chain_low, 0, &threads[2]);
	pause_ns(300 * MS);
	truth(ran("lmuUML"), "of two put aside the more urgent goes on first");
	for (unsigned i = 0; i < 3; i++)
		nx_handle_close(threads[i].handle);
	nx_handle_close(above.handle);
	nx_handle_close(below.handle);
	nx_handle_close(seen.urgent.handle);
	nx_handle_close(seen.other.handle);
}

static void scenario(uint64_t argument, uint64_t buffer)
{
	(void)argument;
	(void)buffer;
	run(test_nothing, "being put aside leaves nothing behind");
	run(test_wake, "a wake leaves nothing behind");
	run(test_kill, "a death leaves nothing behind");
	run(test_affinity, "affinity leaves nothing behind");
	run(test_budget, "another share leaves nothing behind");
	run(test_slice, "slices leave nothing behind");
	run(test_chain, "three classes leave nothing behind");
	run(test_limit, "a limit leaves nothing behind");
	nx_job_reset(root, NX_RESET_SHUTDOWN, 0);
}

int main(int argc, char **argv)
{
	scenario_run(SEEDS, argc, argv);
	ok(aside_count > 0 && (argc > 1 || aside_count > SEEDS / 2),
	   "mostly it has waited beside the queues");
	diag("%u of %u", aside_count, SEEDS);
	return done();
}
