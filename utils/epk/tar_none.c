/* SPDX-License-Identifier: BSD-2-Clause */
/* epk import, export and convert, when the tool was built without libarchive.
 */
#include "command.h"

#include "report.h"

static bool refuse_all(struct options *options)
{
	return tool_error(options, EPK_ERR_UNSUPPORTED, options->operands[0],
			  "get an epk that was built with libarchive");
}

bool command_import(struct options *options)
{
	return refuse_all(options);
}

bool command_export(struct options *options)
{
	return refuse_all(options);
}

bool command_convert(struct options *options)
{
	return refuse_all(options);
}
