/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

#include "options.h"
#include "report.h"

int package_run(const struct package_run *run)
{
	tool_error(run->options, EPK_ERR_UNSUPPORTED, run->image->file,
		   "use epk mount to look into the package");
	return -1;
}
