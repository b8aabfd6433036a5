/* SPDX-License-Identifier: BSD-2-Clause */
/* How a file is written. One that is one piece is made when its digest is known
 * to be right. Of a larger one the first taker makes the file, all write their
 * parts, and the digest is carried on from part to part in turn. */
#include "extract_crew.h"

#include "transfer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Parts hang in crew->parts until the last of them is written; the analyzer
 * forgets that where threads take turns. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

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
	       extract_note_errno(worker, "open the folder", node);
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
		extract_note_errno(worker, "create", file->index);
	return fd;
}

static bool digest_is_right(struct worker *worker, const struct epk_node *file,
			    const uint8_t *digest)
{
	return memcmp(digest, file->sha256, EPK_DIGEST_SIZE) == 0 ||
	       extract_note_status(worker, EPK_ERR_FILE_DIGEST, file->index, 0);
}

bool extract_write_file(struct worker *worker, const struct epk_node *file,
			const uint8_t *bytes)
{
	uint8_t digest[EPK_DIGEST_SIZE];
	epk_status_t status = epk_sha256(worker->crew->image->ops, bytes,
					 (size_t)file->size_bytes, digest);
	bool good;
	int fd;

	if (status)
		return extract_note_status(worker, status, file->index, 0);
	if (!digest_is_right(worker, file, digest))
		return false;
	fd = make_file(worker, file);
	if (fd < 0)
		return false;
	good = write_all_at(fd, bytes, (size_t)file->size_bytes, 0);
	if (!good)
		extract_note_errno(worker, "write", file->index);
	if (close(fd) != 0 && good)
		good = extract_note_errno(worker, "write", file->index);
	if (!good)
		unlinkat(worker->folder, worker->name, 0);
	return good;
}

static void close_parts(struct parts *parts)
{
	close(parts->folder);
	if (parts->fd >= 0)
		close(parts->fd);
	free(parts);
}

bool extract_begin_parts(struct worker *worker, const struct epk_node *file)
{
	struct crew *crew = worker->crew;
	struct parts *parts = malloc(sizeof(*parts));
	epk_status_t status = EPK_ERR_NO_MEMORY;

	if (parts)
		status = crew->image->ops->sha256_init(&parts->hash);
	if (status) {
		free(parts);
		return extract_note_status(worker, status, file->index, 0);
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

struct parts *extract_await_parts(struct worker *worker, uint32_t node)
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
		return extract_note_errno(worker, "write", parts->node.index);
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

bool extract_write_part(struct worker *worker, struct parts *parts,
			size_t size_bytes, uint64_t offset, uint32_t *made)
{
	struct crew *crew = worker->crew;
	const struct epk_node file = parts->node;
	epk_status_t status;

	if (!write_all_at(parts->fd, worker->plain, size_bytes, offset))
		return extract_note_errno(worker, "write", file.index);
	if (!await_turn(worker, parts))
		return false;
	status = crew->image->ops->sha256_update(&parts->hash, worker->plain,
						 size_bytes);
	if (status)
		return extract_note_status(worker, status, file.index, 0);
	if (offset + size_bytes < file.size_bytes) {
		pass_turn(crew, parts);
		return true;
	}
	if (!end_parts(worker, parts))
		return false;
	*made = 1;
	return true;
}

void extract_undo_parts(struct crew *crew)
{
	while (crew->parts) {
		struct parts *parts = crew->parts;

		crew->parts = parts->next;
		if (parts->turn != NOTHING)
			crew->image->ops->sha256_final(&parts->hash, NULL);
		unlinkat(parts->folder, parts->name, 0);
		close_parts(parts);
	}
}
