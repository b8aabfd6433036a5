/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_LIBRARY_H
#define EPK_LIBRARY_H
/** @file library.h
 * Which libepk is linked: for bug reports, never for decisions. */
#ifdef __cplusplus
extern "C" {
#endif

/** The version as "major.minor.patch"; static storage, never NULL. */
const char *epk_library_version(void);

#ifdef __cplusplus
}
#endif
#endif /* EPK_LIBRARY_H */
