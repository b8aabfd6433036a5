/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows of device registers: which there are, and which there cannot be.
 * They are few, as drivers are, so a list will do. */
#include <kernel/hooks.h>
#include <kernel/mmio.h>

static struct {
	struct list windows;
	struct boot_range kept[2 * BOOT_RANGES_MAX];
	uint32_t kept_count;
} devices;

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
	nx_status_t status;

	status = object_create(job, NX_KIND_MMIO, &mmio);
	if (status != NX_OK)
		return status;
	vmo_init_physical(&mmio->memory, range->base, range->size_bytes);
	list_init(&mmio->windows);
	*out_mmio = mmio;
	return NX_OK;
}

static bool is_kept(const struct boot_range *window)
{
	for (uint32_t i = 0; i < devices.kept_count; i++)
		if (ranges_overlap(window, &devices.kept[i]))
			return true;
	return false;
}

static bool is_taken(const struct boot_range *window)
{
	LIST_FOR_EACH(const struct mmio, mmio, &devices.windows, windows) {
		struct boot_range other = { mmio->memory.memory.base,
					    mmio->memory.size_bytes };

		if (ranges_overlap(window, &other))
			return true;
	}
	return false;
}

nx_status_t mmio_create(struct job *job, struct mmio *from, uint64_t offset,
			uint64_t size_bytes, struct mmio **out_window)
{
	const struct vmo *all = &from->memory;
	struct boot_range window = { all->memory.base + offset, size_bytes };
	nx_status_t status;

	if (size_bytes == 0 || !is_page_aligned(offset) ||
	    !is_page_aligned(size_bytes))
		return NX_ERR_INVALID_ARGS;
	if (size_bytes > NX_VMO_SIZE_MAX)
		return NX_ERR_TOO_BIG;
	if (offset > all->size_bytes || size_bytes > all->size_bytes - offset)
		return NX_ERR_OUT_OF_RANGE;
	if (is_kept(&window))
		return NX_ERR_ACCESS_DENIED;
	if (is_taken(&window))
		return NX_ERR_BUSY;
	status = mmio_create_first(job, &window, out_window);
	if (status == NX_OK)
		list_push_back(&devices.windows, &(*out_window)->windows);
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
