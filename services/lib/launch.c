/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/launch.h>

#include <nexus/syscalls.h>
#include <string.h>

/** A page of startup record while it is written. */
union startup_page {
	struct nx_startup record;
	char bytes[NX_STARTUP_SIZE_MAX];
};

static uint64_t page_floor(uint64_t value)
{
	return value & ~(NX_PAGE_SIZE - 1);
}

static uint64_t page_ceil(uint64_t value)
{
	return page_floor(value + NX_PAGE_SIZE - 1);
}

/* Whole pages of the file hold all of it, and nobody will write to it. */
static bool is_direct(const struct nx_segment *segment)
{
	return (segment->access & NX_MAP_WRITE) == 0 &&
	       page_ceil(segment->address + segment->memory_bytes) ==
		       page_ceil(segment->address + segment->file_bytes);
}

static nx_status_t map_direct(const struct launch *launch, nx_process_t process,
			      const struct nx_segment *segment,
			      nx_uaddr_t *out_mapped)
{
	uint64_t first = page_floor(segment->address);
	uint64_t size =
		page_ceil(segment->address + segment->memory_bytes) - first;
	uint64_t offset =
		launch->file.offset + page_floor(segment->file_offset);

	return nx_map(process, launch->file.vmo, offset, size,
		      segment->access | NX_MAP_FIXED, first, out_mapped);
}

/* Fresh pages with the file's bytes in front; sealed unless writable. */
static nx_status_t map_copy(const struct launch *launch, nx_process_t process,
			    const struct nx_segment *segment,
			    nx_uaddr_t *out_mapped)
{
	uint64_t first = page_floor(segment->address);
	uint64_t size =
		page_ceil(segment->address + segment->memory_bytes) - first;
	nx_status_t status;
	nx_vmo_t vmo;

	status = nx_vmo_create(launch->job, size, &vmo);
	if (status != NX_OK)
		return status;
	if (segment->file_bytes)
		status = nx_vmo_write(vmo, segment->address - first,
				      launch->file.bytes + segment->file_offset,
				      segment->file_bytes);
	if (status == NX_OK && (segment->access & NX_MAP_WRITE) == 0)
		status = nx_vmo_seal(vmo, NX_SEAL_WRITE);
	if (status == NX_OK)
		status = nx_map(process, vmo, 0, size,
				segment->access | NX_MAP_FIXED, first,
				out_mapped);
	nx_handle_close(vmo.handle);
	return status;
}

/* Returns how far the program lies from where it was linked. */
static nx_status_t map_segments(const struct launch *launch,
				nx_process_t process,
				const struct nx_program *program,
				uint64_t *out_moved)
{
	for (uint32_t i = 0; i < program->segment_count; i++) {
		const struct nx_segment *segment = &program->segments[i];
		nx_uaddr_t mapped = 0;
		nx_status_t status;

		status = is_direct(segment)
				 ? map_direct(launch, process, segment, &mapped)
				 : map_copy(launch, process, segment, &mapped);
		if (status != NX_OK)
			return status;
		*out_moved = mapped - page_floor(segment->address);
	}
	return NX_OK;
}

static nx_status_t map_stack(const struct launch *launch, nx_process_t process,
			     nx_uaddr_t *out_top)
{
	uint64_t size = page_ceil(launch->stack_bytes);
	nx_uaddr_t mapped = 0;
	nx_status_t status;
	nx_vmo_t vmo;

	status = nx_vmo_create(launch->job, size, &vmo);
	if (status != NX_OK)
		return status;
	status = nx_map(process, vmo, 0, size, NX_MAP_READ | NX_MAP_WRITE, 0,
			&mapped);
	nx_handle_close(vmo.handle);
	if (status == NX_OK)
		*out_top = mapped + size;
	return status;
}

static nx_status_t give_handles(const struct launch *launch,
				nx_process_t process, struct nx_startup *record)
{
	for (unsigned i = 0; i < launch->handle_count; i++) {
		const struct launch_handle *from = &launch->handles[i];
		struct nx_startup_handle *to = &record->handles[i];
		nx_status_t status;

		status = nx_handle_dup(from->source, from->rights, from->badge,
				       process, &to->handle);
		if (status != NX_OK)
			return status;
		to->role = from->role;
	}
	record->handle_count = (uint16_t)launch->handle_count;
	return NX_OK;
}

static nx_status_t put_args(const struct launch *launch,
			    union startup_page *page)
{
	struct nx_startup *record = &page->record;

	record->args_offset = sizeof(*record);
	record->size_bytes = sizeof(*record);
	for (unsigned i = 0; i < launch->arg_count; i++) {
		size_t size = strlen(launch->args[i]) + 1;

		if (size > NX_STARTUP_SIZE_MAX - record->size_bytes)
			return NX_ERR_TOO_BIG;
		memcpy(page->bytes + record->size_bytes, launch->args[i], size);
		record->size_bytes += (uint32_t)size;
	}
	record->arg_count = launch->arg_count;
	return NX_OK;
}

/* A seed of its own for each child: splitmix64 over ours, its id and now. */
static void put_random(const struct launch *launch, struct nx_startup *record)
{
	uint64_t state = nx_ticks() ^ (uint64_t)launch->service_id << 32;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t mix;

		if (launch->parent->random[i] == 0)
			continue;
		state += launch->parent->random[i] +
			 UINT64_C(0x9e3779b97f4a7c15);
		mix = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		mix = (mix ^ mix >> 27) * UINT64_C(0x94d049bb133111eb);
		record->random[i] = mix ^ mix >> 31;
	}
}

static nx_status_t put_startup(const struct launch *launch,
			       nx_process_t process, nx_vmo_t vmo)
{
	union startup_page page;
	nx_status_t status;

	memset(&page, 0, sizeof(page));
	page.record.magic = NX_STARTUP_MAGIC;
	page.record.version = NX_STARTUP_VERSION;
	page.record.service_id = launch->service_id;
	page.record.ticks_per_second = launch->parent->ticks_per_second;
	page.record.memory_bytes = launch->parent->memory_bytes;
	put_random(launch, &page.record);
	status = put_args(launch, &page);
	if (status == NX_OK)
		status = give_handles(launch, process, &page.record);
	if (status != NX_OK)
		return status;
	return nx_vmo_write(vmo, 0, page.bytes, sizeof(page.bytes));
}

static nx_status_t make_startup(const struct launch *launch,
				nx_process_t process, nx_handle_t *out_handle)
{
	nx_status_t status;
	nx_vmo_t vmo;

	status = nx_vmo_create(launch->job, NX_STARTUP_SIZE_MAX, &vmo);
	if (status != NX_OK)
		return status;
	status = put_startup(launch, process, vmo);
	if (status == NX_OK)
		status = nx_handle_dup(vmo.handle, NX_RIGHT_READ, 0, process,
				       out_handle);
	nx_handle_close(vmo.handle);
	return status;
}

static nx_status_t start_thread(nx_process_t process, nx_uaddr_t entry,
				nx_uaddr_t stack, nx_handle_t startup)
{
	const nx_budget_t budget = { NX_HANDLE_NONE };
	nx_thread_t thread;
	nx_status_t status;

	status = nx_thread_create(process, budget, &thread);
	if (status != NX_OK)
		return status;
	status = nx_thread_start(thread, entry, stack, startup);
	nx_handle_close(thread.handle);
	return status;
}

static nx_status_t fill_process(const struct launch *launch,
				const struct nx_program *program,
				nx_process_t process)
{
	nx_handle_t startup = NX_HANDLE_NONE;
	nx_uaddr_t stack = 0;
	nx_status_t status;
	uint64_t moved = 0;

	status = map_segments(launch, process, program, &moved);
	if (status == NX_OK)
		status = map_stack(launch, process, &stack);
	if (status == NX_OK)
		status = make_startup(launch, process, &startup);
	if (status != NX_OK)
		return status;
	return start_thread(process, program->entry + moved, stack, startup);
}

static void pack_name(const char *name, uint64_t words[2])
{
	words[0] = 0;
	words[1] = 0;
	for (unsigned i = 0; i < 16 && name[i]; i++)
		words[i / 8] |= (uint64_t)(uint8_t)name[i] << i % 8 * 8;
}

nx_status_t launch_start(const struct launch *launch, nx_process_t *out_process)
{
	const struct launch_file *file = &launch->file;
	struct nx_program program;
	nx_process_t process;
	nx_status_t status;
	uint64_t name[2];
	uint64_t headers = file->size_bytes < NX_PROGRAM_HEADERS_MAX
				   ? file->size_bytes
				   : NX_PROGRAM_HEADERS_MAX;

	if (launch->handle_count > NX_STARTUP_HANDLES_MAX)
		return NX_ERR_OUT_OF_RANGE;
	status = nx_program_decode(file->bytes, headers, file->size_bytes,
				   &program);
	if (status != NX_OK)
		return status;
	pack_name(launch->name, name);
	status = nx_process_create(launch->job, launch->service_id, name[0],
				   name[1], &process);
	if (status != NX_OK)
		return status;
	status = fill_process(launch, &program, process);
	if (status != NX_OK) {
		nx_task_kill(process.handle, status);
		nx_handle_close(process.handle);
		return status;
	}
	*out_process = process;
	return NX_OK;
}
