/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_API_H
#define EPK_API_H
/** @file api.h
 * What every public header of libepk begins with: C linkage and export. */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define EPK_BEGIN_DECLS extern "C" {
#define EPK_END_DECLS }
#else
#define EPK_BEGIN_DECLS
#define EPK_END_DECLS
#endif

#define EPK_API __attribute__((visibility("default")))

#endif /* EPK_API_H */
