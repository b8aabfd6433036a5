/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform.h"

#include "report.h"
#include "stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static uint32_t arch_of(const char *machine)
{
	static const struct {
		const char *machine;
		uint32_t arch;
	} rows[] = {
		{ "x86_64", EPK_ARCH_X86_64 },
		{ "riscv64", EPK_ARCH_RISCV64 },
		{ "aarch64", EPK_ARCH_AARCH64 },
		{ "i386", EPK_ARCH_X86_32 },
		{ "i486", EPK_ARCH_X86_32 },
		{ "i586", EPK_ARCH_X86_32 },
		{ "i686", EPK_ARCH_X86_32 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(machine, rows[i].machine) == 0)
			return rows[i].arch;
	}
	return EPK_ARCH_ANY; /* of no package but those for any */
}

void platform_from(const char *release, const char *machine,
		   struct epk_platform *out_platform)
{
	char *end;
	unsigned long major = strtoul(release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	*out_platform = (struct epk_platform){
		.arch = arch_of(machine),
		.kernel = EPK_KERNEL_LINUX,
		.kernel_major = (uint32_t)major,
		.kernel_minor = (uint32_t)minor,
	};
}

void platform_of_host(struct epk_platform *out_platform)
{
	struct utsname name = { .release = "0.0" };

	uname(&name);
	platform_from(name.release, name.machine, out_platform);
}

bool platform_check(const struct tool_image *image,
		    const struct options *options)
{
	const struct epk_manifest *manifest = &image->image->manifest;
	struct epk_platform platform;
	struct epk_failure failure = { .status = EPK_ERR_COMPAT,
				       .stage = EPK_STAGE_COMPAT,
				       .index = EPK_NO_INDEX };
	char wanted[EPK_LINE_MAX];
	char message[EPK_LINE_MAX + 200];

	platform_of_host(&platform);
	if (epk_manifest_fits(manifest, &platform) == EPK_OK)
		return true;
	manifest_text(manifest, EPK_KEY_KERNEL_API, wanted);
	snprintf(message, sizeof(message),
		 "%s: it is for %s, kernel_api %s; this is %s, linux-%u.%u",
		 epk_status_sentence(EPK_ERR_COMPAT),
		 epk_arch_name(manifest->arch), wanted,
		 epk_arch_name(platform.arch), platform.kernel_major,
		 platform.kernel_minor);
	return image_refused(options, image->file, &failure, message,
			     "get the package for this system");
}
