/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_TAR_ERROR_H
#define EPK_TOOL_TAR_ERROR_H
/* Why an archive is not taken, and where in it. */
#include <epk/format.h>

#include <stdint.h>

enum tar_error {
	TAR_OK,
#define TAR_ERROR(name, code, exit_status, sentence, advice) TAR_##name,
#include "tar_errors.def"
	TAR_ERROR_COUNT
};

struct tar_failure {
	enum tar_error error;
	int system;	 /* errno, or 0 */
	uint64_t offset; /* of the entry in the plain archive, or UINT64_MAX */
	char detail[160];
	char path[EPK_PATH_MAX + 1]; /* of the entry, "" if there is none */
};

#endif /* EPK_TOOL_TAR_ERROR_H */
