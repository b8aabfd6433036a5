/* SPDX-License-Identifier: BSD-2-Clause
 * Services die at any instruction, again and again: init starts them again,
 * a client that goes on trying is served, and the machine's objects, handles
 * and mappings are in the end what they were before the first death.
 */
#include "support/sim_services.h"

#include "support/tap.h"

#include <inttypes.h>
#include <kernel/job.h>
#include <kernel/process.h>

#define SEEDS 150
#define DEATHS_MAX 6
/* The driver has its counts by then. */
#define FIRST_DEATH 2500

static const char driver_plan[] =
	SIM_DRIVER_PLAN "grant service console write\n";

static struct {
	uint64_t next; /* step */
	unsigned count;
	uint64_t all; /* of all machines */
	uint64_t machines;
} deaths;

static struct process *find_process(struct job *job, uint32_t service_id)
{
	LIST_FOR_EACH(struct process, process, &job->processes, in_job)
		if (process->service_id == service_id &&
		    process->state == NX_PROCESS_RUNNING)
			return process;
	LIST_FOR_EACH(struct job, child, &job->children, siblings) {
		struct process *found = find_process(child, service_id);

		if (found)
			return found;
	}
	return NULL;
}

/* console, packagefsd, execd or nxsh. */
static void kill_somebody(void *context, uint64_t step)
{
	struct process *victim;

	(void)context;
	if (step < deaths.next || deaths.count == DEATHS_MAX)
		return;
	deaths.next = step + 200 + sim_random() % 1500;
	victim = find_process(root_job, 2 + (uint32_t)(sim_random() % 4));
	if (!victim)
		return;
	deaths.count++;
	process_end(victim, NX_PROCESS_KILLED, -9);
}

static void prepare(struct sim_options *options)
{
	deaths.count = 0;
	deaths.next = FIRST_DEATH + options->seed * 37 % 2000;
	deaths.machines++;
	options->on_step = kill_somebody;
}

/* Each death of a service is reported by init. */
static bool judge(const struct sim_result *result, bool first)
{
	const char *console = result->console;
	unsigned reported = 0;

	(void)first;
	while (sim_console_says(&console, " was killed, code -9"))
		reported++;
	if (reported != deaths.count)
		diag("%u of %u deaths reported", reported, deaths.count);
	deaths.all += deaths.count;
	return reported == deaths.count;
}

int main(int argc, char **argv)
{
	static const struct sim_services_test test = {
		.more = driver_plan,
		.seed_count = SEEDS,
		.prepare = prepare,
		.judge = judge,
	};

	plan(2);
	ok(sim_services_hold(argc, argv, &test),
	   "services that die come back and nothing is lost");
	ok(deaths.all >= deaths.machines, "%" PRIu64 " services died",
	   deaths.all);
	return done();
}
