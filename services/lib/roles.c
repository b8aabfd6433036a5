/* SPDX-License-Identifier: BSD-2-Clause */
#include <lib/roles.h>

#include <stddef.h>
#include <string.h>

static const struct role {
	uint32_t number;
	const char *name;
} roles[] = {
	{ NX_ROLE_PROCESS, "process" },
	{ NX_ROLE_JOB, "job" },
	{ NX_ROLE_TRACE, "debug-line" },
	{ NX_ROLE_BOOT_PACKAGE, "boot-package" },
	{ NX_ROLE_DEVICE_TREE, "device-tree" },
	{ NX_ROLE_MMIO, "device-windows" },
	{ NX_ROLE_IRQ, "interrupt-lines" },
	{ NX_ROLE_DMA, "device-memory" },
#define ROLE(number, upper, name, text) { number, name },
#include <lib/roles.def>
#undef ROLE
};

#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

const char *role_name(uint32_t role)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (roles[i].number == role)
			return roles[i].name;
	return "?";
}

uint32_t role_of(const char *service)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (strcmp(roles[i].name, service) == 0)
			return roles[i].number;
	return NX_ROLE_NONE;
}
