/* SPDX-License-Identifier: BSD-2-Clause
 * A driver of the virtio entropy device. The device is not believed: what it
 * says in memory is checked, and waiting for it has an end. */
#include <stdbool.h>
#include <string.h>

#include <crt/program.h>
#include <nexus/dma.h>
#include <nexus/options.h>
#include <nexus/syscalls.h>

/* Registers, as words. */
enum {
	MAGIC = 0x000 / 4,
	VERSION = 0x004 / 4,
	DEVICE_ID = 0x008 / 4,
	FEATURES = 0x020 / 4,
	FEATURES_SELECT = 0x024 / 4,
	QUEUE_SELECT = 0x030 / 4,
	QUEUE_SIZE_MAX = 0x034 / 4,
	QUEUE_SIZE = 0x038 / 4,
	QUEUE_READY = 0x044 / 4,
	QUEUE_NOTIFY = 0x050 / 4,
	INTERRUPTS = 0x060 / 4,
	INTERRUPTS_DONE = 0x064 / 4,
	STATUS = 0x070 / 4,
	QUEUE_DESCRIPTORS = 0x080 / 4,
	QUEUE_AVAILABLE = 0x090 / 4,
	QUEUE_USED = 0x0a0 / 4
};

enum { ACKNOWLEDGED = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };

#define VIRTIO_MAGIC 0x74726976u
#define VIRTIO_ENTROPY 4u
#define FEATURE_VERSION_1 1u /* bit 32 */
#define DESCRIPTOR_WRITE 2u
#define ENTRIES 4u
#define RESET_LOOKS_MAX 1000u
#define ANSWER_NS UINT64_C(5000000000)
#define BYTES 64u
#define READ_WRITE (NX_MAP_READ | NX_MAP_WRITE)

struct descriptor {
	uint64_t address;
	uint32_t size_bytes;
	uint16_t flags;
	uint16_t next;
};

struct available {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[ENTRIES];
};

struct used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t descriptor;
		uint32_t size_bytes;
	} ring[ENTRIES];
};

/* One page for the queue, and one that the device fills. */
struct queue {
	struct descriptor descriptors[ENTRIES];
	struct available available;
	struct used used __attribute__((aligned(64)));
	uint8_t bytes[BYTES] __attribute__((aligned(NX_PAGE_SIZE)));
};

#define QUEUE_PAGES ((sizeof(struct queue) + NX_PAGE_SIZE - 1) / NX_PAGE_SIZE)

struct driver {
	struct program *program;
	nx_mmio_t window;
	nx_irq_t line;
	nx_dma_t device;
	nx_event_t event;
	volatile uint32_t *registers;
	volatile struct queue *queue;
	uint64_t pages[QUEUE_PAGES]; /* where the device sees them */
	uint64_t pin;
	uint16_t asked; /* requests ever */
};

#define say(driver, ...) program_print((driver)->program, __VA_ARGS__)

static bool find_device(struct driver *driver)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	uint64_t size_bytes;
	nx_uaddr_t mapped;
	nx_status_t status = nx_mmio_map(driver->window, self, READ_WRITE,
					 &mapped, &size_bytes);

	if (status != NX_OK) {
		say(driver, "entropy: no registers: %s\n",
		    nx_status_name(status));
		return false;
	}
	driver->registers = (volatile uint32_t *)(uintptr_t)mapped;
	if (driver->registers[MAGIC] == VIRTIO_MAGIC &&
	    driver->registers[VERSION] == 2 &&
	    driver->registers[DEVICE_ID] == VIRTIO_ENTROPY)
		return true;
	say(driver, "entropy: there is another device\n");
	return false;
}

/* The device forgets all it was told once it says so itself. Then what a
 * driver before this one left behind can go. */
static bool reset_device(struct driver *driver)
{
	uint64_t pages = 0;
	nx_status_t status;

	driver->registers[STATUS] = 0;
	for (unsigned i = 0; driver->registers[STATUS] != 0; i++)
		if (i == RESET_LOOKS_MAX)
			return false;
	status = nx_dma_reset(driver->device, driver->window, &pages);
	if (status != NX_OK)
		return false;
	if (pages > 0)
		say(driver, "entropy: reset, %lu pages leave quarantine\n",
		    (unsigned long)pages);
	return true;
}

/* Where each page is: a run is one or more of them. */
static void learn_pages(struct driver *driver, const struct nx_dma_run *runs)
{
	uint64_t offset = 0;

	for (unsigned i = 0; i < QUEUE_PAGES; i++) {
		driver->pages[i] = runs->address + offset;
		offset += NX_PAGE_SIZE;
		if (offset == runs->size_bytes) {
			runs++;
			offset = 0;
		}
	}
}

static bool make_queue(struct driver *driver)
{
	const nx_process_t self = { NX_HANDLE_NONE };
	const nx_job_t job = { NX_HANDLE_NONE };
	const uint64_t size_bytes = QUEUE_PAGES * NX_PAGE_SIZE;
	struct nx_dma_run runs[QUEUE_PAGES];
	nx_status_t status;
	nx_uaddr_t mapped = 0;
	uint64_t run_count;
	nx_vmo_t vmo;

	status = nx_vmo_create(job, size_bytes, &vmo);
	if (status == NX_OK)
		status = nx_map(self, vmo, 0, size_bytes, READ_WRITE, 0,
				&mapped);
	if (status == NX_OK)
		status = nx_dma_pin(driver->device, vmo, 0, size_bytes,
				    READ_WRITE, runs, QUEUE_PAGES, &driver->pin,
				    &run_count);
	if (status != NX_OK) {
		say(driver, "entropy: no memory for the device: %s\n",
		    nx_status_name(status));
		return false;
	}
	nx_handle_close(vmo.handle);
	driver->queue = (volatile struct queue *)(uintptr_t)mapped;
	learn_pages(driver, runs);
	return true;
}

static void put_address(struct driver *driver, unsigned number,
			uint64_t address)
{
	driver->registers[number] = (uint32_t)address;
	driver->registers[number + 1] = (uint32_t)(address >> 32);
}

static bool start_device(struct driver *driver)
{
	volatile uint32_t *registers = driver->registers;
	uint64_t queue = driver->pages[0];

	registers[STATUS] = ACKNOWLEDGED;
	registers[STATUS] = ACKNOWLEDGED | DRIVER;
	registers[FEATURES_SELECT] = 0;
	registers[FEATURES] = 0;
	registers[FEATURES_SELECT] = 1;
	registers[FEATURES] = FEATURE_VERSION_1;
	registers[STATUS] = ACKNOWLEDGED | DRIVER | FEATURES_OK;
	registers[QUEUE_SELECT] = 0;
	if ((registers[STATUS] & FEATURES_OK) == 0 ||
	    registers[QUEUE_READY] != 0 || registers[QUEUE_SIZE_MAX] < ENTRIES)
		return false;
	registers[QUEUE_SIZE] = ENTRIES;
	put_address(driver, QUEUE_DESCRIPTORS, queue);
	put_address(driver, QUEUE_AVAILABLE,
		    queue + offsetof(struct queue, available));
	put_address(driver, QUEUE_USED, queue + offsetof(struct queue, used));
	registers[QUEUE_READY] = 1;
	registers[STATUS] = ACKNOWLEDGED | DRIVER | FEATURES_OK | DRIVER_OK;
	return true;
}

static bool listen(struct driver *driver)
{
	const nx_job_t job = { NX_HANDLE_NONE };

	return nx_event_create(job, &driver->event) == NX_OK &&
	       nx_irq_bind(driver->line, driver->event, 1, 0) == NX_OK;
}

static void ask(struct driver *driver)
{
	volatile struct queue *queue = driver->queue;
	volatile struct descriptor *descriptor = &queue->descriptors[0];

	descriptor->address = driver->pages[QUEUE_PAGES - 1];
	descriptor->size_bytes = BYTES;
	descriptor->flags = DESCRIPTOR_WRITE;
	queue->available.ring[driver->asked % ENTRIES] = 0;
	__sync_synchronize();
	queue->available.index = ++driver->asked;
	__sync_synchronize();
	driver->registers[QUEUE_NOTIFY] = 0;
}

/* How many bytes came; 0: the device does not keep to its rules, or did not
 * answer in time. */
static uint32_t answer(struct driver *driver)
{
	volatile struct used *used = &driver->queue->used;
	uint16_t before = (uint16_t)(driver->asked - 1);
	uint64_t end_ns = program_now_ns(driver->program) + ANSWER_NS;
	uint64_t bits;
	uint32_t size_bytes;

	while (used->index == before) {
		if (nx_wait(driver->event, 1, end_ns, &bits) != NX_OK)
			return 0;
		driver->registers[INTERRUPTS_DONE] =
			driver->registers[INTERRUPTS];
		nx_irq_ack(driver->line);
	}
	__sync_synchronize();
	size_bytes = used->ring[before % ENTRIES].size_bytes;
	if (used->index != driver->asked ||
	    used->ring[before % ENTRIES].descriptor != 0 || size_bytes > BYTES)
		return 0;
	return size_bytes;
}

static bool show_some(struct driver *driver)
{
	uint64_t word = 0;
	uint32_t size_bytes;

	ask(driver);
	size_bytes = answer(driver);
	for (unsigned i = 0; i < sizeof(word); i++)
		word = word << 8 | driver->queue->bytes[i];
	say(driver, "entropy: %u bytes by dma, %lx\n", size_bytes,
	    (unsigned long)word);
	return size_bytes > 0;
}

static int driver_main(struct program *program)
{
	struct driver driver = { .program = program };
	uint64_t bits;

	driver.window.handle = program_handle(program, NX_ROLE_MMIO);
	driver.line.handle = program_handle(program, NX_ROLE_IRQ);
	driver.device.handle = program_handle(program, NX_ROLE_DMA);
	if (!find_device(&driver))
		return 1;
	if (!reset_device(&driver) || !make_queue(&driver) ||
	    !start_device(&driver) || !listen(&driver) || !show_some(&driver)) {
		say(&driver, "entropy: the device does not work\n");
		return 1;
	}
	if (program_option(program, "dies") != NULL) {
		ask(&driver);
		return 3;
	}
	nx_wait(driver.event, UINT64_C(1) << 63, NX_DEADLINE_NEVER, &bits);
	return 0;
}

PROGRAM(driver)
