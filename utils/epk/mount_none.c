/* SPDX-License-Identifier: BSD-2-Clause */
/* epk mount, when the tool was built without libfuse. */
#include "command.h"

#include "report.h"

bool command_mount(struct options *options)
{
	return tool_error(options, EPK_ERR_UNSUPPORTED, options->operands[0],
			  "get an epk that was built with libfuse3");
}
