/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_VERSION_H
#define NEXUS_VERSION_H
/** @file version.h
 * The version of the contract: what `kernel_api` in a manifest is held
 * against. A package runs when its major is equal and its minor is not
 * newer. */
#define NX_ABI_MAJOR 0
#define NX_ABI_MINOR 1
#endif /* NEXUS_VERSION_H */
