/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that make files. Each takes the next piece of the plan, decodes its
 * blocks and writes. Pieces are taken in order and those taken are finished, so
 * the first that fails is the same for any number of threads. */
#include "extract_crew.h"

#include "options.h"
#include "progress.h"
#include "report.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 64L

/* ---- failures ---- */

static bool note(struct worker *worker, struct mishap mishap)
{
	struct crew *crew = worker->crew;

	mishap.piece = worker->piece;
	pthread_mutex_lock(&crew->lock);
	if (mishap.piece < crew->mishap.piece)
		crew->mishap = mishap;
	pthread_cond_broadcast(&crew->turned);
	pthread_mutex_unlock(&crew->lock);
	return false;
}

bool extract_note_errno(struct worker *worker, const char *doing, uint32_t node)
{
	return note(worker, (struct mishap){ .node = node,
					     .doing = doing,
					     .error = errno });
}

bool extract_note_status(struct worker *worker, epk_status_t status,
			 uint32_t node, uint32_t block)
{
	return note(worker, (struct mishap){ .node = node,
					     .block = block,
					     .status = status });
}

/* ---- pieces ---- */

static bool decode(struct worker *worker, const struct extract_piece *piece)
{
	const struct epk_image *image = worker->crew->image;
	const uint32_t size = epk_block_size(image);
	const uint32_t node = worker->crew->plan.nodes[piece->first];

	for (uint32_t i = 0; i < piece->block_count; i++) {
		uint8_t *plain = worker->plain + (size_t)i * size;
		const uint8_t *bytes;
		epk_status_t status = epk_block_read(
			image, piece->block + i, worker->stored, plain, &bytes);

		if (status)
			return extract_note_status(worker, status, node,
						   piece->block + i);
		if (bytes != plain)
			memcpy(plain, bytes, size);
	}
	return true;
}

static bool write_files(struct worker *worker,
			const struct extract_piece *piece, uint32_t *made)
{
	const struct crew *crew = worker->crew;
	struct epk_node file;

	for (uint32_t i = 0; i < piece->count; i++) {
		uint32_t node = crew->plan.nodes[piece->first + i];

		if (epk_node_get(crew->image, node, &file) ||
		    !extract_write_file(worker, &file, worker->plain + file.at))
			return false;
		++*made;
	}
	return true;
}

/** Bytes of a part: all its blocks but the last of the file are full. */
static size_t part_size(const struct crew *crew,
			const struct extract_piece *piece,
			const struct epk_node *file, uint64_t offset)
{
	const uint64_t left = file->size_bytes - offset;
	const uint64_t full = (uint64_t)piece->block_count
			      << crew->image->header.block_log2;

	return (size_t)(left < full ? left : full);
}

static bool do_part(struct worker *worker, const struct extract_piece *piece,
		    const struct epk_node *file, uint32_t *made)
{
	const struct crew *crew = worker->crew;
	const uint64_t offset = (uint64_t)(piece->block - file->first)
				<< crew->image->header.block_log2;
	struct parts *parts;

	if (offset == 0 && !extract_begin_parts(worker, file))
		return false;
	if (!decode(worker, piece))
		return false;
	parts = extract_await_parts(worker, file->index);
	return parts && extract_write_part(worker, parts,
					   part_size(crew, piece, file, offset),
					   offset, made);
}

static bool do_piece(struct worker *worker, const struct extract_piece *piece,
		     uint32_t *made)
{
	const struct crew *crew = worker->crew;
	struct epk_node file;

	if (epk_node_get(crew->image, crew->plan.nodes[piece->first], &file))
		return false;
	if (!extract_piece_is_whole(piece, &file))
		return do_part(worker, piece, &file, made);
	return (piece->block_count == 0 || decode(worker, piece)) &&
	       write_files(worker, piece, made);
}

/** The next piece; false: there is none, or none is wanted any more. */
static bool take_piece(struct worker *worker)
{
	struct crew *crew = worker->crew;
	bool more;

	pthread_mutex_lock(&crew->lock);
	more = crew->mishap.piece == NOTHING &&
	       crew->next < crew->plan.piece_count;
	if (more)
		worker->piece = crew->next++;
	pthread_mutex_unlock(&crew->lock);
	return more;
}

static uint64_t size_of_files(const struct crew *crew,
			      const struct extract_piece *piece, uint32_t count)
{
	struct epk_node file;
	uint64_t size = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (epk_node_get(crew->image,
				 crew->plan.nodes[piece->first + i],
				 &file) == EPK_OK)
			size += file.size_bytes;
	}
	return size;
}

static void tell_made(struct crew *crew, struct extract_piece *piece,
		      uint32_t made)
{
	struct extraction *extraction = crew->extraction;
	const uint64_t size = size_of_files(crew, piece, made);

	pthread_mutex_lock(&crew->lock);
	piece->made = made;
	extraction->files += made;
	extraction->done_bytes += size;
	progress_update(&crew->progress, extraction->done_bytes,
			crew->plan.size_bytes);
	pthread_mutex_unlock(&crew->lock);
}

static void *run(void *context)
{
	struct worker *worker = context;

	while (take_piece(worker)) {
		struct extract_piece *piece =
			&worker->crew->plan.pieces[worker->piece];
		uint32_t made = 0;

		do_piece(worker, piece, &made);
		tell_made(worker->crew, piece, made);
	}
	return NULL;
}

/* ---- the crew ---- */

static bool worker_init(struct worker *worker, struct crew *crew)
{
	const size_t size = epk_block_size(crew->image);

	worker->crew = crew;
	worker->folder = -1;
	worker->stored = malloc(size);
	worker->plain = malloc(size * crew->plan.blocks_max);
	return worker->stored && worker->plain;
}

static void worker_fini(struct worker *worker)
{
	free(worker->stored);
	free(worker->plain);
	if (worker->crew && worker->folder >= 0)
		close(worker->folder);
}

static uint32_t count_threads(const struct crew *crew)
{
	const struct extraction *extraction = crew->extraction;
	long count = extraction->options->jobs;

	if (count == 0)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	if (count > THREADS_MAX)
		count = THREADS_MAX;
	if (count > (long)crew->plan.piece_count)
		count = (long)crew->plan.piece_count;
	/* Folders that become one can have files of the same name, of which
	 * the first is to stay. */
	if (count < 1 || extract_merges(extraction))
		count = 1;
	return (uint32_t)count;
}

/** Fewer threads than wanted are no error. */
static void work(struct worker *workers, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		workers[i].running = pthread_create(&workers[i].thread, NULL,
						    run, &workers[i]) == 0;
	run(&workers[0]);
	for (uint32_t i = 1; i < count; i++) {
		if (workers[i].running)
			pthread_join(workers[i].thread, NULL);
	}
}

static void take_away(const struct crew *crew, uint32_t node, char *path)
{
	struct epk_node file;
	char name[EPK_NAME_MAX + 1];
	int folder;

	if (epk_node_get(crew->image, node, &file))
		return;
	folder = extract_open_folder(crew->extraction, file.parent, path);
	if (folder < 0)
		return;
	memcpy(name, file.name, file.name_size);
	name[file.name_size] = '\0';
	unlinkat(folder, name, 0);
	close(folder);
}

/** Files that are not complete, and those behind the one that failed. */
static void undo(struct crew *crew, char *path)
{
	extract_undo_parts(crew);
	for (uint64_t i = (uint64_t)crew->mishap.piece + 1; i < crew->next;
	     i++) {
		const struct extract_piece *piece = &crew->plan.pieces[i];

		for (uint32_t j = 0; j < piece->made; j++)
			take_away(crew, crew->plan.nodes[piece->first + j],
				  path);
	}
}

static bool report(struct crew *crew)
{
	struct extraction *extraction = crew->extraction;
	const struct mishap *mishap = &crew->mishap;

	if (mishap->piece == NOTHING)
		return true;
	if (mishap->doing) {
		errno = mishap->error;
		return extract_failed(extraction, mishap->doing, mishap->node);
	}
	extraction->image.mount.failed_block = mishap->block;
	return image_read_error(&extraction->image, extraction->options,
				mishap->node, mishap->status);
}

static bool no_memory(const struct extraction *extraction)
{
	return tool_error(extraction->options, EPK_ERR_NO_MEMORY, NULL,
			  "close other programs or use fewer --jobs");
}

static bool make_all(struct crew *crew)
{
	const uint32_t count = count_threads(crew);
	struct worker *workers = calloc(count, sizeof(*workers));
	uint32_t made = 0;
	bool ready = true;

	if (!workers)
		return no_memory(crew->extraction);
	while (ready && made < count)
		ready = worker_init(&workers[made++], crew);
	if (ready) {
		progress_begin(&crew->progress, crew->extraction->options,
			       "extracting");
		work(workers, count);
		progress_end(&crew->progress);
		undo(crew, workers[0].path);
	}
	while (made > 0)
		worker_fini(&workers[--made]);
	free(workers);
	return ready ? report(crew) : no_memory(crew->extraction);
}

bool extract_files(struct extraction *extraction)
{
	struct crew crew = {
		.extraction = extraction,
		.image = extraction->image.image,
		.mishap = { .piece = NOTHING },
	};
	bool good;

	if (extract_plan_init(&crew.plan, crew.image, extraction->keep)) {
		extract_plan_fini(&crew.plan);
		return no_memory(extraction);
	}
	pthread_mutex_init(&crew.lock, NULL);
	pthread_cond_init(&crew.turned, NULL);
	good = make_all(&crew);
	pthread_cond_destroy(&crew.turned);
	pthread_mutex_destroy(&crew.lock);
	extract_plan_fini(&crew.plan);
	return good;
}
