/* SPDX-License-Identifier: BSD-2-Clause
 * packagefsd: mounts the packages it was given, then serves. Package n is
 * mounted under argument n; `.` is the root. The boot package is /system.
 */
#include "packagefsd.h"

#include <crt/text.h>
#include <lib/roles.h>

#define PROTO_NAME packagefs
#define PROTO_TABLE <proto/packagefs.def>
#define PROTO_STATE packagefs
#include <proto/server.h>

static const struct service_table packagefs_table = {
	.name = "packagefsd",
	.methods = packagefs_methods,
	.count = sizeof(packagefs_methods) / sizeof(packagefs_methods[0]),
};

static void mount_given(struct packagefs *fs, nx_handle_t package,
			const char *name)
{
	const nx_vmo_t vmo = { package };
	struct epk_failure failure;
	nx_status_t status;
	uint32_t index;

	if (text_equals(name, "."))
		name = "";
	status = mount_add(fs, vmo, name, strlen(name), &failure, &index);
	if (status == NX_OK)
		program_print(fs->program,
			      "packagefsd: mounted /%s (%u nodes, %lu bytes)\n",
			      name,
			      fs->mounts[index].image.epk.header.node_count,
			      fs->mounts[index].image.epk.header.image_size);
	else
		program_print(fs->program,
			      "packagefsd: /%s refused: %s, %s at stage %s\n",
			      name, nx_status_name(status),
			      epk_status_name(failure.status),
			      epk_stage_name(failure.stage));
}

static void mount_all(struct packagefs *fs)
{
	struct program *program = fs->program;
	nx_handle_t package;

	for (unsigned i = 0; i + 1 < program->arg_count; i++) {
		package = program_handle_nth(program, ROLE_PACKAGE, i);
		if (package == NX_HANDLE_NONE)
			break;
		mount_given(fs, package, program->args[i + 1]);
	}
	package = program_handle(program, NX_ROLE_BOOT_PACKAGE);
	if (package != NX_HANDLE_NONE)
		mount_given(fs, package, "system");
}

static int packagefsd_main(struct program *program)
{
	struct packagefs *fs =
		heap_allocate_zero(&program->heap, 1, sizeof(*fs));
	nx_status_t status;

	if (!fs)
		return NX_ERR_NO_MEMORY;
	fs->program = program;
	fs->service.program = program;
	fs->service.port.handle = program_handle(program, ROLE_PORT);
	fs->service.table = &packagefs_table;
	fs->service.state = fs;
	mount_all(fs);
	program_print(program, "packagefsd: ready\n");
	status = service_run(&fs->service);
	program_print(program, "packagefsd: ends, %s\n",
		      nx_status_name(status));
	return status;
}

PROGRAM(packagefsd)
