/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy(), memmove() and memset() in words: those of the target's libc are
 * made for small machines and move a byte at a time. The compiler must not
 * turn these loops into calls of themselves. */
#include <stdint.h>
#include <string.h>

#if !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint64_t __attribute__((may_alias)) word;

#define WORD sizeof(word)
#define BLOCK (8 * WORD)

static unsigned misalignment(const void *pointer)
{
	return (unsigned)((uintptr_t)pointer % WORD);
}

/* Both at a word. Ascending; right also when `t` lies below `f`. */
static void copy_blocks(word *t, const word *f, size_t blocks)
{
	for (; blocks > 0; blocks--, t += 8, f += 8) {
		word a = f[0], b = f[1], c = f[2], d = f[3];
		word e = f[4], g = f[5], h = f[6], i = f[7];

		t[0] = a;
		t[1] = b;
		t[2] = c;
		t[3] = d;
		t[4] = e;
		t[5] = g;
		t[6] = h;
		t[7] = i;
	}
}

static void copy_up(unsigned char *t, const unsigned char *f, size_t size_bytes)
{
	if (misalignment(t) == misalignment(f)) {
		size_t blocks;

		for (; size_bytes > 0 && misalignment(t) != 0; size_bytes--)
			*t++ = *f++;
		blocks = size_bytes / BLOCK;
		copy_blocks((word *)(void *)t, (const word *)(const void *)f,
			    blocks);
		t += blocks * BLOCK;
		f += blocks * BLOCK;
		size_bytes -= blocks * BLOCK;
		for (; size_bytes >= WORD; size_bytes -= WORD) {
			*(word *)(void *)t = *(const word *)(const void *)f;
			t += WORD;
			f += WORD;
		}
	}
	for (; size_bytes > 0; size_bytes--)
		*t++ = *f++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes)
{
	copy_up(to, from, size_bytes);
	return to;
}

void *memmove(void *to, const void *from, size_t size_bytes)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= size_bytes) {
		copy_up(t, f, size_bytes);
		return to;
	}
	while (size_bytes-- > 0)
		t[size_bytes] = f[size_bytes];
	return to;
}

void *memset(void *to, int byte, size_t size_bytes)
{
	unsigned char *t = to;
	word pattern = (unsigned char)byte * UINT64_C(0x0101010101010101);

	for (; size_bytes > 0 && misalignment(t) != 0; size_bytes--)
		*t++ = (unsigned char)byte;
	for (; size_bytes >= BLOCK; size_bytes -= BLOCK, t += BLOCK) {
		word *w = (word *)(void *)t;

		w[0] = pattern;
		w[1] = pattern;
		w[2] = pattern;
		w[3] = pattern;
		w[4] = pattern;
		w[5] = pattern;
		w[6] = pattern;
		w[7] = pattern;
	}
	for (; size_bytes > 0; size_bytes--)
		*t++ = (unsigned char)byte;
	return to;
}
