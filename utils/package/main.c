/* SPDX-License-Identifier: BSD-2-Clause */
/* package: a folder of packages of this host, and running them. */
#include "tool.h"

int main(int argc, char **argv)
{
	return tool_main(argc, argv);
}
