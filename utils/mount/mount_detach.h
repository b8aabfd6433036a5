/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_MOUNT_DETACH_H
#define EPK_TOOL_MOUNT_DETACH_H
/* Taking a mounted image away, as root or with the help of fusermount3. */
#include <epk/error.h>
#include <stdbool.h>

/**
 * @param folder  absolute, without links: where the image is mounted.
 * @param lazily  let what is open stay readable until it is closed.
 * @return EPK_OK, EPK_ERR_NOT_FOUND (nothing of ours is mounted there),
 *         EPK_ERR_BUSY, or EPK_ERR_IO (errno says why: EPERM if another
 *         user mounted it)
 */
epk_status_t mount_detach(const char *folder, bool lazily);

#endif /* EPK_TOOL_MOUNT_DETACH_H */
