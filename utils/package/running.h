/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKAGE_RUNNING_H
#define PACKAGE_RUNNING_H
/* A package that runs has a shared lock (flock) of its file; who takes the
 * file away needs the lock alone. Locks end with their processes. */
#include <stdbool.h>

struct store;
struct options;

/** Mark an opened package as running; false was reported: it was removed.
 * Who else has a lock of it for longer than removing takes is not waited for.
 */
bool running_mark(const struct options *options, const char *path, int fd);

/**
 * See to it that a file of the store does not run and cannot be started.
 *
 * @param out_fd  to be closed when the file is gone; -1: nothing to hold.
 * @return false: it runs, which was reported.
 */
bool running_exclude(const struct store *store, const char *file, int *out_fd);

#endif /* PACKAGE_RUNNING_H */
