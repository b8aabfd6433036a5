/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host says it is, from the words of uname. */
#include "platform.h"

#include "support/tap.h"

static const struct {
	const char *release;
	const char *machine;
	uint32_t arch;
	uint32_t major;
	uint32_t minor;
} rows[] = {
	{ "6.1.0-18-amd64", "x86_64", EPK_ARCH_X86_64, 6, 1 },
	{ "5.10", "aarch64", EPK_ARCH_AARCH64, 5, 10 },
	{ "6.12.3+deb13", "riscv64", EPK_ARCH_RISCV64, 6, 12 },
	{ "3.2.0", "i686", EPK_ARCH_X86_32, 3, 2 },
	{ "7-rc1", "s390x", EPK_ARCH_ANY, 7, 0 },
	{ "", "", EPK_ARCH_ANY, 0, 0 },
};

static void check_fit(const struct epk_platform *platform)
{
	struct epk_manifest manifest = { .arch = EPK_ARCH_ANY,
					 .kernel = EPK_KERNEL_LINUX,
					 .kernel_major = 6,
					 .kernel_minor = 1 };

	ok(epk_manifest_fits(&manifest, platform) == EPK_OK,
	   "what wants this kernel fits");
	manifest.kernel_minor = 2;
	ok(epk_manifest_fits(&manifest, platform) == EPK_ERR_COMPAT,
	   "what wants the next does not");
	manifest.kernel_major = 5;
	ok(epk_manifest_fits(&manifest, platform) == EPK_OK,
	   "what wants an older one does");
	manifest.kernel = EPK_KERNEL_NEXUS;
	ok(epk_manifest_fits(&manifest, platform) == EPK_ERR_COMPAT,
	   "what wants another kernel does not");
}

int main(void)
{
	struct epk_platform platform;

	plan(0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		platform_from(rows[i].release, rows[i].machine, &platform);
		ok(platform.arch == rows[i].arch &&
			   platform.kernel == EPK_KERNEL_LINUX &&
			   platform.kernel_major == rows[i].major &&
			   platform.kernel_minor == rows[i].minor,
		   "\"%s\" on \"%s\" is understood", rows[i].release,
		   rows[i].machine);
	}
	platform_from("6.1.0", "x86_64", &platform);
	check_fit(&platform);
	return done();
}
