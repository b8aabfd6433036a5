/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_ERROR_H
#define EPK_ERROR_H
/** @file error.h
 * Statuses: 0 is success, everything else is negative and has one cause.
 * The codes are those of the format document, sections 9 and 10, and a few
 * of the library's own. Everything here is expanded from error.def. */
#include <epk/api.h>

EPK_BEGIN_DECLS

typedef int32_t epk_status_t;

enum epk_status {
	EPK_OK = 0,
#define EPK_ERROR(value, name, exit_code, sentence) EPK_ERR_##name = (value),
#include <epk/error.def>
};

enum epk_stage {
#define EPK_STAGE(value, name, label, sentence) EPK_STAGE_##name = (value),
#include <epk/error.def>
};

/* A failure that belongs to no node, block or column. */
#define EPK_NO_INDEX UINT32_MAX

/**
 * Where the validation stopped, for reports. Filled by every call that may
 * refuse a package; all zero but `index` after success.
 */
struct epk_failure {
	epk_status_t status;
	uint32_t stage;	 /* enum epk_stage */
	uint32_t index;	 /* node (14), slot (10, 11) or block, or NO_INDEX */
	uint32_t detail; /* MANIFEST: enum epk_manifest_error; else 0 */
	uint32_t line;	 /* MANIFEST: from 1; 0 where there is none */
	uint32_t column; /* MANIFEST: in bytes, from 1 */
};

/** "OK", "MAGIC", ...; "UNKNOWN" for a value that is no status. Never NULL. */
EPK_API const char *epk_status_name(epk_status_t status);

/** One sentence without a full stop. Never NULL. */
EPK_API const char *epk_status_sentence(epk_status_t status);

/** Exit code of the tools for this status: 0..7, as in section 12. */
EPK_API int epk_status_exit_code(epk_status_t status);

/** "1".."18", "read", "deep", "splice"; "unknown" for a wrong value. */
EPK_API const char *epk_stage_name(uint32_t stage);

/** What the stage checks, one phrase. Never NULL. */
EPK_API const char *epk_stage_sentence(uint32_t stage);

EPK_END_DECLS
#endif /* EPK_ERROR_H */
