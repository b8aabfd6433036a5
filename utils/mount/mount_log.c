/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "mount_server.h"

#include "shown.h"
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define LINE_MAX_BYTES 6000
#define LINE_EVERY_NS INT64_C(3000000000)
#define LINES_AT_ONCE 20

bool mount_log_init(struct mount_log *log, uint32_t block_count,
		    bool foreground)
{
	log->blocks = calloc(block_count / 8 + 1, 1);
	log->foreground = foreground;
	if (!foreground)
		openlog(this_tool.name, LOG_PID, LOG_DAEMON);
	return log->blocks != NULL;
}

void mount_log_fini(struct mount_log *log)
{
	free(log->blocks);
	if (!log->foreground)
		closelog();
}

/* Each line moves the time at which all are paid for; it may lie a burst
 * ahead of now and no more. */
static bool may_say(struct mount_log *log)
{
	struct timespec clock;
	int64_t full_at = atomic_load(&log->full_at);
	int64_t now;
	int64_t next;

	clock_gettime(CLOCK_MONOTONIC, &clock);
	now = (int64_t)clock.tv_sec * 1000000000 + clock.tv_nsec;
	do {
		next = (full_at > now ? full_at : now) + LINE_EVERY_NS;
		if (next > now + LINES_AT_ONCE * LINE_EVERY_NS)
			return false;
	} while (!atomic_compare_exchange_weak(&log->full_at, &full_at, next));
	return true;
}

void mount_log_line(struct mount_log *log, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!may_say(log))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (!log->foreground) {
		syslog(LOG_ERR, "%s", line);
		return;
	}
	fprintf(stderr, "%s: ", this_tool.name);
	print_shown(stderr, line, strlen(line));
	putc('\n', stderr);
}

/* A disk may get well again; a digest does not. */
static bool is_first(struct mount_log *log, uint32_t block, epk_status_t status)
{
	const uint8_t bit = (uint8_t)(1u << (block & 7));

	if (status == EPK_ERR_IO || status == EPK_ERR_NO_MEMORY)
		return true;
	return (atomic_fetch_or(&log->blocks[block >> 3], bit) & bit) == 0;
}

void mount_log_block(struct mount_server *server, uint32_t node, uint32_t block,
		     epk_status_t status)
{
	char path[EPK_PATH_MAX + 1];
	size_t size = 0;

	if (!is_first(&server->log, block, status))
		return;
	if (epk_node_path(server->image.image, node, path, EPK_PATH_MAX, &size))
		size = 0;
	mount_log_line(&server->log,
		       "%s: stage read, %s: %s, index %u, in %.*s; it reads as "
		       "an input/output error: %s",
		       server->image.file, epk_status_name(status),
		       epk_status_sentence(status), block, (int)size, path,
		       status == EPK_ERR_NO_MEMORY ? "close other programs"
		       : status == EPK_ERR_IO	   ? "check the disk it is on"
						   : "fetch the package again");
}
