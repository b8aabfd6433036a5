/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_JUDGE_H
#define BOOT_JUDGE_H
/** @file judge.h
 * What is known of each open node while the tree is read, and what becomes of
 * that in struct machine. */
#include "boot/machine.h"
#include "boot/property.h"

struct node {
	const char *name; /* that of the node below the root it is in */
	bool translated;  /* it or a bus above translates addresses */
	bool judged;
	uint32_t address_cells; /* of its children */
	uint32_t size_cells;
	uint64_t hart; /* of a cpu node; handed down */
	struct value properties[PROPERTY_COUNT + 1]; /* the last: others */
};

struct discovery {
	struct machine *machine;
	uint64_t hart; /* who asks */
	struct value plic_outputs;
	struct {
		uint32_t phandle;
		uint64_t hart;
	} controllers[MACHINE_HARTS_MAX];
	uint32_t controller_count;
	struct node nodes[FDT_DEPTH_MAX];
};

/** All properties of the node at this depth are known. */
enum fdt_status judge(struct discovery *discovery, unsigned depth);
#endif /* BOOT_JUDGE_H */
