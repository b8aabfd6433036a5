/* SPDX-License-Identifier: BSD-2-Clause
 * The sample program of the demonstration package: a program is plain C. */
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("hello from %s\n", argc > 0 ? argv[0] : "a package");
	for (int i = 1; i < argc; i++)
		printf("argument %d is %s\n", i, argv[i]);
	return 0;
}
