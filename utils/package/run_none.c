/* SPDX-License-Identifier: BSD-2-Clause */
/* A build without libfuse, which serves the image. */
#include "run.h"

#include "options.h"
#include "report.h"

int package_run(const struct package_run *run)
{
	tool_error(run->options, EPK_ERR_UNSUPPORTED, run->image->file,
		   "build package with libfuse3");
	return -1;
}
