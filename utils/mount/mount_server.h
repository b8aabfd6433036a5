/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MOUNT_SERVER_H
#define EPK_TOOL_MOUNT_SERVER_H
/* A mounted image: what the files mount_*.c share. Constant while it is
 * served, but for what has locks or is atomic. */
#include "image.h"
#include "options_shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

struct block_cache;
struct mount_ahead;

/** Failures while serving: to standard error in the foreground, else to the
 * system's log. Any thread. */
struct mount_log {
	_Atomic(uint8_t) *blocks; /* a bit for each block told of */
	_Atomic int64_t full_at;  /* ns: when the burst of lines is used up */
	bool foreground;
};

struct mount_server {
	struct tool_image image;
	const struct options *options;
	char *folder; /* absolute */
	struct block_cache *cache;
	struct mount_ahead *ahead; /* NULL: nothing is read ahead */
	struct mount_log log;
	uid_t uid; /* of everything */
	gid_t gid;
	struct option_list words; /* of -o */
	uint32_t idle_timeout_s;  /* 0: never */
	/* NULL, or told that the kernel has been answered. */
	void (*ready)(struct mount_server *server);
	int ready_fd;	  /* for ready(); -1: nobody waits */
	bool open_needed; /* the kernel cannot do without open */
	bool opendir_needed;
	_Atomic int64_t last_request_s; /* for --idle-timeout */
};

/* ---- mount_node.c: inodes are nodes ---- */

/* The root is 1, a node one more than its index, the manifest the last. */
typedef uint64_t mount_inode;

static inline mount_inode inode_of_node(uint32_t node)
{
	return (mount_inode)node + 1;
}

static inline mount_inode inode_of_manifest(const struct mount_server *server)
{
	return inode_of_node(server->image.image->header.node_count);
}

/** false: no such node, or the manifest. */
bool inode_node(const struct mount_server *server, mount_inode inode,
		struct epk_node *out_node);
/** What stat shows; false: no such inode. */
bool inode_stat(const struct mount_server *server, mount_inode inode,
		struct stat *out_stat);
void node_stat(const struct mount_server *server, const struct epk_node *node,
	       struct stat *out_stat);

/* ---- mount_read.c ---- */

/** Prepare the cache and the reader-ahead; false was reported. */
bool mount_read_init(struct mount_server *server);
void mount_read_fini(struct mount_server *server);

/* ---- mount_log.c ---- */

bool mount_log_init(struct mount_log *log, uint32_t block_count,
		    bool foreground);
void mount_log_fini(struct mount_log *log);
/** At most 20 lines at once and one in 3 seconds later on. */
void mount_log_line(struct mount_log *log, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** A block of a file cannot be read: one line for each block. */
void mount_log_block(struct mount_server *server, uint32_t node, uint32_t block,
		     epk_status_t status);

/* ---- mount_daemon.c: the command ends when the mount is there ---- */

/**
 * Go on in a child process.
 *
 * @return true in the child; the parent ends in here when the child is ready
 *         or has failed, with `done` called in between if it is ready.
 */
bool mount_daemon_start(struct mount_server *server,
			void (*done)(const struct mount_server *server));
/** The mount is served now: let the parent end, and leave the terminal. */
void mount_daemon_ready(struct mount_server *server);

/* ---- mount_idle.c ---- */

/** Now, in seconds. */
int64_t mount_clock_s(void);
/** Unmount when nothing was asked for so long and nothing is open. */
bool mount_idle_start(struct mount_server *server);

/* ---- mount_session.c ---- */

/** Mount and serve until it is unmounted; false was reported. */
bool mount_session_run(struct mount_server *server);
/**
 * Serve what is mounted already, with fd as its connection, until it is
 * unmounted; false was reported. Signals are the caller's.
 */
bool mount_session_serve(struct mount_server *server, int fd);

/* ---- mount_options.c ---- */

/**
 * The words of -o as libfuse wants them.
 *
 * @param out_words  joined by commas, freed by the caller; NULL if none.
 * @return false was reported: unknown, or against the nature of an image.
 */
bool mount_options_parse(const struct mount_server *server, char **out_words);

/* ---- mount_thread.c ---- */

/** A thread that gets no signals: those are the main thread's. */
bool mount_thread(pthread_t *out_thread, void *(*run)(void *), void *context);

#endif /* EPK_TOOL_MOUNT_SERVER_H */
