/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_FDT_H
#define BOOT_FDT_H
/** @file fdt.h
 * Flattened device trees (Devicetree Specification 0.4, section 5), read
 * in place, token by token, as bytes nobody vouches for. Time is linear in
 * the size of the tree; nothing is allocated, nothing recurses.
 * fdt.c, machine.c, judge.c, property.c and nothing else know the form. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Larger trees are refused. */
#define FDT_SIZE_MAX (UINT32_C(1) << 20)
#define FDT_HEADER_SIZE 40u
#define FDT_DEPTH_MAX 16u
/** Longest name of a node or property, without its NUL. */
#define FDT_NAME_MAX 63u

#define FDT_STATUSES(S)                                                        \
	S(OK)                                                                  \
	S(MAGIC)	/* this is no device tree */                           \
	S(SIZE)		/* its size is not that of the memory given */         \
	S(VERSION)	/* not version 17 */                                   \
	S(LAYOUT)	/* a part lies outside */                              \
	S(RESERVATIONS) /* the memory reservations do not end */               \
	S(TOKEN)	/* an unknown or misplaced token */                    \
	S(NAME)		/* a name does not end, or is too long */              \
	S(DEPTH)	/* nodes too deep, or closed too often */              \
	S(PROPERTY)	/* a property ends behind the tree */                  \
	S(CELLS)	/* a number has no width we know */                    \
	S(RANGE)	/* a range of memory wraps or overlaps another */      \
	S(LIMIT)	/* more ranges than we keep */                         \
	S(NO_RAM)	/* it names no memory */                               \
	S(NO_CLOCK)	/* it does not tell the timer's frequency */

enum fdt_status {
#define S(name) FDT_##name,
	FDT_STATUSES(S)
#undef S
		FDT_STATUS_COUNT
};

/** "MAGIC" and so on. */
const char *fdt_status_name(enum fdt_status status);

struct fdt {
	const uint8_t *structure;
	const uint8_t *strings;
	const uint8_t *reservations; /* 16 bytes each, big-endian */
	uint32_t structure_bytes;
	uint32_t strings_bytes;
	uint32_t reservation_count;
	uint32_t total_bytes;
};

enum fdt_token { FDT_BEGIN_NODE, FDT_END_NODE, FDT_PROPERTY_ITEM, FDT_END };

struct fdt_item {
	enum fdt_token token;
	unsigned depth;	  /* of the node it is or belongs to; root 0 */
	const char *name; /* of a node or property, NUL-ended */
	const uint8_t *value;
	uint32_t value_bytes;
};

struct fdt_cursor {
	uint32_t offset;
	unsigned open; /* nodes begun and not ended */
	bool was_node; /* a node has ended in this one: no property follows */
	bool ended;
};

/** Size the header claims, from FDT_HEADER_SIZE readable bytes; 0 if they
 * are no header or it is above FDT_SIZE_MAX. */
uint32_t fdt_claimed_size(const void *header);
/** Check header and layout; `size_bytes` may be more than the tree has. */
enum fdt_status fdt_open(const void *bytes, size_t size_bytes,
			 struct fdt *out_fdt);
/** The next item; begin with a zeroed cursor. After FDT_END no more. */
enum fdt_status fdt_next(const struct fdt *fdt, struct fdt_cursor *cursor,
			 struct fdt_item *out_item);
/** Big-endian numbers at any alignment. */
uint32_t fdt_load32(const uint8_t *bytes);
uint64_t fdt_load64(const uint8_t *bytes);
#endif /* BOOT_FDT_H */
