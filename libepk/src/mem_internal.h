/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_MEM_INTERNAL_H
#define EPK_MEM_INTERNAL_H
/* The four memory functions the freestanding core may call. The compiler
 * calls the same four on its own, so every environment has them; sizes of 0
 * never reach them, so that NULL with 0 bytes stays fine. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void epk_mem_copy(void *to, const void *from, size_t size)
{
	if (size != 0)
		__builtin_memcpy(to, from, size);
}

static inline void epk_mem_zero(void *to, size_t size)
{
	if (size != 0)
		__builtin_memset(to, 0, size);
}

static inline int epk_mem_compare(const void *a, const void *b, size_t size)
{
	return size == 0 ? 0 : __builtin_memcmp(a, b, size);
}

static inline bool epk_mem_equal(const void *a, const void *b, size_t size)
{
	return epk_mem_compare(a, b, size) == 0;
}

/* Public structs ask for memory aligned to 8 bytes. */
static inline bool epk_mem_aligned(const void *memory)
{
	return ((uintptr_t)memory & 7) == 0;
}

typedef uint64_t __attribute__((may_alias)) epk_any_word;

/* Whatever stands there, all of it is looked at. */
static inline bool epk_mem_is_zero(const uint8_t *bytes, size_t size)
{
	uint64_t any = 0;

	for (; size != 0 && !epk_mem_aligned(bytes); size--)
		any |= *bytes++;
	for (; size >= 8; size -= 8, bytes += 8)
		any |= *(const epk_any_word *)(const void *)bytes;
	for (; size != 0; size--)
		any |= *bytes++;
	return any == 0;
}

#endif /* EPK_MEM_INTERNAL_H */
