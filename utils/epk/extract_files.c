/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that make files. Each takes the next piece of the plan, decodes its
 * blocks and writes; a file that is one piece is made when its digest is
 * known to be right. Of a larger one the first taker makes the file, all
 * write their parts, and the digest is carried on from part to part in turn.
 *
 * Pieces are taken in order and those taken are finished, so the first that
 * fails is the same for any number of threads. */
#include "extract.h"

#include "extract_plan.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 64L
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

/* A file made of several pieces; in the list until it is complete. */
struct parts {
	struct parts *next;
	struct epk_node node;
	int folder;
	int fd;
	uint32_t turn; /* the piece whose bytes the digest wants */
	struct epk_hash hash;
	char name[EPK_NAME_MAX + 1];
};

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

/* Parts hang in crew->parts until the last of them is written; the analyzer
 * forgets that where threads take turns. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

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

static bool note_errno(struct worker *worker, const char *doing, uint32_t node)
{
	return note(worker, (struct mishap){ .node = node,
					     .doing = doing,
					     .error = errno });
}

static bool note_status(struct worker *worker, epk_status_t status,
			uint32_t node, uint32_t block)
{
	return note(worker, (struct mishap){ .node = node,
					     .block = block,
					     .status = status });
}

/* ---- one file ---- */

static bool enter_folder(struct worker *worker, uint32_t node)
{
	if (worker->folder >= 0 && worker->folder_node == node)
		return true;
	if (worker->folder >= 0)
		close(worker->folder);
	worker->folder_node = node;
	worker->folder = extract_open_folder(worker->crew->extraction, node,
					     worker->path);
	return worker->folder >= 0 ||
	       note_errno(worker, "open the folder", node);
}

/** The new file, which the worker's folder and name lead to; or -1. */
static int make_file(struct worker *worker, const struct epk_node *file)
{
	const mode_t mode = file->flags & EPK_FLAG_EXEC ? 0777 : 0666;
	int fd;

	if (!enter_folder(worker, file->parent))
		return -1;
	memcpy(worker->name, file->name, file->name_size);
	worker->name[file->name_size] = '\0';
	fd = openat(worker->folder, worker->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		note_errno(worker, "create", file->index);
	return fd;
}

static bool digest_is_right(struct worker *worker, const struct epk_node *file,
			    const uint8_t *digest)
{
	return memcmp(digest, file->sha256, EPK_DIGEST_SIZE) == 0 ||
	       note_status(worker, EPK_ERR_FILE_DIGEST, file->index, 0);
}

/** A file whose bytes are all there. */
static bool write_whole(struct worker *worker, const struct epk_node *file,
			const uint8_t *bytes)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	epk_status_t status = epk_sha256(worker->crew->image->ops, bytes,
					 (size_t)file->size_bytes, digest);
	bool good;
	int fd;

	if (status)
		return note_status(worker, status, file->index, 0);
	if (!digest_is_right(worker, file, digest))
		return false;
	fd = make_file(worker, file);
	if (fd < 0)
		return false;
	good = write_all_at(fd, bytes, (size_t)file->size_bytes, 0);
	if (!good)
		note_errno(worker, "write", file->index);
	if (close(fd) != 0 && good)
		good = note_errno(worker, "write", file->index);
	if (!good)
		unlinkat(worker->folder, worker->name, 0);
	return good;
}

/* ---- large files, in parts ---- */

static void close_parts(struct parts *parts)
{
	close(parts->folder);
	if (parts->fd >= 0)
		close(parts->fd);
	free(parts);
}

/** Make the file, for those who take its pieces, into the list. */
static bool begin_parts(struct worker *worker, const struct epk_node *file)
{
	struct crew *crew = worker->crew;
	struct parts *parts = malloc(sizeof(*parts));
	epk_status_t status = EPK_ERR_NO_MEMORY;

	if (parts)
		status = crew->image->ops->sha256_init(&parts->hash);
	if (status) {
		free(parts);
		return note_status(worker, status, file->index, 0);
	}
	parts->node = *file;
	parts->turn = worker->piece;
	parts->fd = make_file(worker, file);
	if (parts->fd < 0) {
		crew->image->ops->sha256_final(&parts->hash, NULL);
		free(parts);
		return false;
	}
	memcpy(parts->name, worker->name, sizeof(parts->name));
	/* The folder's descriptor stays with the file. */
	parts->folder = worker->folder;
	worker->folder = -1;
	pthread_mutex_lock(&crew->lock);
	parts->next = crew->parts;
	crew->parts = parts;
	pthread_cond_broadcast(&crew->turned);
	pthread_mutex_unlock(&crew->lock);
	return true;
}

/** What the taker of the file's first piece made; NULL: it, or another piece
 * before this one, failed. */
static struct parts *await_parts(struct worker *worker, uint32_t node)
{
	struct crew *crew = worker->crew;
	struct parts *parts;

	pthread_mutex_lock(&crew->lock);
	for (;;) {
		parts = crew->parts;
		while (parts && parts->node.index != node)
			parts = parts->next;
		if (parts || crew->mishap.piece < worker->piece)
			break;
		pthread_cond_wait(&crew->turned, &crew->lock);
	}
	pthread_mutex_unlock(&crew->lock);
	return parts;
}

static void remove_parts_locked(struct crew *crew, struct parts *parts)
{
	struct parts **at = &crew->parts;

	while (*at != parts)
		at = &(*at)->next;
	*at = parts->next;
}

/** The last part was hashed and all are written. */
static bool end_parts(struct worker *worker, struct parts *parts)
{
	struct crew *crew = worker->crew;
	uint8_t digest[EPK_DIGEST_SIZE];
	int fd = parts->fd;

	crew->image->ops->sha256_final(&parts->hash, digest);
	parts->turn = NOTHING;
	if (!digest_is_right(worker, &parts->node, digest))
		return false;
	parts->fd = -1;
	if (close(fd) != 0)
		return note_errno(worker, "write", parts->node.index);
	pthread_mutex_lock(&crew->lock);
	remove_parts_locked(crew, parts);
	pthread_mutex_unlock(&crew->lock);
	close_parts(parts);
	return true;
}

/** false: a piece before this one failed, and the file is given up. */
static bool await_turn(struct worker *worker, const struct parts *parts)
{
	struct crew *crew = worker->crew;
	bool turn;

	pthread_mutex_lock(&crew->lock);
	while (parts->turn != worker->piece &&
	       crew->mishap.piece > worker->piece)
		pthread_cond_wait(&crew->turned, &crew->lock);
	turn = parts->turn == worker->piece;
	pthread_mutex_unlock(&crew->lock);
	return turn;
}

static void pass_turn(struct crew *crew, struct parts *parts)
{
	pthread_mutex_lock(&crew->lock);
	parts->turn++;
	pthread_cond_broadcast(&crew->turned);
	pthread_mutex_unlock(&crew->lock);
}

/** size_bytes of the file at offset; sets *made with the last ones. */
static bool write_part(struct worker *worker, struct parts *parts,
		       size_t size_bytes, uint64_t offset, uint32_t *made)
{
	struct crew *crew = worker->crew;
	const struct epk_node file = parts->node;
	epk_status_t status;

	if (!write_all_at(parts->fd, worker->plain, size_bytes, offset))
		return note_errno(worker, "write", file.index);
	if (!await_turn(worker, parts))
		return false;
	status = crew->image->ops->sha256_update(&parts->hash, worker->plain,
						 size_bytes);
	if (status)
		return note_status(worker, status, file.index, 0);
	if (offset + size_bytes < file.size_bytes) {
		pass_turn(crew, parts);
		return true;
	}
	if (!end_parts(worker, parts))
		return false;
	*made = 1;
	return true;
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
			return note_status(worker, status, node,
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
		    !write_whole(worker, &file, worker->plain + file.at))
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

	if (offset == 0 && !begin_parts(worker, file))
		return false;
	if (!decode(worker, piece))
		return false;
	parts = await_parts(worker, file->index);
	return parts &&
	       write_part(worker, parts, part_size(crew, piece, file, offset),
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
	while (crew->parts) {
		struct parts *parts = crew->parts;

		crew->parts = parts->next;
		if (parts->turn != NOTHING)
			crew->image->ops->sha256_final(&parts->hash, NULL);
		unlinkat(parts->folder, parts->name, 0);
		close_parts(parts);
	}
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
	bool ready = true;

	if (!workers)
		return no_memory(crew->extraction);
	for (uint32_t i = 0; ready && i < count; i++)
		ready = worker_init(&workers[i], crew);
	if (ready) {
		progress_begin(&crew->progress, crew->extraction->options,
			       "extracting");
		work(workers, count);
		progress_end(&crew->progress);
		undo(crew, workers[0].path);
	}
	for (uint32_t i = 0; i < count; i++)
		worker_fini(&workers[i]);
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
