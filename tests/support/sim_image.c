/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_image NAME: write the ELF file of a program of the simulator to the
 * standard output, for packages that are packed by the tools. */
#include <arch/sim.h>

#include <stdio.h>

int main(int argc, char **argv)
{
	static uint8_t bytes[SIM_IMAGE_BYTES_MAX];
	size_t size = argc == 2 ? sim_image(argv[1], bytes) : 0;

	if (size == 0) {
		fprintf(stderr, "usage: sim_image NAME\n");
		return 2;
	}
	return fwrite(bytes, 1, size, stdout) == size ? 0 : 1;
}
