/* SPDX-License-Identifier: BSD-2-Clause */
/* The four functions that a freestanding compiler may call, with the meaning
 * of the C library: the kernel has no other, and the target's libc, made for
 * small machines, moves a byte at a time. Whole words where both sides are
 * aligned alike, bytes elsewhere. The compiler must not turn these loops into
 * calls of themselves. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *memmove(void *to, const void *from, size_t size_bytes);
void *memset(void *to, int byte, size_t size_bytes);
int memcmp(const void *left, const void *right, size_t size_bytes);

#if !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint64_t __attribute__((may_alias)) word;

#define WORD sizeof(word)

static unsigned misalignment(const void *pointer)
{
	return (unsigned)((uintptr_t)pointer % WORD);
}

/* Ascending; right also when `t` lies below `f` in the same memory. */
static void copy_up(unsigned char *t, const unsigned char *f, size_t size_bytes)
{
	if (misalignment(t) == misalignment(f)) {
		const unsigned char *end;

		for (; size_bytes > 0 && misalignment(t) != 0; size_bytes--)
			*t++ = *f++;
		end = f + size_bytes / (8 * WORD) * (8 * WORD);
		for (; f != end; f += 8 * WORD, t += 8 * WORD) {
			word *tw = (word *)(void *)t;
			const word *fw = (const word *)(const void *)f;
			word a = fw[0], b = fw[1], c = fw[2], d = fw[3];
			word e = fw[4], g = fw[5], h = fw[6], i = fw[7];

			tw[0] = a;
			tw[1] = b;
			tw[2] = c;
			tw[3] = d;
			tw[4] = e;
			tw[5] = g;
			tw[6] = h;
			tw[7] = i;
		}
		size_bytes %= 8 * WORD;
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
	const unsigned char *end;

	for (; size_bytes > 0 && misalignment(t) != 0; size_bytes--)
		*t++ = (unsigned char)byte;
	for (end = t + size_bytes / (16 * WORD) * (16 * WORD); t != end;
	     t += 16 * WORD) {
		word *tw = (word *)(void *)t;

#pragma GCC unroll 16
		for (unsigned i = 0; i < 16; i++)
			tw[i] = pattern;
	}
	size_bytes %= 16 * WORD;
	for (; size_bytes >= WORD; size_bytes -= WORD, t += WORD)
		*(word *)(void *)t = pattern;
	for (; size_bytes > 0; size_bytes--)
		*t++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *left, const void *right, size_t size_bytes)
{
	const unsigned char *l = left, *r = right;

	for (; size_bytes > 0; size_bytes--, l++, r++)
		if (*l != *r)
			return *l - *r;
	return 0;
}
