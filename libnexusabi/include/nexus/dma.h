/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_DMA_H
#define NEXUS_DMA_H
/** @file dma.h
 * Memory for devices that read and write it by themselves. */
#include <nexus/types.h>

/** How a device is kept to its pins. Only the first one is there on a machine
 * without an IOMMU: then nothing is, and whoever drives it is trusted. */
enum {
	NX_DMA_TRUSTED = 0,
	NX_DMA_SHADOW_QUEUE = 1, /* its descriptors are a service's */
	NX_DMA_IOMMU = 2	 /* it has page tables */
};

/** Physical pages one behind the other. */
struct nx_dma_run {
	uint64_t address;
	uint64_t size_bytes;
};

/** Pins of a device, those in quarantine among them. */
#define NX_DMA_PINS_MAX 64
/** Runs of one pin. */
#define NX_DMA_RUNS_MAX 64
/** Pages of one pin, where the memory need not be contiguous. */
#define NX_DMA_PAGES_MAX 128

/** dma_unpin: the device may not be finished with it; to the quarantine. */
#define NX_DMA_UNFINISHED (UINT32_C(1) << 0)
#endif /* NEXUS_DMA_H */
