/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel beside its specification. Each seed is a machine; in it some
 * thousand calls from chance are made by both, and behind each one every
 * answer and everything that can be seen must be the same. Now and then all
 * is ended, and nothing may be left. */
#include "drive.h"
#include "support/sim.h"
#include "support/tap.h"

#include <kernel/budget.h>
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/mmio.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/thread.h>

#include <stdlib.h>
#include <string.h>

#define SEEDS 100	 /* 10^6 calls */
#define SEEDS_LONG 10000 /* 10^8 */
#define STEPS_PER_SEED 10000
#define STEPS_PER_EPISODE 2000
#define TURNS_MAX 20

static struct {
	bool verbose;
	uint64_t seed;
	uint64_t steps;
	uint64_t by_status[128];
	uint64_t free_pages;
	bool failed;
} run;

static void adopt(struct model_object *object, void *kernel)
{
	object->kernel = kernel;
	object->id = ((struct object *)kernel)->id;
}

/* What of the first process's handles is left. */
static const struct {
	uint32_t kind;
	unsigned kept;
	size_t size_bytes;
} left_over[] = {
	{ NX_KIND_JOB, KEPT_ROOT, 0 },
	{ NX_KIND_MMIO, KEPT_MMIO, sizeof(struct model_mmio) },
	{ NX_KIND_IRQ, KEPT_IRQ, sizeof(struct model_irq) },
	{ NX_KIND_DMA, KEPT_DMA, sizeof(struct model_dma) },
};

#define LEFT_COUNT (sizeof(left_over) / sizeof(left_over[0]))

static void close_others(struct process *process)
{
	for (uint32_t place = 0; place < HANDLE_PAGES_MAX; place++)
		for (uint32_t i = 0; i < HANDLES_PER_PAGE; i++) {
			struct handle *handle =
				&process->handles.pages[place][i];
			unsigned k = 0;

			if (handle->object == NULL)
				continue;
			while (k < LEFT_COUNT &&
			       left_over[k].kind != handle->link.kind)
				k++;
			if (k < LEFT_COUNT)
				random_kept[left_over[k].kept] =
					handle->link.number;
			else
				handle_close(handle, false);
		}
}

/* The model is told of the handles that are left. */
static void adopt_handles(struct process *process, struct model_process *own)
{
	for (unsigned k = 0; k < LEFT_COUNT; k++) {
		nx_handle_t number = random_kept[left_over[k].kept];
		struct model_object *object = &model.root->object;
		struct model_node *node;
		struct handle *handle;

		if (handle_find(&process->handles, number, left_over[k].kind, 0,
				&handle) != NX_OK)
			abort();
		if (left_over[k].size_bytes > 0) {
			object = model_create(left_over[k].kind,
					      left_over[k].size_bytes,
					      model.root);
			adopt(object, handle->object);
		}
		if (left_over[k].kind == NX_KIND_MMIO) {
			struct model_mmio *first = (struct model_mmio *)object;

			first->is_first = true;
			first->memory.size_bytes =
				((struct mmio *)handle->object)
					->memory.size_bytes;
			first->memory.content_bytes = first->memory.size_bytes;
			first->memory.root = &first->memory;
			model.devices_end = first->memory.size_bytes;
		}
		node = model_install(own, object,
				     model_rights_of(left_over[k].kind), 0,
				     NULL);
		node->number = number;
		if (left_over[k].size_bytes > 0)
			model_unref(object);
	}
}

/* Of the first process only the job, and what all devices are made of, is
 * left; then the model is told of it. */
static void take_over(struct thread *kernel)
{
	struct process *process = kernel->process;
	struct model_process *own;

	close_others(process);
	model_reset();
	model.denied_count = counters[NX_COUNTER_DENIED];
	model.root = model_create(NX_KIND_JOB, sizeof(*model.root), NULL);
	adopt(&model.root->object, root_job);
	model.root->max[MODEL_HANDLES] = root_job->quotas[JOB_HANDLES].max;
	model.root->used[MODEL_HANDLES] = root_job->quotas[JOB_HANDLES].used;
	model.root->max[MODEL_THREADS] = root_job->quotas[JOB_THREADS].max;
	model.root->used[MODEL_THREADS] = root_job->quotas[JOB_THREADS].used;
	model.root->max[MODEL_SHARES] = root_job->quotas[JOB_SHARES].max;
	model.root->used[MODEL_SHARES] = root_job->quotas[JOB_SHARES].used;
	own = model_create(NX_KIND_PROCESS, sizeof(*own), model.root);
	adopt(&own->object, process);
	own->state = NX_PROCESS_RUNNING;
	own->service_id = process->service_id;
	own->started_count = 1;
	random_first =
		model_create(NX_KIND_THREAD, sizeof(*random_first), model.root);
	adopt(&random_first->object, kernel);
	random_first->state = MODEL_RUNNABLE;
	random_first->started = true;
	random_first->process = own;
	random_first->got_fill = -1;
	random_first->budget = model_create(
		NX_KIND_BUDGET, sizeof(*random_first->budget), model.root);
	adopt(&random_first->budget->object, kernel->budget);
	random_first->budget->qos_class = kernel->budget->qos_class;
	random_first->budget->ceiling = kernel->budget->ceiling;
	random_first->budget->share = kernel->budget->share;
	random_first->budget->thread_count = 1;
	adopt_handles(process, own);
	for (unsigned i = 0; i < MODEL_SLOTS_MAX; i++)
		own->generations[i] = 0;
	model.self = random_first;
	compare_start();
}

static void put_buffer(const struct model_thread *self)
{
	struct thread *kernel = self->object.kernel;
	struct nx_message_buffer *buffer = kernel->buffer;
	unsigned bytes = nx_header_bytes(self->in.a[1]);

	memcpy(buffer->send_caps, self->send_caps, sizeof(self->send_caps));
	buffer->deadline_ns = self->deadline_ns;
	buffer->recv_bytes_max = self->bytes_max;
	buffer->recv_caps_max = self->caps_max;
	for (unsigned i = 0; i < bytes && i < NX_MESSAGE_FRAME_MAX; i++)
		buffer->send_frame[i] = (uint8_t)(self->fill + i);
	buffer->send_frame[0] = self->fill;
	if (self->call == NX_SYS_filter_install)
		memcpy(buffer->send_frame, &model_rules, sizeof(model_rules));
}

static void say(const struct model_thread *self, nx_status_t status)
{
	printf("# step %llu thread %llu %s %llx %llx %llx %llx: %d\n",
	       (unsigned long long)run.steps,
	       (unsigned long long)self->object.id,
	       nx_call_name((uint32_t)self->call),
	       (unsigned long long)self->in.a[0],
	       (unsigned long long)self->in.a[1],
	       (unsigned long long)self->in.a[2],
	       (unsigned long long)self->in.a[3], status);
}

/* What a call leaves to do is done before anybody else has a turn. */
static void finish(struct thread *kernel)
{
	while (!steps_run(&kernel->steps) || !steps_run(&this_hart()->steps))
		continue;
}

/* A call that chance stops is made again. The model knows no time, so no timer
 * fires. */
static void answer(struct thread *kernel)
{
	do {
		arch_timer_set(UINT64_MAX);
		kernel->frame.arch.again = false;
		kernel_syscall();
		finish(kernel);
	} while (kernel->frame.arch.again);
}

/* The call in model.self, by the kernel and then by the model. */
static bool both(void)
{
	struct model_thread *self = model.self;
	struct thread *kernel = self->object.kernel;
	struct thread *next;
	nx_status_t status;
	bool equal;

	put_buffer(self);
	kernel->frame.registers = self->in;
	kernel->frame.call = self->call;
	object_ref(&kernel->object);
	answer(kernel);
	model.told = kernel->state == THREAD_RUNNING
			     ? (nx_status_t)kernel->frame.call
			     : NX_OK;
	model.made = NULL;
	model.made_object = NULL;
	model_ref(self);
	status = model_do();
	if (status <= NX_OK) {
		self->answered = true;
		self->status = status;
		run.by_status[-status]++;
	}
	if (run.verbose)
		say(self, status);
	run.steps++;
	equal = compare_answers();
	model_unref(self);
	next = kernel_schedule();
	object_unref(&kernel->object);
	finish(next);
	equal = equal && compare_state();
	if (!equal && !run.verbose)
		say(self, status);
	model_sweep();
	model.self = NULL;
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->kernel == next)
			model.self = (struct model_thread *)o;
	return equal && model.self && model.self->state == MODEL_RUNNABLE;
}

/* A call of the first thread, whoever is next. */
static bool ask(uint64_t call, uint64_t a0, uint64_t a1, uint64_t a2,
		uint64_t a3, uint64_t a4)
{
	for (unsigned turns = 0; model.self != random_first; turns++) {
		struct model_thread *self = model.self;

		self->call = NX_SYS_yield;
		self->in = (struct nx_registers){ { 0 } };
		/* Who is more urgent, or may not yield, goes for good. */
		if (turns >= TURNS_MAX) {
			self->call = NX_SYS_exit;
			self->in.a[1] = 1;
		}
		if (!both())
			return false;
	}
	random_first->call = call;
	random_first->in = (struct nx_registers){ { a0, a1, a2, a3, a4 } };
	return both();
}

static nx_handle_t any_handle(void)
{
	for (unsigned i = 0; i < model.node_high; i++) {
		const struct model_node *node = &model.nodes[i];
		unsigned k = 0;

		if (node->type != NODE_HANDLE ||
		    node->process != random_first->process)
			continue;
		while (k < LEFT_COUNT &&
		       node->number != random_kept[left_over[k].kept])
			k++;
		if (k == LEFT_COUNT)
			return node->number;
	}
	return NX_HANDLE_NONE;
}

static nx_handle_t made(void)
{
	const struct thread *kernel = random_first->object.kernel;

	return (nx_handle_t)kernel->frame.registers.a[0];
}

/* A driver that ended has left pins in quarantine: its successor. */
static bool reset_devices(void)
{
	for (unsigned i = 0; i < MODEL_DEVICES_MAX; i++) {
		uint64_t address = model.devices[i].address;
		nx_handle_t window, device;

		if (!model.devices[i].job)
			continue;
		if (!ask(NX_SYS_mmio_ctl, random_kept[KEPT_MMIO],
			 NX_OP_mmio_narrow, address, NX_PAGE_SIZE, 0))
			return false;
		window = made();
		if (!ask(NX_SYS_dma_ctl, random_kept[KEPT_DMA],
			 NX_OP_dma_narrow, address, NX_DMA_TRUSTED, 0))
			return false;
		device = made();
		if (!ask(NX_SYS_dma_ctl, device, NX_OP_dma_reset, window, 0,
			 0) ||
		    !ask(NX_SYS_handle_close, device, 0, 0, 0, 0) ||
		    !ask(NX_SYS_handle_close, window, 0, 0, 0, 0))
			return false;
	}
	return true;
}

static const struct model_node *any_mapping(void)
{
	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type == NODE_MAPPING &&
		    model.nodes[i].process == random_first->process)
			return &model.nodes[i];
	return NULL;
}

static bool episode(void)
{
	uint64_t end = run.steps + STEPS_PER_EPISODE;
	const struct model_node *mapping;
	nx_handle_t handle;

	if (!ask(NX_SYS_job_ctl, random_kept[KEPT_ROOT], NX_OP_job_create, 3000,
		 2000, 100))
		return false;
	random_job = (nx_handle_t)((struct thread *)random_first->object.kernel)
			     ->frame.registers.a[0];
	random_kept[KEPT_JOB] = random_job;
	random_restart();
	while (run.steps < end && !drive_is_over()) {
		random_call(model.self);
		if (!both())
			return false;
	}
	if (!ask(NX_SYS_task_kill, random_job, 0, 0, 0, 0))
		return false;
	while ((handle = any_handle()) != NX_HANDLE_NONE)
		if (!ask(NX_SYS_handle_close, handle, 0, 0, 0, 0))
			return false;
	while ((mapping = any_mapping()) != NULL)
		if (!ask(NX_SYS_unmap_protect, 0, mapping->address,
			 mapping->size_bytes, 0, 0))
			return false;
	return reset_devices();
}

/* Pages of its handles are what a process keeps as long as it lives. */
static uint64_t kept_pages(void)
{
	const struct process *process = random_first->process->object.kernel;
	struct handle *const *pages = process->handles.pages;
	uint64_t count = 0;

	for (uint32_t place = 0; place < HANDLE_PAGES_MAX; place++)
		count += pages[place] != pages[HANDLE_PAGES_MAX - 1];
	return count;
}

/* Nothing but the first thread and its job is left. */
static bool nothing_left(void)
{
	for (struct model_object *o = model.objects; o; o = o->next)
		if (o->alive && run.verbose)
			diag("left: %s %llu, %u references",
			     nx_kind_name(o->kind), (unsigned long long)o->id,
			     o->references);
	return !differs("handles left", counters[NX_COUNTER_HANDLES],
			LEFT_COUNT) &&
	       !differs("objects of the model left", model.alive_count,
			3 + LEFT_COUNT) &&
	       !differs("free pages", page_free_count() + kept_pages(),
			run.free_pages);
}

static void on_step(void *context, uint64_t step)
{
	struct thread *kernel = current_thread();
	struct user_frame frame;

	(void)context;
	if (step != 1)
		return;
	frame = kernel->frame;
	take_over(kernel);
	/* What the first episode leaves is what a process keeps for good. */
	run.failed = !episode();
	run.free_pages = page_free_count() + kept_pages();
	for (unsigned i = 1;
	     i < STEPS_PER_SEED / STEPS_PER_EPISODE && !run.failed; i++) {
		run.failed = !episode() || !nothing_left();
		if (drive_is_over())
			break;
	}
	model_reset();
	if (run.failed)
		return; /* the machine is not to be trusted */
	kernel->frame = frame;
}

/* The first program: its first call is where the model begins. */
static void first(const void *context, uint64_t a0, uint64_t a1)
{
	struct nx_registers registers = { { 0 } };

	(void)context;
	(void)a0;
	(void)a1;
	nx_trap(NX_SYS_yield, &registers);
	for (;;)
		nx_exit(0, 1);
}

void drive_pack(struct sim_package *out_package)
{
	sim_pack_init("model", out_package);
}

bool drive_machine(uint64_t seed, const struct sim_package *package)
{
	const struct sim_program program = { "model", first, NULL };
	struct sim_options options = {
		.seed = seed,
		.ram_bytes = UINT64_C(32) << 20,
		.package = package->bytes,
		.package_bytes = package->size_bytes,
		.programs = &program,
		.program_count = 1,
		.preempt_permille = (uint32_t)(seed % 4 * 100),
		.steps_max = 2,
		.on_step = on_step,
	};
	struct sim_result result;

	run.seed = seed;
	run.failed = true;
	drive_seed(seed);
	sim_run(&options, &result);
	if (run.failed)
		diag("seed %llu: %s: %s", (unsigned long long)seed,
		     sim_outcome_name(result.outcome), result.console);
	return !run.failed;
}

static unsigned seen_statuses(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 128; i++)
		count += run.by_status[i] > 0;
	return count;
}

int main(int argc, char **argv)
{
	struct sim_arguments arguments;
	struct sim_package package;
	bool equal = true;

	sim_parse(argc, argv, getenv("NEXUS_LONG") ? SEEDS_LONG : SEEDS,
		  &arguments);
	run.verbose = arguments.verbose;
	drive_pack(&package);
	for (uint64_t i = 0; i < arguments.seed_count && equal; i++) {
		equal = drive_machine(arguments.seed + i, &package);
		if (!equal)
			sim_replay(&arguments, arguments.seed + i);
	}
	ok(equal, "kernel and model agree on %llu calls",
	   (unsigned long long)run.steps);
	ok(run.by_status[0] > run.steps / 4, "many of them succeed: %llu",
	   (unsigned long long)run.by_status[0]);
	ok(seen_statuses() >= 18, "and %u statuses were seen", seen_statuses());
	for (int i = 0; i < 128; i++)
		if (run.by_status[i] > 0)
			diag("%s %llu", nx_status_name(-i),
			     (unsigned long long)run.by_status[i]);
	sim_unpack(&package);
	return done();
}
