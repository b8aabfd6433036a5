/* SPDX-License-Identifier: BSD-2-Clause */
#include "tar_import.h"

struct row {
	const char *code;
	const char *sentence;
	const char *advice;
	int exit;
};

static const struct row rows[] = {
	[TAR_OK] = { "OK", "nothing is wrong", "go on", 0 },
#define TAR_ERROR(name, text, status, what, todo)                              \
	[TAR_##name] = { text, what, todo, status },
#include "tar_errors.def"
};

const char *tar_error_code(enum tar_error error)
{
	return rows[error].code;
}

const char *tar_error_sentence(enum tar_error error)
{
	return rows[error].sentence;
}

const char *tar_error_advice(enum tar_error error)
{
	return rows[error].advice;
}

int tar_error_exit(enum tar_error error)
{
	return rows[error].exit;
}
