/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and processes: birth, death, crash, and what the start of the
 * machine took. */
#include "bench.h"

/* What the processes run: three instructions that end one, and three that
 * note the moment and crash. */
extern const char program_exit[], program_crash[], program_end[];
__asm__(".pushsection .text\n"
	"	.balign 4\n"
	"program_exit:\n"
	"	li	t0, 31\n" /* exit(argument, 1) */
	"	li	a1, 1\n"
	"	ecall\n"
	"program_crash:\n"
	"	rdcycle	t1\n"
	"	sd	t1, 0(a0)\n"
	"	ld	t1, 0(zero)\n"
	"program_end:\n"
	"	.popsection");
_Static_assert(NX_SYS_exit == 31, "exit in program_exit");

static uint64_t thread_life(void *subject)
{
	uint64_t from = bench_now(), to;
	nx_thread_t thread = { NX_HANDLE_NONE };
	nx_status_t status;

	(void)subject;
	status = nx_thread_create((nx_process_t){ 0 }, (nx_budget_t){ 0 },
				  &thread);
	if (status == NX_OK)
		status = nx_task_kill(thread.handle, 0);
	nx_handle_close(thread.handle);
	to = bench_now();
	return status == NX_OK ? to - from : BENCH_FAILED;
}

static void threads(struct test *test)
{
	bench_run(test, "kernel.thread.create_destroy", thread_life, NULL);
}

enum { EXITED = 1, CRASHED = 2 };

struct children {
	nx_job_t job;
	uint32_t service_id;
	nx_vmo_t code;
	nx_event_t watch;
	uint64_t entry; /* offset of the program in its page */
	/* Only where a child has something to tell. */
	nx_vmo_t shared_vmo;
	volatile uint64_t *shared;
};

static bool children_begin(struct test *test, struct children *children,
			   const char *program)
{
	uint64_t size = (uint64_t)(program_end - program_exit);

	*children = (struct children){
		.job = new_job(test, 256, 64, 8),
		.service_id = test->service_id,
		.code = new_vmo(NX_PAGE_SIZE),
		.watch = new_event(),
		.entry = (uint64_t)(program - program_exit),
		.shared_vmo = new_vmo(NX_PAGE_SIZE),
	};
	children->shared = (uint64_t *)(uintptr_t)map_here(
		children->shared_vmo, NX_PAGE_SIZE, NX_MAP_READ | NX_MAP_WRITE);
	return nx_vmo_write(children->code, 0, program_exit, size) == NX_OK &&
	       nx_vmo_seal(children->code, NX_SEAL_WRITE) == NX_OK &&
	       nx_job_watch(children->job, children->watch, EXITED, CRASHED) ==
		       NX_OK;
}

static void children_end(struct children *children)
{
	nx_job_watch(children->job, (nx_event_t){ 0 }, 0, 0);
	nx_task_kill(children->job.handle, 0);
	unmap_here((uintptr_t)children->shared, NX_PAGE_SIZE);
	nx_handle_close(children->shared_vmo.handle);
	nx_handle_close(children->job.handle);
	nx_handle_close(children->code.handle);
	nx_handle_close(children->watch.handle);
}

static nx_status_t child_start(const struct children *children,
			       nx_process_t process, nx_thread_t *out_thread)
{
	nx_uaddr_t code, argument = 0;
	nx_status_t status = nx_map(process, children->code, 0, NX_PAGE_SIZE,
				    NX_MAP_READ | NX_MAP_EXEC, 0, &code);

	if (status == NX_OK && children->entry != 0)
		status = nx_map(process, children->shared_vmo, 0, NX_PAGE_SIZE,
				NX_MAP_READ | NX_MAP_WRITE, 0, &argument);
	if (status == NX_OK)
		status = nx_thread_create(process, (nx_budget_t){ 0 },
					  out_thread);
	if (status == NX_OK)
		status = nx_thread_start(*out_thread, code + children->entry, 0,
					 argument);
	return status;
}

/* One child from its birth until nothing is left of it; says when this
 * process knew of its end. */
static nx_status_t child_life(const struct children *children,
			      uint64_t *out_known)
{
	nx_process_t process = { NX_HANDLE_NONE };
	nx_thread_t thread = { NX_HANDLE_NONE };
	uint64_t bits;
	nx_status_t status = nx_process_create(
		children->job, children->service_id, 0, 0, &process);

	if (status != NX_OK)
		return status;
	status = child_start(children, process, &thread);
	if (status == NX_OK)
		status = nx_wait(children->watch, EXITED, NX_DEADLINE_NEVER,
				 &bits);
	*out_known = bench_now();
	nx_handle_close(thread.handle);
	nx_handle_close(process.handle);
	return status;
}

static uint64_t spawn(void *subject)
{
	const struct children *children = subject;
	uint64_t from = bench_now(), known, to;
	nx_status_t status = child_life(children, &known);

	to = bench_now();
	return status == NX_OK ? to - from : BENCH_FAILED;
}

static void spawns(struct test *test)
{
	struct children children;

	if (check(test, children_begin(test, &children, program_exit),
		  "there is a program to start"))
		bench_run(test, "kernel.spawn_exit_wait", spawn, &children);
	children_end(&children);
}

/* From the last instruction before the fault. */
static uint64_t crash(void *subject)
{
	const struct children *children = subject;
	uint64_t known;

	*children->shared = 0;
	if (child_life(children, &known) != NX_OK || *children->shared == 0)
		return BENCH_FAILED;
	return known - *children->shared;
}

static void crashes(struct test *test)
{
	struct children children;

	if (check(test, children_begin(test, &children, program_crash),
		  "there is a program that crashes"))
		bench_run(test, "kernel.fault.to_watcher", crash, &children);
	children_end(&children);
}

/* handles[0]: where exceptions are told. Each thread goes on behind its
 * instruction of four bytes. */
static void handler(struct peer_page *page, struct nx_message_buffer *buffer)
{
	register uint64_t port __asm__("s2") = page->handles[0];

	(void)buffer;
	__asm__ volatile("mv	a0, %0\n\t"
			 "li	a1, 0\n\t"
			 "li	t0, %1\n\t"
			 "ecall\n"
			 "1:	mv a0, %0\n\t"
			 "addi	a2, a2, 4\n\t"
			 "li	t0, %2\n\t"
			 "ecall\n\t"
			 "j	1b"
			 :
			 : "r"(port), "i"(NX_SYS_recv), "i"(NX_SYS_reply_recv)
			 : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0",
			   "t1", "t2", "t3", "t4", "t5", "t6", "memory");
}

/* handles[0]: answers each call with what an exception took. */
static void faults(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_port_t port = { page->handles[0] };
	struct nx_message message = { .header = 0 };
	nx_status_t status = nx_recv(port, &message);

	(void)buffer;
	while (status == NX_OK) {
		uint64_t from, to;

		__asm__ volatile("rdcycle %0\n\t"
				 ".option push\n\t"
				 ".option norvc\n\t"
				 "lw zero, 0(zero)\n\t"
				 ".option pop\n\t"
				 "rdcycle %1"
				 : "=&r"(from), "=r"(to)
				 :
				 : "memory");
		message.header = nx_header(0, 0, 0, 0);
		message.words[0] = to - from;
		status = nx_reply_recv(port, &message);
	}
}

static uint64_t fault_once(void *subject)
{
	const nx_client_t *client = subject;
	struct nx_message message = { .header = nx_header(1, 0, 0, 0) };

	return nx_call(*client, &message) == NX_OK ? message.words[0]
						   : BENCH_FAILED;
}

static void resumes(struct test *test)
{
	nx_job_t job = new_job(test, 256, 64, 8);
	nx_port_t asked = new_port(1), called = new_port(1);
	nx_client_t client = { badge_of(called.handle, NX_RIGHT_CALL, 1) };
	struct peer asks, answers;

	if (peer_process(test, &answers, test->job, handler) &&
	    peer_process(test, &asks, job, faults)) {
		peer_give(&answers, 0, asked.handle, NX_RIGHTS_SAME);
		peer_give(&asks, 0, called.handle, NX_RIGHTS_SAME);
		nx_job_handler(job, asked);
		peer_start(&answers);
		peer_start(&asks);
		peer_await_blocked(test, &answers);
		peer_await_blocked(test, &asks);
		bench_run(test, "kernel.fault.resume", fault_once, &client);
		peer_drop(test, &asks);
		peer_drop(test, &answers);
	}
	nx_task_kill(job.handle, 0);
	nx_handle_close(job.handle);
	nx_handle_close(client.handle);
	nx_handle_close(asked.handle);
	nx_handle_close(called.handle);
}

/* One tick of the time counter is so many instructions. */
static uint64_t instructions(const struct test *test, uint64_t ticks)
{
	return ticks * (UINT64_C(1000000000) / test->ticks_per_second);
}

/* What the kernel keeps of each page of the machine, and what the firmware of
 * this machine keeps to itself. */
#define PAGE_RECORD_BYTES 16
#define FIRMWARE_BYTES (UINT64_C(512) << 10)

/* At most: with all that the first process has. */
static uint64_t kernel_memory(const struct test *test, uint64_t used_bytes)
{
	uint64_t package_bytes = 0, content_bytes;
	uint32_t seals, mapping_count;

	nx_vmo_info(test->package, &package_bytes, &content_bytes, &seals,
		    &mapping_count);
	return used_bytes - package_bytes - FIRMWARE_BYTES -
	       test->memory_bytes / NX_PAGE_SIZE * PAGE_RECORD_BYTES;
}

static void boot(struct test *test)
{
	uint64_t user = machine_counter(test, NX_COUNTER_TICKS_TO_USER);
	uint64_t start = machine_counter(test, NX_COUNTER_TICKS_AT_START);
	uint64_t free = machine_counter(test, NX_COUNTER_PAGES_FREE);
	uint64_t used_bytes = test->memory_bytes - free * NX_PAGE_SIZE;

	check(test, start > 0 && user > start, "the start was noted");
	bench_print(test, "boot.firmware", instructions(test, start),
		    "instructions");
	bench_print(test, "boot.kernel_to_first_user",
		    instructions(test, user - start), "instructions");
	bench_print(test, "boot.ram_used_first_process", used_bytes >> 10,
		    "KiB");
	bench_print(test, "boot.kernel_memory",
		    kernel_memory(test, used_bytes) >> 10, "KiB");
}

const struct system_case system_cases[] = {
	{ "boot", boot },	{ "threads", threads }, { "spawns", spawns },
	{ "crashes", crashes }, { "resumes", resumes }, { NULL, NULL },
};
