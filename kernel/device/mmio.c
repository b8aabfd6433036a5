/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows of device registers and the calls on them: which there are, and which
 * there cannot be. They are few, as drivers are, so a list will do. */
#include <kernel/arguments.h>
#include <kernel/hooks.h>
#include <kernel/mmio.h>
#include <kernel/process.h>
#include <kernel/syscall.h>
#include <nexus/rights.h>

static struct {
	struct list windows;
	struct boot_range kept[2 * BOOT_RANGES_MAX];
	uint32_t kept_count;
} devices GUARDED;

/* The pages of a device, not its registers only: two cannot share one. */
void mmio_boot(const struct boot_info *info)
{
	list_init(&devices.windows);
	devices.kept_count = info->kept_count;
	for (uint32_t i = 0; i < info->kept_count; i++) {
		struct boot_range kept = info->kept[i];
		uint64_t before = kept.base & (NX_PAGE_SIZE - 1);

		kept.base -= before;
		kept.size_bytes = page_round_up(kept.size_bytes + before);
		devices.kept[i] = kept;
	}
}

nx_status_t mmio_create_first(struct job *job, const struct boot_range *range,
			      struct mmio **out_mmio)
{
	struct mmio *mmio;
	nx_status_t status = object_create(job, NX_KIND_MMIO, &mmio);

	if (status != NX_OK)
		return status;
	vmo_init_physical(&mmio->memory, range->base, range->size_bytes);
	list_init(&mmio->windows);
	*out_mmio = mmio;
	return NX_OK;
}

HELD static bool is_kept(const struct boot_range *window)
{
	for (uint32_t i = 0; i < devices.kept_count; i++)
		if (ranges_overlap(window, &devices.kept[i]))
			return true;
	return false;
}

HELD static bool is_taken(const struct boot_range *window)
{
	LIST_FOR_EACH(const struct mmio, mmio, &devices.windows, windows) {
		struct boot_range other = { mmio->memory.memory.base,
					    mmio->memory.size_bytes };

		if (ranges_overlap(window, &other))
			return true;
	}
	return false;
}

HELD static nx_status_t window_check(const struct vmo *all, uint64_t offset,
				     uint64_t size_bytes,
				     struct boot_range *out_window)
{
	struct boot_range window = { all->memory.base + offset, size_bytes };

	if (size_bytes == 0 || !is_page_aligned(offset | size_bytes))
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	if (offset > all->size_bytes || size_bytes > all->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if (is_kept(&window))
		return NX_ERR_ACCESS_DENIED;
	if (is_taken(&window))
		return NX_ERR_BUSY;
	*out_window = window;
	return NX_OK;
}

nx_status_t sys_mmio_narrow(nx_handle_t number, uint64_t offset,
			    uint64_t size_bytes, nx_handle_t *out_window)
{
	struct boot_range window;
	struct handle *source;
	struct mmio *mmio;
	nx_status_t status =
		argument_handle(number, NX_KIND_MMIO, NX_RIGHT_MANAGE, &source);

	if (status == NX_OK)
		status = window_check(
			&((const struct mmio *)source->object)->memory, offset,
			size_bytes, &window);
	if (status == NX_OK)
		status = mmio_create_first(current_process()->object.job,
					   &window, &mmio);
	if (status != NX_OK)
		return status;
	list_push_back(&devices.windows, &mmio->windows);
	return argument_derive(&mmio->memory.object, source, out_window);
}

HELD static nx_status_t window_more(nx_uaddr_t *out_mapped,
				    uint64_t *out_size_bytes)
{
	uint64_t size_bytes = current_thread()->coming->size_bytes;
	nx_status_t status = space_map_more(out_mapped);

	if (status == NX_OK)
		*out_size_bytes = size_bytes;
	return status;
}

nx_status_t sys_mmio_map(nx_handle_t number, nx_handle_t process,
			 uint32_t access, nx_uaddr_t *out_mapped,
			 uint64_t *out_size_bytes)
{
	nx_rights_t rights = NX_RIGHT_MAP | NX_RIGHT_READ;
	struct process *target;
	struct handle *source;
	struct mmio *mmio;
	nx_status_t status;

	if (current_thread()->coming != NULL)
		return window_more(out_mapped, out_size_bytes);
	if (access != NX_MAP_READ && access != (NX_MAP_READ | NX_MAP_WRITE))
		return NX_ERR_INVALID_ARGS;
	if ((access & NX_MAP_WRITE) != 0)
		rights |= NX_RIGHT_WRITE;
	status = argument_process(process, NX_RIGHT_MAP, &target);
	if (status == NX_OK)
		status = argument_handle(number, NX_KIND_MMIO, rights, &source);
	if (status != NX_OK)
		return status;
	mmio = (struct mmio *)source->object;
	if (target->state > NX_PROCESS_RUNNING || mmio_is_first(mmio))
		return NX_ERR_BAD_STATE;
	if (mmio->memory.mapping_count > 0)
		return NX_ERR_BUSY;
	status = space_map(&target->space, &mmio->memory, &source->link, 0,
			   mmio->memory.size_bytes, access, 0, out_mapped);
	if (status == NX_OK)
		*out_size_bytes = mmio->memory.size_bytes;
	return status;
}

bool mmio_destroy(struct object *object)
{
	list_remove(&((struct mmio *)object)->windows);
	return true;
}

void mmio_info(const struct object *object, uint64_t *state, uint64_t *value)
{
	const struct vmo *memory = &((const struct mmio *)object)->memory;

	*state = memory->memory.base;
	*value = memory->size_bytes;
}
