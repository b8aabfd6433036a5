/* SPDX-License-Identifier: BSD-2-Clause
 * The kernel's memory is short by chance for a while, under running services:
 * calls fail, services may end. When it is over everything is served again
 * and nothing was lost.
 */
#include "support/refuse.h"
#include "support/sim_services.h"

#include "support/tap.h"

#include <inttypes.h>
#include <stdlib.h>

#define SEEDS 100
/* Steps between which allocations are refused. */
#define SHORT_FROM 2500
#define SHORT_TO 5000
#define SHORT_PERMILLE 20

static const char driver_plan[] =
	SIM_DRIVER_PLAN "grant service console read write\n";

static struct {
	bool now;
	uint64_t refused;
	uint64_t machines;
} shortage;

static bool refuses(void)
{
	if (!shortage.now || sim_random() % 1000 >= SHORT_PERMILLE)
		return false;
	shortage.refused++;
	return true;
}

static void set_shortage(void *context, uint64_t step)
{
	(void)context;
	shortage.now = step >= SHORT_FROM && step < SHORT_TO;
}

static void prepare(struct sim_options *options)
{
	options->on_step = set_shortage;
	shortage.now = false;
	shortage.machines++;
}

int main(int argc, char **argv)
{
	static const struct sim_services_test test = {
		.more = driver_plan,
		.seed_count = SEEDS,
		.prepare = prepare,
	};

	plan(2);
	ok(sim_services_hold(argc, argv, &test),
	   "services get over a time without memory");
	ok(shortage.refused >= shortage.machines,
	   "%" PRIu64 " allocations were refused", shortage.refused);
	return done();
}
