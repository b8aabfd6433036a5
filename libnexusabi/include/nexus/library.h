/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_LIBRARY_H
#define NEXUS_LIBRARY_H
/** @file library.h
 * Which libnexus-abi is linked: for bug reports, never for decisions. */
#ifdef __cplusplus
extern "C" {
#endif

/** The version as "major.minor.patch"; static storage, never NULL. */
const char *nx_library_version(void);

#ifdef __cplusplus
}
#endif
#endif /* NEXUS_LIBRARY_H */
