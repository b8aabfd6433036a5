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
#include <stdlib.h>

#define SEEDS 150
#define DEATHS_MAX 6
/* The driver has its counts by then. */
#define FIRST_DEATH 2500

static const char driver_plan[] = "service driver\n"
				  "program /binary/driver\n"
				  "id 7\n"
				  "quota 512 128 2\n"
				  "restart never\n"
				  "grant debug-line read write\n"
				  "grant system reset\n"
				  "grant service console write\n"
				  "grant service packagefsd read splice\n"
				  "grant service execd run\n";

struct deaths {
	uint64_t next; /* step */
	unsigned count;
};

static struct process *find_process(struct job *job, uint32_t service_id)
{
	struct list *node;

	LIST_FOR_EACH(node, &job->processes)
	{
		struct process *process =
			LIST_ENTRY(node, struct process, in_job);

		if (process->service_id == service_id &&
		    process->state == NX_PROCESS_RUNNING)
			return process;
	}
	LIST_FOR_EACH(node, &job->children)
	{
		struct job *child = LIST_ENTRY(node, struct job, siblings);
		struct process *found = find_process(child, service_id);

		if (found)
			return found;
	}
	return NULL;
}

/* console, packagefsd, execd or nxsh. */
static void kill_somebody(void *context, uint64_t step)
{
	struct deaths *deaths = context;
	struct process *victim;

	if (step < deaths->next || deaths->count == DEATHS_MAX)
		return;
	deaths->next = step + 200 + sim_random() % 1500;
	victim = find_process(root_job, 2 + (uint32_t)(sim_random() % 4));
	if (!victim)
		return;
	deaths->count++;
	process_end(victim, NX_PROCESS_KILLED, -9);
}

static unsigned run(const struct sim_package *package, uint64_t seed,
		    const struct sim_arguments *arguments,
		    struct sim_result *out_result)
{
	struct deaths deaths = { .next = FIRST_DEATH + seed * 37 % 2000 };
	struct sim_options options;

	sim_services_options(package, &options);
	options.seed = seed;
	options.preempt_permille = (uint32_t)(seed % 4 * 40);
	sim_harts(seed, &options);
	options.verbose = arguments->verbose;
	options.on_step = kill_somebody;
	options.context = &deaths;
	sim_run(&options, out_result);
	return deaths.count;
}

/* Each death of a service is reported by init. */
static unsigned reported(const char *console)
{
	unsigned count = 0;

	while (sim_console_says(&console, " was killed, code -9"))
		count++;
	return count;
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	struct sim_result result;
	uint64_t good = 0, deaths = 0;

	sim_parse(argc, argv, SEEDS, &arguments);
	plan(2);
	sim_pack_services(driver_plan, &package);
	for (uint64_t i = 0; i < arguments.seed_count; i++) {
		unsigned count =
			run(&package, arguments.seed + i, &arguments, &result);

		if (result.outcome != SIM_RESET || result.code != 0 ||
		    reported(result.console) != count) {
			diag("seed %" PRIu64 ": %s, code %u, %u of %u deaths "
			     "reported",
			     arguments.seed + i,
			     sim_outcome_name(result.outcome), result.code,
			     reported(result.console), count);
			fprintf(stderr, "%s\n", result.console);
			sim_replay(&arguments, arguments.seed + i);
			break;
		}
		deaths += count;
		good++;
	}
	is_u64(good, arguments.seed_count,
	       "services that die come back and nothing is lost");
	ok(deaths >= good, "%" PRIu64 " services died", deaths);
	sim_unpack(&package);
	sim_release();
	return done();
}
