/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_UNIT_KERNEL_FAKE_H
#define TESTS_UNIT_KERNEL_FAKE_H
/** @file fake.h
 * The smallest machine that memory, handles and jobs run on: RAM is an
 * array, page tables are a table of pages by number, user memory is another
 * array, and processes, ports and threads do no more than their hooks must.
 * Include it once in a program. */
#include <kernel/arch.h>
#include <kernel/arch_space.h>
#include <kernel/counters.h>
#include <kernel/event.h>
#include <kernel/hart.h>
#include <kernel/hooks.h>
#include <kernel/job.h>
#include <kernel/page.h>
#include <kernel/port.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <kernel/thread.h>
#include <kernel/timer.h>
#include <kernel/vmo.h>
#include <nexus/rights.h>

#include "support/tap.h"

#include <stdlib.h>

#define FAKE_RAM_BASE UINT64_C(0x80005000) /* not aligned to a block */
#define FAKE_RAM_PAGES 3000
#define FAKE_USER_BYTES 65536
#define FAKE_SPACE_BASE UINT64_C(0x1000000000)
#define FAKE_SPACE_PAGES (SPACE_WINDOW_BYTES / NX_PAGE_SIZE)
#define FAKE_TABLE_PAGES 512 /* one page table covers so many */
#define FAKE_STEP_PAGES 128  /* a part of a table */

static _Alignas(4096) unsigned char fake_ram[FAKE_RAM_PAGES * NX_PAGE_SIZE];
static unsigned char fake_user[FAKE_USER_BYTES];
static uint64_t fake_seed;
extern uint64_t fake_now_ns;
static int fake_opened; /* opened less closed handles to ports */

static inline uint64_t fake_random(uint64_t below)
{
	fake_seed ^= fake_seed << 13;
	fake_seed ^= fake_seed >> 7;
	fake_seed ^= fake_seed << 17;
	return (fake_seed >> 11) % below;
}

/* Memory. */

void *phys_to_virt(paddr_t address)
{
	return fake_ram + (address - FAKE_RAM_BASE);
}

paddr_t virt_to_phys(const void *pointer)
{
	return FAKE_RAM_BASE +
	       (uint64_t)((const unsigned char *)pointer - fake_ram);
}

_Noreturn void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\nBail out! the kernel panicked\n");
	fflush(stdout);
	abort();
}

uint64_t counters[NX_COUNTER_END];

/* Spaces. */

struct window {
	paddr_t pages[FAKE_SPACE_PAGES];
	uint8_t access[FAKE_SPACE_PAGES];
	paddr_t tables[FAKE_SPACE_PAGES / FAKE_TABLE_PAGES];
	paddr_t root;
};

nx_status_t arch_space_init(struct space *space)
{
	paddr_t root;
	nx_status_t status = page_alloc(space->job, 0, &root);

	if (status != NX_OK)
		return status;
	space->arch.window = calloc(1, sizeof(*space->arch.window));
	space->arch.window->root = root;
	return NX_OK;
}

void arch_space_fini(struct space *space)
{
	struct window *window = space->arch.window;

	if (window == NULL)
		return;
	for (uint64_t t = 0; t < FAKE_SPACE_PAGES / FAKE_TABLE_PAGES; t++)
		if (window->tables[t] != 0)
			page_free(space->job, window->tables[t], 0);
	page_free(space->job, window->root, 0);
	free(window);
	space->arch.window = NULL;
}

nx_uaddr_t arch_space_base(const struct space *space)
{
	(void)space;
	return FAKE_SPACE_BASE;
}

static inline uint64_t fake_page_number(nx_uaddr_t address)
{
	return (address - FAKE_SPACE_BASE) / NX_PAGE_SIZE;
}

nx_status_t arch_space_map(struct space *space, nx_uaddr_t address,
			   const struct page_run *run, uint32_t access,
			   uint64_t *out_count)
{
	struct window *window = space->arch.window;
	uint64_t first = fake_page_number(address), count;
	paddr_t *table = &window->tables[first / FAKE_TABLE_PAGES];

	if (*table == 0) {
		nx_status_t status = page_alloc(space->job, 0, table);

		if (status != NX_OK)
			return status;
	}
	for (count = 0; count < run->count &&
			(count == 0 || (first + count) % FAKE_STEP_PAGES != 0);
	     count++) {
		KASSERT(window->pages[first + count] == 0);
		window->pages[first + count] =
			run->pages ? run->pages[count]
				   : run->base + count * NX_PAGE_SIZE;
		window->access[first + count] =
			(uint8_t)(run->shared ? access & ~NX_MAP_WRITE
					      : access);
	}
	*out_count = count;
	return NX_OK;
}

void arch_space_show(struct space *space, nx_uaddr_t address, paddr_t page,
		     uint32_t access)
{
	uint64_t i = fake_page_number(address);

	KASSERT(space->arch.window->pages[i] != 0);
	space->arch.window->pages[i] = page;
	space->arch.window->access[i] = (uint8_t)access;
}

uint64_t arch_space_protect(struct space *space, nx_uaddr_t address,
			    uint64_t count, uint32_t access)
{
	uint64_t i = fake_page_number(address);

	KASSERT(count > 0 && space->arch.window->pages[i] != 0);
	space->arch.window->access[i] = (uint8_t)access;
	return 1;
}

static inline bool fake_table_is_empty(const struct window *window, uint64_t t)
{
	for (uint64_t i = 0; i < FAKE_TABLE_PAGES; i++)
		if (window->pages[t * FAKE_TABLE_PAGES + i] != 0)
			return false;
	return true;
}

void arch_space_trim(struct space *space, nx_uaddr_t address, paddr_t *chain)
{
	struct window *window = space->arch.window;
	uint64_t t = fake_page_number(address) / FAKE_TABLE_PAGES;

	if (window->tables[t] == 0 || !fake_table_is_empty(window, t))
		return;
	page_chain_push(chain, window->tables[t]);
	window->tables[t] = 0;
}

uint64_t arch_space_clear(struct space *space, nx_uaddr_t address,
			  uint64_t count, paddr_t *chain)
{
	struct window *window = space->arch.window;
	nx_uaddr_t last = address + (count - 1) * NX_PAGE_SIZE;
	uint64_t i = fake_page_number(last);

	KASSERT(count > 0 && window->pages[i] != 0);
	window->pages[i] = 0;
	window->access[i] = 0;
	arch_space_trim(space, last, chain);
	return 1;
}

void arch_space_flush(struct space *space, nx_uaddr_t address, uint64_t count,
		      bool tables_went)
{
	(void)space;
	(void)address;
	(void)count;
	(void)tables_went;
}

/* Addresses below 1 TiB are "user"; those of fake_user are offsets from
 * this one and the only ones that can be accessed. */
#define FAKE_USER_BASE UINT64_C(0x2000000000)

bool arch_space_is_user(const struct space *space, nx_uaddr_t address,
			uint64_t size_bytes)
{
	const uint64_t end = UINT64_C(1) << 40;

	(void)space;
	return address < end && size_bytes <= end - address;
}

static inline bool fake_user_has(nx_uaddr_t address, size_t size_bytes)
{
	return address >= FAKE_USER_BASE &&
	       address - FAKE_USER_BASE <= FAKE_USER_BYTES &&
	       size_bytes <= FAKE_USER_BYTES - (address - FAKE_USER_BASE);
}

bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes)
{
	if (!fake_user_has(from, size_bytes))
		return false;
	memcpy(to, fake_user + (from - FAKE_USER_BASE), size_bytes);
	return true;
}

bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes)
{
	if (!fake_user_has(to, size_bytes))
		return false;
	memcpy(fake_user + (to - FAKE_USER_BASE), from, size_bytes);
	return true;
}

/* Processes. */

/* Who runs has no filter, and is nobody else. */
static struct thread fake_thread;
struct hart harts[HARTS_MAX] = { { .current = &fake_thread,
				   .has_lock = true } };
struct hart *sim_hart = harts;
bool hart_many;
uint32_t harts_online = 1;
struct kernel_lock kernel_lock = { .next = 1 };

bool kernel_lock_is_held(void)
{
	return sim_hart->has_lock;
}

nx_status_t hart_await_evictions(void)
{
	return NX_OK;
}

/** How often kernel_poll() says no before it says yes; 0: always no. */
static uint64_t fake_patience, fake_asked;

bool arch_interrupt_pending(void)
{
	return fake_patience != 0 && ++fake_asked % fake_patience == 0;
}

/* kernel/sched.h and the host's <sched.h> do not go together. */
void sched_block(void);
void sched_charge(void);
void sched_charge_all(void);
uint64_t sched_process_ticks(const struct process *process);
uint64_t sched_job_ticks(const struct job *job);

void sched_block(void)
{
}

void sched_charge(void)
{
}

void sched_charge_all(void)
{
}

uint64_t sched_process_ticks(const struct process *process)
{
	return process->cpu_ticks;
}

uint64_t sched_job_ticks(const struct job *job)
{
	return job->cpu_ticks;
}

uint64_t time_ticks_to_ns(uint64_t ticks)
{
	return ticks;
}

uint64_t fake_now_ns;

uint64_t time_now_ns(void)
{
	return fake_now_ns;
}

/* Not <kernel/trace.h>: tests have functions named trace. */
void trace_write(uint32_t event, uint64_t value0, uint64_t value1,
		 uint64_t value2);

void trace_write(uint32_t event, uint64_t value0, uint64_t value1,
		 uint64_t value2)
{
	(void)event;
	(void)value0;
	(void)value1;
	(void)value2;
}

void thread_leave_call(struct thread *thread)
{
	if (thread->reserves)
		vmo_reserve_end(
			CONTAINER_OF(thread->unfinished, struct vmo, object));
	thread->reserves = false;
	object_unref(thread->unfinished);
	thread->unfinished = NULL;
}

nx_status_t process_create(struct job *job, uint32_t service_id,
			   const uint64_t name[2], struct process **out_process)
{
	struct process *process;
	nx_status_t status;
	void *object;

	status = object_create(job, NX_KIND_PROCESS, &object);
	if (status != NX_OK)
		return status;
	process = object;
	process->service_id = service_id;
	process->name[0] = name[0];
	process->name[1] = name[1];
	process->state = NX_PROCESS_KILLED; /* until it is whole */
	list_init(&process->in_job);
	list_init(&process->threads);
	handle_table_init(&process->handles, process);
	status = space_init(&process->space, job);
	if (status != NX_OK) {
		object_unref(&process->object);
		return status;
	}
	process->state = NX_PROCESS_NEW;
	list_push_back(&job->processes, &process->in_job);
	*out_process = process;
	return NX_OK;
}

void process_end(struct process *process, uint32_t state, int64_t code)
{
	process->state = state;
	process->exit_code = code;
	while (!handle_table_fini(&process->handles))
		;
	while (!space_fini(&process->space))
		;
	list_remove(&process->in_job);
}

bool process_last(struct object *object)
{
	(void)object;
	return false;
}

bool process_destroy(struct object *object)
{
	struct process *process = CONTAINER_OF(object, struct process, object);

	if (process->state <= NX_PROCESS_RUNNING)
		process_end(process, NX_PROCESS_KILLED, 0);
	return true;
}

uint32_t process_state(const struct process *process)
{
	return process->state;
}

void process_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct process *process = (const struct process *)object;

	*state = process->state;
	*value = (uint64_t)process->exit_code;
}

/* Ports: their life only. */

bool port_destroy(struct object *object)
{
	(void)object;
	return true;
}

void port_handle_opened(struct object *object, nx_rights_t rights)
{
	struct port *port = CONTAINER_OF(object, struct port, object);

	fake_opened++;
	if ((rights & NX_RIGHT_RECV) != 0)
		port->receiver_handles++;
}

void port_handle_closed(struct object *object, nx_rights_t rights, bool death)
{
	struct port *port = CONTAINER_OF(object, struct port, object);

	fake_opened--;
	if ((rights & NX_RIGHT_RECV) != 0)
		port->receiver_handles--;
	if (death)
		port->generation++;
}

void port_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct port *port = (const struct port *)object;

	*state = port->receiver_handles > 0;
	*value = port->generation;
}

/* Kinds that no test here creates, or that hold nothing. */

static void fake_nothing(const struct object *object)
{
	KASSERT(object->reference_count == 0);
}

#define FAKE_DESTROY(kind)                                                     \
	bool kind##_destroy(struct object *object)                             \
	{                                                                      \
		fake_nothing(object);                                          \
		return true;                                                   \
	}
FAKE_DESTROY(thread)
FAKE_DESTROY(budget)
FAKE_DESTROY(event)
FAKE_DESTROY(irq)
FAKE_DESTROY(trace)
FAKE_DESTROY(reply)

void thread_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	(void)object;
	*state = 0;
	*value = 0;
}

void irq_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	thread_info(object, state, value);
}

void event_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	thread_info(object, state, value);
}

void thread_bury(struct thread *zombie)
{
	(void)zombie;
}

nx_status_t reply_mint(struct thread *self, nx_handle_t *out_number)
{
	(void)self;
	(void)out_number;
	return NX_ERR_BAD_STATE;
}

/* Start. */

TAP_UNUSED static inline void fake_boot(uint64_t seed)
{
	fake_seed = seed;
	fake_opened = 0;
	fake_patience = 0;
	memset(&fake_thread, 0, sizeof(fake_thread));
	steps_init(&fake_thread.steps);
	steps_init(&harts[0].steps);
	harts[0].current = &fake_thread;
	page_init(FAKE_RAM_BASE, FAKE_RAM_BASE + sizeof(fake_ram));
	page_add_range(FAKE_RAM_BASE, sizeof(fake_ram));
	job_boot();
}

TAP_UNUSED static inline struct job *fake_job(struct job *parent,
					      uint64_t pages, uint64_t handles)
{
	const uint64_t parts[JOB_RESOURCES] = { pages, handles, 4 };
	struct job *job = NULL;

	return job_create(parent, parts, &job) == NX_OK ? job : NULL;
}

TAP_UNUSED static inline struct process *fake_process(struct job *job,
						      uint32_t service_id)
{
	const uint64_t name[2] = { 0x6e, service_id };
	struct process *process = NULL;

	if (process_create(job, service_id, name, &process) != NX_OK)
		return NULL;
	process->state = NX_PROCESS_RUNNING;
	return process;
}

TAP_UNUSED static inline struct port *fake_port(struct job *job)
{
	void *object = NULL;

	return object_create(job, NX_KIND_PORT, &object) == NX_OK ? object
								  : NULL;
}

/** Nothing is alive but the first job, and it uses nothing. */
TAP_UNUSED static inline bool fake_is_empty(void)
{
	bool empty = counters[NX_COUNTER_OBJECTS] == 1 &&
		     counters[NX_COUNTER_HANDLES] == 0 &&
		     counters[NX_COUNTER_MAPPINGS] == 0 && fake_opened == 0 &&
		     page_free_count() == root_job->quotas[JOB_PAGES].max;

	for (unsigned r = 0; r < JOB_RESOURCES; r++)
		empty = empty && root_job->quotas[r].used == 0;
	if (!empty)
		diag("objects %llu handles %llu mappings %llu ports %d "
		     "pages used %llu free %llu of %llu",
		     (unsigned long long)counters[NX_COUNTER_OBJECTS],
		     (unsigned long long)counters[NX_COUNTER_HANDLES],
		     (unsigned long long)counters[NX_COUNTER_MAPPINGS],
		     fake_opened,
		     (unsigned long long)root_job->quotas[JOB_PAGES].used,
		     (unsigned long long)page_free_count(),
		     (unsigned long long)root_job->quotas[JOB_PAGES].max);
	return empty;
}
#endif /* TESTS_UNIT_KERNEL_FAKE_H */
