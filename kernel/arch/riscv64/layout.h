/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RISCV64_LAYOUT_H
#define RISCV64_LAYOUT_H
/** @file layout.h
 * Where the kernel is in the upper half; kernel.ld says the same. The
 * physical place of image, memory and devices is found at boot. */
#define TABLE_ENTRIES 512
#define LARGE_PAGE_SIZE 0x200000 /* of the middle tables */
/* All memory the kernel uses, and its devices: address + DIRECT_BASE. */
#define DIRECT_BASE 0xffffffc000000000
#define DIRECT_SIZE 0x2000000000 /* 128 GiB */
/* The image; the loader must put it at a multiple of LARGE_PAGE_SIZE. */
#define IMAGE_BASE 0xffffffff80200000
#define HART_STACK_SIZE 0x4000
#define TRAP_STACK_SIZE 0x1000
/* Stacks of the second hart and of those behind it, as start.S has them for
 * the first: each above a page that is not mapped. */
#define HART_STACKS_BASE 0xffffffff84200000
#define HART_STACKS_STRIDE 0x8000
#endif /* RISCV64_LAYOUT_H */
