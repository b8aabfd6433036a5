/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOT_PROPERTY_H
#define BOOT_PROPERTY_H
/** @file property.h
 * The properties of a device tree's nodes that anything is made of. */
#include <stdbool.h>
#include <stdint.h>

struct value {
	const uint8_t *bytes; /* NULL: not there */
	uint32_t size_bytes;
};

/* Which properties are kept, by name. */
#define PROPERTIES(P)                                                          \
	P(ADDRESS_CELLS, "#address-cells")                                     \
	P(ARGUMENTS, "bootargs")                                               \
	P(COMPATIBLE, "compatible")                                            \
	P(DEVICE_TYPE, "device_type")                                          \
	P(EXTENDED, "interrupts-extended")                                     \
	P(INITRD_END, "linux,initrd-end")                                      \
	P(INITRD_START, "linux,initrd-start")                                  \
	P(INTERRUPTS, "interrupts")                                            \
	P(ISA, "riscv,isa")                                                    \
	P(LINES, "riscv,ndev")                                                 \
	P(PHANDLE, "phandle")                                                  \
	P(RANGES, "ranges")                                                    \
	P(REG, "reg")                                                          \
	P(REG_SHIFT, "reg-shift")                                              \
	P(SEED, "rng-seed")                                                    \
	P(SIZE_CELLS, "#size-cells")                                           \
	P(STATUS, "status")                                                    \
	P(TIMEBASE, "timebase-frequency")

enum property {
#define P(name, text) P_##name,
	PROPERTIES(P)
#undef P
		PROPERTY_COUNT
};

/** Which one has the name; PROPERTY_COUNT: none of these. */
unsigned property_find(const char *name);
bool is_text(const char *text, const char *wanted);
/** Is `wanted` one of the NUL-ended texts in the value? */
bool value_has_text(const struct value *value, const char *wanted);
/** A text that fills its value; NULL if it does not. */
const char *value_text(const struct value *value);
/** The first 4 bytes. */
bool value_cell(const struct value *value, uint32_t *out_cell);
/** A number of 4 or 8 bytes, and nothing else. */
bool value_number(const struct value *value, uint64_t *out_number);
#endif /* BOOT_PROPERTY_H */
