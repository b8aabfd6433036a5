/* SPDX-License-Identifier: BSD-2-Clause */
/* swap STOP FILE FILE [FILE FILE]...: lets the two of each pair change places
 * without a pause, until the file STOP exists; then says how often. What is
 * not there, or not yet, is passed over. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long count = 0;

	if (argc < 4 || argc % 2 != 0) {
		fprintf(stderr, "usage: swap STOP FILE FILE...\n");
		return 2;
	}
	while (access(argv[1], F_OK) != 0)
		for (int round = 0; round < 64; round++)
			for (int i = 2; i + 1 < argc; i += 2)
				count += syscall(SYS_renameat2, AT_FDCWD,
						 argv[i], AT_FDCWD, argv[i + 1],
						 RENAME_EXCHANGE) == 0;
	printf("%lu\n", count);
	return 0;
}
