/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for devices: who is told where it is, how long it stays there, and
 * what becomes of it when its driver is gone before the device has been told.
 * Nothing here makes a device do anything. */
#include "use.h"

#include <string.h>

#define PAGE NX_PAGE_SIZE
#define READ_WRITE (NX_MAP_READ | NX_MAP_WRITE)
#define RAM UINT64_C(0x80000000)
#define PAGES UINT64_C(12)

static nx_dma_t device_of(const struct test *test)
{
	nx_dma_t device = { NX_HANDLE_NONE };

	nx_dma_narrow(test->dma, DEVICE_PAGE, NX_DMA_TRUSTED, &device);
	return device;
}

static nx_mmio_t window_of(const struct test *test, uint64_t offset)
{
	nx_mmio_t window = { NX_HANDLE_NONE };

	nx_mmio_narrow(test->mmio, offset, PAGE, &window);
	return window;
}

struct pin {
	struct nx_dma_run runs[NX_DMA_RUNS_MAX];
	uint64_t number;
	uint64_t run_count;
	nx_status_t status;
};

static void pin_make(struct pin *pin, nx_dma_t device, nx_vmo_t vmo,
		     uint64_t page, uint64_t count, uint32_t access)
{
	pin->number = 0;
	pin->run_count = 0;
	pin->status = nx_dma_pin(device, vmo, page * PAGE, count * PAGE, access,
				 pin->runs, NX_DMA_RUNS_MAX, &pin->number,
				 &pin->run_count);
}

static bool runs_are_equal(const struct pin *left, const struct pin *right)
{
	return left->run_count == right->run_count &&
	       memcmp(left->runs, right->runs,
		      left->run_count * sizeof(left->runs[0])) == 0;
}

/* Whole pages of RAM, `count` in all, none of them twice. */
static bool runs_are_sound(const struct test *test, const struct pin *pin,
			   uint64_t count)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < pin->run_count; i++) {
		const struct nx_dma_run *run = &pin->runs[i];

		if (run->size_bytes == 0 || run->size_bytes % PAGE != 0 ||
		    run->address % PAGE != 0 || run->address < RAM ||
		    run->address + run->size_bytes > RAM + test->memory_bytes)
			return false;
		for (uint64_t k = 0; k < i; k++)
			if (run->address < pin->runs[k].address +
						   pin->runs[k].size_bytes &&
			    pin->runs[k].address <
				    run->address + run->size_bytes)
				return false;
		sum += run->size_bytes;
	}
	return pin->run_count > 0 && sum == count * PAGE;
}

static const struct {
	const char *name;
	uint64_t device;
	uint32_t mode;
	nx_status_t status;
} wrong[] = {
	{ "in the middle of a page", DEVICE_PAGE + 8, NX_DMA_TRUSTED,
	  NX_ERR_INVALID_ARGS },
	{ "where RAM begins", RAM, NX_DMA_TRUSTED, NX_ERR_OUT_OF_RANGE },
	{ "at the end of all addresses", ~(PAGE - 1), NX_DMA_TRUSTED,
	  NX_ERR_OUT_OF_RANGE },
	{ "whose queues are copied", DEVICE_PAGE, NX_DMA_SHADOW_QUEUE,
	  NX_ERR_NOT_SUPPORTED },
	{ "behind an IOMMU", DEVICE_PAGE, NX_DMA_IOMMU, NX_ERR_NOT_SUPPORTED },
	{ "of no mode", DEVICE_PAGE, 3, NX_ERR_INVALID_ARGS },
	{ "of no mode at all", DEVICE_PAGE, UINT32_MAX, NX_ERR_INVALID_ARGS },
};

static void devices(struct test *test)
{
	nx_dma_t device = device_of(test), other;
	nx_vmo_t vmo = new_vmo(PAGE);
	struct pin pin;

	for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++)
		check_status(test,
			     nx_dma_narrow(test->dma, wrong[i].device,
					   wrong[i].mode, &other),
			     wrong[i].status, "a device %s is refused",
			     wrong[i].name);
	check(test, facts_of(device.handle).kind == NX_KIND_DMA,
	      "a device is made");
	check_status(
		test,
		nx_dma_narrow(test->dma, DEVICE_PAGE, NX_DMA_TRUSTED, &other),
		NX_ERR_BUSY, "it is somebody's alone");
	check_status(test,
		     nx_dma_narrow(device, DEVICE_PAGE + PAGE, NX_DMA_TRUSTED,
				   &other),
		     NX_ERR_BUSY, "no device is made of a device");
	pin_make(&pin, test->dma, vmo, 0, 1, NX_MAP_READ);
	check_status(test, pin.status, NX_ERR_BAD_STATE,
		     "nothing is pinned for all devices at once");
	check_status(test, nx_dma_unpin(test->dma, 1, 0), NX_ERR_NOT_FOUND,
		     "nor unpinned");
	nx_handle_close(device.handle);
	device = device_of(test);
	check(test, device.handle != NX_HANDLE_NONE,
	      "a device is free when it is closed");
	nx_handle_close(device.handle);
	nx_handle_close(vmo.handle);
}

static void pins(struct test *test)
{
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo(PAGES * PAGE);
	struct pin all, part, again;

	pin_make(&all, device, vmo, 0, PAGES, READ_WRITE);
	check(test, all.status == NX_OK && runs_are_sound(test, &all, PAGES),
	      "memory is pinned: whole pages of RAM, each once");
	pin_make(&part, device, vmo, 3, 2, NX_MAP_READ);
	check(test, part.status == NX_OK && runs_are_sound(test, &part, 2),
	      "a part of it is pinned once more");
	check(test,
	      part.number != all.number &&
		      facts_of(device.handle).state == PAGES + 2 &&
		      facts_of(device.handle).value == 0,
	      "these are two pins, and counted");
	check_status(test, nx_dma_unpin(device, all.number, 0), NX_OK,
		     "one is taken back");
	check_status(test, nx_dma_unpin(device, all.number, 0),
		     NX_ERR_NOT_FOUND, "just once");
	pin_make(&again, device, vmo, 3, 2, NX_MAP_READ);
	check(test, again.number != all.number && runs_are_equal(&again, &part),
	      "the same pages are at the same place, under a new number");
	check_status(test, nx_dma_unpin(device, UINT64_MAX, 0),
		     NX_ERR_NOT_FOUND, "a wild number is no pin");
	check_status(test, nx_dma_unpin(device, part.number, 2),
		     NX_ERR_INVALID_ARGS, "unknown options are refused");
	nx_dma_unpin(device, part.number, 0);
	nx_dma_unpin(device, again.number, 0);
	check(test, facts_of(device.handle).state == 0, "none is left");
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
}

static void refusals(struct test *test)
{
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo(2 * PAGE);
	nx_vmo_t weak = { dup_of(vmo.handle, NX_RIGHTS_ALL & ~NX_RIGHT_DMA) };
	nx_vmo_t fixed = { dup_of(vmo.handle,
				  NX_RIGHTS_ALL & ~NX_RIGHT_WRITE) };
	struct nx_dma_run runs[2];
	uint64_t pin, count;

	check_status(test,
		     nx_dma_pin(device, weak, 0, PAGE, NX_MAP_READ, runs, 2,
				&pin, &count),
		     NX_ERR_ACCESS_DENIED, "memory is not pinned without DMA");
	check_status(test,
		     nx_dma_pin(device, fixed, 0, PAGE, READ_WRITE, runs, 2,
				&pin, &count),
		     NX_ERR_ACCESS_DENIED, "nor to write without WRITE");
	check_status(test,
		     nx_dma_pin(device, (nx_vmo_t){ test->mmio.handle }, 0,
				PAGE, NX_MAP_READ, runs, 2, &pin, &count),
		     NX_ERR_WRONG_KIND, "registers are not pinned");
	check(test,
	      nx_dma_pin(device, vmo, 0, 0, NX_MAP_READ, runs, 2, &pin,
			 &count) == NX_ERR_INVALID_ARGS &&
		      nx_dma_pin(device, vmo, 8, PAGE, NX_MAP_READ, runs, 2,
				 &pin, &count) == NX_ERR_INVALID_ARGS &&
		      nx_dma_pin(device, vmo, 0, PAGE + 8, NX_MAP_READ, runs, 2,
				 &pin, &count) == NX_ERR_INVALID_ARGS &&
		      nx_dma_pin(device, vmo, 0, PAGE, NX_MAP_WRITE, runs, 2,
				 &pin, &count) == NX_ERR_INVALID_ARGS &&
		      nx_dma_pin(device, vmo, 0, PAGE,
				 NX_MAP_READ | NX_MAP_EXEC, runs, 2, &pin,
				 &count) == NX_ERR_INVALID_ARGS,
	      "only whole pages are, to read or also to write");
	check(test,
	      nx_dma_pin(device, vmo, PAGE, 2 * PAGE, NX_MAP_READ, runs, 2,
			 &pin, &count) == NX_ERR_OUT_OF_RANGE &&
		      nx_dma_pin(device, vmo, ~(PAGE - 1), 2 * PAGE,
				 NX_MAP_READ, runs, 2, &pin,
				 &count) == NX_ERR_OUT_OF_RANGE,
	      "and only those of the memory");
	check_status(test,
		     nx_dma_pin(device, vmo, 0, PAGE, NX_MAP_READ, runs, 0,
				&pin, &count),
		     NX_ERR_BUFFER_TOO_SMALL, "they have to be told");
	check_status(test,
		     nx_dma_pin(device, vmo, 0, PAGE, NX_MAP_READ,
				(struct nx_dma_run *)64, 1, &pin, &count),
		     NX_ERR_BAD_ADDRESS, "where that can be written");
	check(test, facts_of(device.handle).state == 0,
	      "what is refused pins nothing");
	nx_handle_close(fixed.handle);
	nx_handle_close(weak.handle);
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
}

static void seals(struct test *test)
{
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo(2 * PAGE), slice = { NX_HANDLE_NONE };
	struct pin written, slices, read, none;

	pin_make(&written, device, vmo, 0, 1, READ_WRITE);
	nx_vmo_slice(vmo, PAGE, PAGE, &slice);
	pin_make(&slices, device, slice, 0, 1, READ_WRITE);
	pin_make(&read, device, vmo, 1, 1, NX_MAP_READ);
	check(test,
	      slices.status == NX_OK && read.status == NX_OK &&
		      slices.runs[0].address == read.runs[0].address,
	      "a slice is pinned where the pages of its root are");
	nx_dma_unpin(device, written.number, 0);
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
		     "what a device may write to is not sealed");
	nx_dma_unpin(device, slices.number, 0);
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_OK,
		     "what it only reads is");
	pin_make(&none, device, vmo, 0, 1, READ_WRITE);
	check_status(test, none.status, NX_ERR_SEALED,
		     "what is sealed no device writes to");
	pin_make(&none, device, slice, 0, 1, READ_WRITE);
	check_status(test, none.status, NX_ERR_SEALED, "nor to a slice of it");
	nx_dma_unpin(device, read.number, 0);
	nx_handle_close(slice.handle);
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
}

/* Nobody can write sealed pages, so they stay where they are. */
static void shared(struct test *test)
{
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo(2 * PAGE), copy = { NX_HANDLE_NONE };
	struct pin before, after;

	pin_make(&before, device, vmo, 0, 2, NX_MAP_READ);
	nx_vmo_seal(vmo, NX_SEAL_WRITE);
	check_status(test, nx_vmo_snapshot(vmo, 0, 2 * PAGE, &copy), NX_OK,
		     "sealed memory has snapshots while a device reads it");
	nx_dma_unpin(device, before.number, 0);
	nx_vmo_write(copy, 0, "a", 1);
	pin_make(&after, device, vmo, 0, 2, NX_MAP_READ);
	check(test, after.status == NX_OK && runs_are_equal(&after, &before),
	      "nor do snapshots keep it from devices");
	pin_make(&before, device, copy, 1, 1, NX_MAP_READ);
	check_status(test, before.status, NX_ERR_BUSY,
		     "a snapshot that can be written is not pinned before");
	nx_dma_unpin(device, after.number, 0);
	nx_vmo_seal(copy, NX_SEAL_WRITE);
	pin_make(&before, device, copy, 0, 2, NX_MAP_READ);
	nx_handle_close(vmo.handle);
	pin_make(&after, device, copy, 0, 2, NX_MAP_READ);
	check(test, before.status == NX_OK && runs_are_equal(&after, &before),
	      "one that cannot is, and stays when its source goes");
	nx_dma_unpin(device, after.number, 0);
	nx_dma_unpin(device, before.number, 0);
	nx_handle_close(copy.handle);
	nx_handle_close(device.handle);
}

static void limits(struct test *test)
{
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo((NX_DMA_PAGES_MAX + 1) * PAGE);
	uint64_t numbers[NX_DMA_PINS_MAX];
	unsigned count = 0;
	struct pin pin;

	pin_make(&pin, device, vmo, 0, NX_DMA_PAGES_MAX + 1, NX_MAP_READ);
	check_status(test, pin.status, NX_ERR_TOO_BIG,
		     "a pin has only so many pages");
	pin_make(&pin, device, vmo, 1, NX_DMA_PAGES_MAX, NX_MAP_READ);
	check(test,
	      pin.status == NX_ERR_BUFFER_TOO_SMALL ||
		      runs_are_sound(test, &pin, NX_DMA_PAGES_MAX),
	      "that many are pinned, if they are told in a few runs");
	if (pin.status == NX_OK)
		nx_dma_unpin(device, pin.number, 0);
	while (count < NX_DMA_PINS_MAX) {
		pin_make(&pin, device, vmo, count, 1, READ_WRITE);
		if (pin.status != NX_OK)
			break;
		numbers[count++] = pin.number;
	}
	pin_make(&pin, device, vmo, 0, 1, NX_MAP_READ);
	check(test, count == NX_DMA_PINS_MAX && pin.status == NX_ERR_NO_SPACE,
	      "a device has only so many pins");
	while (count > 0)
		nx_dma_unpin(device, numbers[--count], 0);
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
}

/* The memory outlives its handles for as long as a device has it. */
static void kept(struct test *test)
{
	nx_dma_t device = device_of(test);
	struct use_of_job before = job_use(test->job), while_pinned;
	nx_vmo_t vmo = new_vmo(PAGES * PAGE);
	struct pin pin, other;

	pin_make(&pin, device, vmo, 0, PAGES, READ_WRITE);
	nx_handle_close(vmo.handle);
	while_pinned = job_use(test->job);
	check(test, while_pinned.pages >= before.pages + PAGES,
	      "pinned memory without handles is there, and paid for");
	vmo = new_vmo(PAGES * PAGE);
	pin_make(&other, device, vmo, 0, PAGES, READ_WRITE);
	memcpy(pin.runs + pin.run_count, other.runs,
	       other.run_count * sizeof(other.runs[0]));
	pin.run_count += other.run_count;
	check(test, runs_are_sound(test, &pin, 2 * PAGES),
	      "nobody else gets it");
	nx_dma_unpin(device, pin.number, 0);
	nx_dma_unpin(device, other.number, 0);
	nx_handle_close(vmo.handle);
	check(test, use_is_equal(before, job_use(test->job)),
	      "it goes when it is unpinned");
	nx_handle_close(device.handle);
}

static void given_up(struct test *test)
{
	nx_mmio_t window = window_of(test, DEVICE_PAGE);
	nx_mmio_t another = window_of(test, DEVICE_PAGE + PAGE);
	nx_mmio_t weak = { dup_of(window.handle,
				  NX_RIGHTS_ALL & ~NX_RIGHT_WRITE) };
	nx_dma_t device = device_of(test), lowest = { NX_HANDLE_NONE };
	nx_vmo_t vmo = new_vmo(4 * PAGE);
	uint64_t freed = 7;
	struct pin pin, live, none;

	pin_make(&pin, device, vmo, 0, 3, READ_WRITE);
	pin_make(&live, device, vmo, 3, 1, NX_MAP_READ);
	check_status(test, nx_dma_unpin(device, pin.number, NX_DMA_UNFINISHED),
		     NX_OK, "a pin is given up, the device may still use it");
	check(test,
	      facts_of(device.handle).state == 1 &&
		      facts_of(device.handle).value == 3,
	      "its pages are in quarantine");
	check_status(test, nx_dma_unpin(device, pin.number, 0),
		     NX_ERR_NOT_FOUND, "a word alone does not bring them back");
	pin_make(&none, device, vmo, 0, 1, NX_MAP_READ);
	check_status(test, none.status, NX_ERR_BAD_STATE,
		     "the device gets nothing new");
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_ERR_BUSY,
		     "it may still write");
	check_status(test, nx_dma_reset(device, another, &freed),
		     NX_ERR_INVALID_ARGS,
		     "who has another device cannot say that it is reset");
	nx_dma_narrow(test->dma, 0, NX_DMA_TRUSTED, &lowest);
	check(test,
	      nx_dma_reset(device, test->mmio, &freed) == NX_ERR_INVALID_ARGS &&
		      nx_dma_reset(lowest, test->mmio, &freed) ==
			      NX_ERR_INVALID_ARGS,
	      "nor who has all of them at once");
	nx_handle_close(lowest.handle);
	check_status(test, nx_dma_reset(device, weak, &freed),
		     NX_ERR_ACCESS_DENIED, "nor who cannot write to it");
	check_status(test, nx_dma_reset(test->dma, window, &freed),
		     NX_ERR_BAD_STATE, "all devices are not reset at once");
	check(test, nx_dma_reset(device, window, &freed) == NX_OK && freed == 3,
	      "who has its registers can");
	check(test,
	      facts_of(device.handle).state == 1 &&
		      facts_of(device.handle).value == 0,
	      "what was not given up stays pinned");
	nx_dma_unpin(device, live.number, 0);
	check_status(test, nx_vmo_seal(vmo, NX_SEAL_WRITE), NX_OK,
		     "the memory is its owner's again");
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
	nx_handle_close(weak.handle);
	nx_handle_close(another.handle);
	nx_handle_close(window.handle);
}

/* Handle 0 is a device. words[0]: pages that it has pinned. */
static void driver(struct peer_page *page, struct nx_message_buffer *buffer)
{
	const nx_dma_t device = { page->handles[0] };
	const nx_event_t event = new_event();
	uint64_t bits;

	(void)buffer;
	for (unsigned i = 0; i < 4; i++) {
		nx_vmo_t vmo = new_vmo(PAGES * PAGE);
		struct pin pin;

		pin_make(&pin, device, vmo, 0, PAGES, READ_WRITE);
		if (pin.status == NX_OK)
			page->words[0] += PAGES;
		nx_handle_close(vmo.handle);
	}
	page->words[1] = 1;
	nx_wait(event, 1, NX_DEADLINE_NEVER, &bits);
}

/* A driver that dies, and with it the job that has paid for all it had. */
static void dead_driver(struct test *test)
{
	struct use_of_job before = job_use(test->job), after;
	nx_job_t job = new_job(test, 512, 64, 4);
	nx_mmio_t window = window_of(test, DEVICE_PAGE);
	nx_dma_t device = device_of(test);
	uint64_t freed = 0;
	struct peer peer;
	struct pin pin;
	nx_vmo_t vmo;

	if (!peer_process(test, &peer, job, driver))
		return;
	peer_give(&peer, 0, device.handle, NX_RIGHTS_SAME);
	nx_handle_close(device.handle);
	peer_start(&peer);
	check(test,
	      peer_await(test, &peer, 1, 1) && peer.page->words[0] == 4 * PAGES,
	      "a driver pins memory");
	nx_task_kill(job.handle, 0);
	peer_wait(test, &peer);
	peer_drop(test, &peer);
	nx_handle_close(job.handle);
	after = job_use(test->job);
	check(test, after.pages >= before.pages + 4 * PAGES,
	      "when its job is killed, that is still paid for");
	device = device_of(test);
	check(test, facts_of(device.handle).value == 4 * PAGES,
	      "its successor finds it in quarantine");
	vmo = new_vmo(PAGE);
	pin_make(&pin, device, vmo, 0, 1, NX_MAP_READ);
	check_status(test, pin.status, NX_ERR_BAD_STATE, "and pins nothing,");
	check(test,
	      nx_dma_reset(device, window, &freed) == NX_OK &&
		      freed == 4 * PAGES,
	      "until it has reset the device");
	pin_make(&pin, device, vmo, 0, 1, NX_MAP_READ);
	check_status(test, pin.status, NX_OK, "from then on it does");
	nx_dma_unpin(device, pin.number, 0);
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
	nx_handle_close(window.handle);
	after = job_use(test->job);
	check(test, use_is_equal(before, after),
	      "every page is back where it was taken");
}

static void revoked(struct test *test)
{
	nx_mmio_t window = window_of(test, DEVICE_PAGE);
	nx_dma_t device = device_of(test);
	nx_vmo_t vmo = new_vmo(PAGE);
	uint64_t freed = 0;
	struct pin pin;

	pin_make(&pin, device, vmo, 0, 1, NX_MAP_READ);
	nx_handle_revoke(test->dma.handle);
	check(test, facts_of(device.handle).status == NX_ERR_BAD_HANDLE,
	      "who has all devices takes one back");
	device = device_of(test);
	check(test, facts_of(device.handle).value == 1,
	      "what was pinned for it is in quarantine");
	nx_dma_reset(device, window, &freed);
	check(test, freed == 1, "until it is reset");
	nx_handle_close(vmo.handle);
	nx_handle_close(device.handle);
	nx_handle_close(window.handle);
}

const struct system_case system_cases[] = {
	{ "devices", devices },
	{ "pins", pins },
	{ "what is refused", refusals },
	{ "seals", seals },
	{ "shared pages", shared },
	{ "limits", limits },
	{ "kept memory", kept },
	{ "pins given up", given_up },
	{ "dead drivers", dead_driver },
	{ "revoked devices", revoked },
	{ NULL, NULL },
};
