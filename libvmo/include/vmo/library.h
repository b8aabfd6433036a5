/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMO_LIBRARY_H
#define VMO_LIBRARY_H
/** @file library.h
 * Which libnexus-vmo is linked: for bug reports, never for decisions. */
#ifdef __cplusplus
extern "C" {
#endif

/** The version as "major.minor.patch"; static storage, never NULL. */
const char *vmo_library_version(void);

#ifdef __cplusplus
}
#endif
#endif /* VMO_LIBRARY_H */
