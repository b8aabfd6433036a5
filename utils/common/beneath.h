/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_BENEATH_H
#define EPK_TOOL_BENEATH_H
/* Opening folders below a folder, one name at a time and never through a
 * symbolic link: nothing that stands or appears in the tree leads out. */

/**
 * Open the folder at path below the folder top.
 *
 * @param path  names joined by single '/'; "" is top itself. No `..`.
 * @return a descriptor the caller closes, or -1 with errno (ELOOP or
 *         ENOTDIR for a link in the way).
 */
int beneath_open_folder(int top, const char *path);

#endif /* EPK_TOOL_BENEATH_H */
