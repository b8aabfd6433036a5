/* SPDX-License-Identifier: BSD-2-Clause */
/* The first process has everything there is: the first job, the boot
 * package, the device tree, the devices and the debug line. Read-only segments
 * of /init are shown in place, out of the package; others are copies. */
#include "boot/boot.h"

#include <kernel/budget.h>
#include <kernel/job.h>
#include <kernel/mmio.h>
#include <kernel/page.h>
#include <kernel/process.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/vmo.h>
#include <nexus/program.h>
#include <nexus/startup.h>

#define INIT_SERVICE_ID 1
#define INIT_STACK_SIZE (16 * NX_PAGE_SIZE)
#define INIT_NAME_LOW UINT64_C(0x74696e69) /* "init", little-endian */

/* What is being put together; unwound by nobody: a failure is a refusal. */
struct first {
	const struct boot_info *info;
	const struct boot_file *init;
	struct process *process;
	struct thread *thread;
	struct vmo *package;
	struct nx_startup *startup;
};

HELD static void must(nx_status_t status, const char *what)
{
	if (status != NX_OK)
		boot_refuse("first process: %s: %s", what,
			    nx_status_name(status));
}

static const char *package_bytes(const struct first *first)
{
	return phys_to_virt(first->info->package.base);
}

/* The pages of the package hold nothing but the package. */
HELD static void make_package(struct first *first)
{
	const struct boot_range *range = &first->info->package;
	uint64_t whole = page_round_up(range->size_bytes);
	char *end = (char *)phys_to_virt(range->base) + range->size_bytes;

	memset(end, 0, whole - range->size_bytes);
	must(vmo_create_physical(root_job, range->base, whole,
				 range->size_bytes, &first->package),
	     "boot package");
	must(vmo_object_seal(first->package, NX_SEAL_ALL), "boot package");
}

/* Pages of its own for a segment, filled from the file. */
HELD static struct vmo *copy_segment(const struct first *first,
				     const struct nx_segment *segment)
{
	uint64_t offset = segment->address % NX_PAGE_SIZE;
	struct vmo *vmo;

	must(vmo_create(root_job, page_round_up(offset + segment->memory_bytes),
			&vmo),
	     "segment");
	vmo_copy_in(vmo, offset,
		    package_bytes(first) + first->init->offset +
			    segment->file_offset,
		    segment->file_bytes);
	if ((segment->access & NX_MAP_WRITE) == 0)
		must(vmo_object_seal(vmo, NX_SEAL_ALL), "segment");
	return vmo;
}

HELD static void map_segment(const struct first *first,
			     const struct nx_segment *segment)
{
	uint64_t offset = segment->address % NX_PAGE_SIZE;
	bool in_place = (segment->access & NX_MAP_WRITE) == 0 &&
			segment->file_bytes == segment->memory_bytes;
	struct vmo *vmo =
		in_place ? first->package : copy_segment(first, segment);
	uint64_t from =
		in_place ? first->init->offset + segment->file_offset - offset
			 : 0;
	nx_uaddr_t address;

	must(space_map(&first->process->space, vmo, NULL, from,
		       page_round_up(offset + segment->memory_bytes),
		       segment->access | NX_MAP_FIXED,
		       segment->address - offset, &address),
	     "segment");
	if (!in_place)
		object_unref(&vmo->object);
}

HELD static nx_uaddr_t load_program(const struct first *first)
{
	uint64_t size = first->init->size_bytes;
	struct nx_program program;

	if (nx_program_decode(package_bytes(first) + first->init->offset, size,
			      size, &program) != NX_OK)
		boot_refuse("boot package: /init is not executable");
	for (uint32_t i = 0; i < program.segment_count; i++)
		map_segment(first, &program.segments[i]);
	return arch_space_base(&first->process->space) + program.entry;
}

HELD static nx_uaddr_t make_stack(const struct first *first)
{
	struct vmo *vmo;
	nx_uaddr_t address;

	must(vmo_create(root_job, INIT_STACK_SIZE, &vmo), "stack");
	must(space_map(&first->process->space, vmo, NULL, 0, INIT_STACK_SIZE,
		       NX_MAP_READ | NX_MAP_WRITE, 0, &address),
	     "stack");
	object_unref(&vmo->object);
	return address + INIT_STACK_SIZE;
}

/* The reference stays the caller's. */
HELD static nx_handle_t give(const struct first *first, struct object *object)
{
	nx_handle_t handle = NX_HANDLE_NONE;

	must(handle_install_new(&first->process->handles, object, &handle),
	     "handle");
	return handle;
}

HELD static void give_role(struct first *first, uint32_t role,
			   struct object *object)
{
	struct nx_startup *startup = first->startup;

	startup->handles[startup->handle_count++] =
		(struct nx_startup_handle){ role, give(first, object) };
}

/* The reference goes. */
HELD static void give_new(struct first *first, uint32_t role,
			  struct object *object)
{
	give_role(first, role, object);
	object_unref(object);
}

/* The first of a kind is nothing but a right to all there is of it. */
HELD static void give_first(struct first *first, uint32_t role, uint32_t kind)
{
	struct object *object;

	must(object_create(root_job, kind, &object), nx_kind_name(kind));
	give_new(first, role, object);
}

HELD static void give_device_tree(struct first *first)
{
	const struct boot_range *range = &first->info->device_tree;
	struct vmo *vmo;

	if (range->size_bytes == 0)
		return;
	must(vmo_create(root_job, page_round_up(range->size_bytes), &vmo),
	     "device tree");
	vmo_copy_in(vmo, 0, phys_to_virt(range->base), range->size_bytes);
	vmo->content_bytes = range->size_bytes;
	must(vmo_object_seal(vmo, NX_SEAL_ALL), "device tree");
	give_new(first, NX_ROLE_DEVICE_TREE, &vmo->object);
}

HELD static void give_devices(struct first *first)
{
	struct mmio *mmio;

	if (first->info->devices.size_bytes > 0) {
		must(mmio_create_first(root_job, &first->info->devices, &mmio),
		     "devices");
		give_new(first, NX_ROLE_MMIO, &mmio->memory.object);
	}
	give_first(first, NX_ROLE_IRQ, NX_KIND_IRQ);
	give_first(first, NX_ROLE_DMA, NX_KIND_DMA);
}

/* Append a string; false when the page is full. */
static bool add_argument(struct nx_startup *startup, const char *text,
			 size_t length)
{
	char *to = (char *)startup + startup->size_bytes;

	if (length + 1 > NX_STARTUP_SIZE_MAX - startup->size_bytes)
		return false;
	memcpy(to, text, length);
	to[length] = '\0';
	startup->size_bytes += (uint32_t)length + 1;
	startup->arg_count++;
	return true;
}

/* The words of the boot arguments; what does not fit is left out. */
static void add_arguments(struct nx_startup *startup, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t length = 0;

		while (text[length] != '\0' && text[length] != ' ')
			length++;
		if (length > 0 && !add_argument(startup, text, length))
			return;
		text += length + (text[length] == ' ');
	}
}

/* In its page, which is zero but for the handles that are given later. */
HELD static struct vmo *make_startup(struct first *first)
{
	struct nx_startup *startup;
	struct vmo *vmo;

	must(vmo_create(root_job, NX_STARTUP_SIZE_MAX, &vmo), "startup");
	startup = phys_to_virt(vmo_page(vmo, 0));
	startup->magic = NX_STARTUP_MAGIC;
	startup->version = NX_STARTUP_VERSION;
	startup->size_bytes = sizeof(*startup);
	startup->args_offset = sizeof(*startup);
	startup->service_id = INIT_SERVICE_ID;
	startup->ticks_per_second = arch_ticks_per_second();
	startup->memory_bytes = first->info->memory_bytes;
	arch_random(startup->random);
	add_argument(startup, "/init", 5);
	add_arguments(startup, first->info->arguments);
	first->startup = startup;
	return vmo;
}

HELD static void make_thread(struct first *first)
{
	const uint64_t name[2] = { INIT_NAME_LOW, 0 };
	struct budget *budget = NULL;

	must(process_create(root_job, INIT_SERVICE_ID, name, &first->process),
	     "process");
	must(process_set_up(first->process), "space");
	must(budget_create(root_job, NX_QOS_NORMAL, NX_SHARE_DEFAULT, &budget),
	     "budget");
	must(thread_create(first->process, &first->thread), "thread");
	must(thread_set_up(first->thread, first->process, budget), "buffer");
	object_unref(&budget->object);
}

void first_process_start(const struct boot_info *info,
			 const struct boot_file *init)
{
	struct first first = { .info = info, .init = init };
	nx_uaddr_t entry, stack;
	struct vmo *startup;

	make_thread(&first);
	startup = make_startup(&first);
	make_package(&first);
	entry = load_program(&first);
	stack = make_stack(&first);
	give_role(&first, NX_ROLE_PROCESS, &first.process->object);
	give_role(&first, NX_ROLE_JOB, &root_job->object);
	give_first(&first, NX_ROLE_TRACE, NX_KIND_TRACE);
	give_role(&first, NX_ROLE_BOOT_PACKAGE, &first.package->object);
	give_device_tree(&first);
	give_devices(&first);
	must(thread_start(first.thread, entry, stack,
			  give(&first, &startup->object)),
	     "thread");
	object_unref(&startup->object);
	object_unref(&first.package->object);
	object_unref(&first.thread->object);
	object_unref(&first.process->object);
}
