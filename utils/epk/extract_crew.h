/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_EXTRACT_CREW_H
#define EPK_TOOL_EXTRACT_CREW_H
/* What the threads of extract_files.c share, and how they write files. A
 * function that returns false has noted why, unless it says otherwise. */
#include "extract.h"
#include "extract_plan.h"
#include "progress.h"

#include <pthread.h>

#define NOTHING UINT32_MAX

/* The failure that counts: of the first piece that has one. */
struct mishap {
	uint32_t piece; /* NOTHING: all is well */
	uint32_t node;
	uint32_t block;
	epk_status_t status; /* or EPK_OK and the two below */
	const char *doing;
	int error;
};

struct parts; /* of a file; extract_parts.c */

struct crew {
	struct extraction *extraction;
	const struct epk_image *image;
	struct extract_plan plan;
	struct progress progress;
	pthread_mutex_t lock; /* of what follows, and the pieces' made */
	pthread_cond_t turned;
	uint32_t next; /* piece to take */
	struct mishap mishap;
	struct parts *parts; /* the list; the last begun is the first */
};

struct worker {
	struct crew *crew;
	pthread_t thread;
	bool running;
	uint32_t piece;
	uint8_t *stored; /* one block */
	uint8_t *plain;	 /* blocks_max of them */
	int folder;	 /* -1: none is open */
	uint32_t folder_node;
	char name[EPK_NAME_MAX + 1];
	char path[EPK_PATH_MAX + 1];
};

bool extract_note_errno(struct worker *worker, const char *doing,
			uint32_t node);
bool extract_note_status(struct worker *worker, epk_status_t status,
			 uint32_t node, uint32_t block);

/** A file whose bytes are all there. */
bool extract_write_file(struct worker *worker, const struct epk_node *file,
			const uint8_t *bytes);

/** Make a file of several pieces, for those who take them. */
bool extract_begin_parts(struct worker *worker, const struct epk_node *file);

/** What the taker of the file's first piece made; NULL: it, or another piece
 * before this one, failed. */
struct parts *extract_await_parts(struct worker *worker, uint32_t node);

/** size_bytes of the file at offset, out of worker->plain; sets *made with the
 * last ones. False also when a piece before this one failed. */
bool extract_write_part(struct worker *worker, struct parts *parts,
			size_t size_bytes, uint64_t offset, uint32_t *made);

/** Take away the files that are not complete. The threads are gone. */
void extract_undo_parts(struct crew *crew);

#endif /* EPK_TOOL_EXTRACT_CREW_H */
