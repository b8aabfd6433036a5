/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory functions against plain loops, at every alignment and
 * every short length. They are compiled in under other names. */
#include "support/tap.h"

#define memcpy machine_memcpy
#define memmove machine_memmove
#define memset machine_memset
#define memcmp machine_memcmp
#include "../../../libnexusabi/src/memory.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#define ROOM 256u
#define LENGTH_MAX 208u

static unsigned char bytes[ROOM], wanted[ROOM];

static void prepare(void)
{
	for (unsigned i = 0; i < ROOM; i++)
		bytes[i] = wanted[i] = (unsigned char)(i * 37 + 11);
}

static bool check_move(unsigned to, unsigned from, unsigned length)
{
	unsigned char old[ROOM];
	void *result;

	prepare();
	for (unsigned i = 0; i < ROOM; i++)
		old[i] = bytes[i];
	for (unsigned i = 0; i < length; i++)
		wanted[to + i] = old[from + i];
	result = machine_memmove(bytes + to, bytes + from, length);
	return result == bytes + to && memcmp(bytes, wanted, ROOM) == 0;
}

static void test_memmove(void)
{
	unsigned wrong = 0;

	for (unsigned to = 0; to < 24; to++)
		for (unsigned from = 0; from < 24; from++)
			for (unsigned length = 0; length < LENGTH_MAX; length++)
				wrong += !check_move(to, from, length);
	is_u64(wrong, 0, "memmove is right for all overlaps");
}

static void test_memcpy(void)
{
	unsigned char from[ROOM];
	unsigned wrong = 0;

	for (unsigned i = 0; i < ROOM; i++)
		from[i] = (unsigned char)(i * 91);
	for (unsigned t = 0; t < 16; t++)
		for (unsigned f = 0; f < 16; f++)
			for (unsigned n = 0; n < LENGTH_MAX; n++) {
				prepare();
				for (unsigned i = 0; i < n; i++)
					wanted[t + i] = from[f + i];
				machine_memcpy(bytes + t, from + f, n);
				wrong += memcmp(bytes, wanted, ROOM) != 0;
			}
	is_u64(wrong, 0, "memcpy is right at all alignments");
}

static void test_memset(void)
{
	unsigned wrong = 0;

	for (unsigned t = 0; t < 16; t++)
		for (unsigned n = 0; n < LENGTH_MAX; n++) {
			prepare();
			for (unsigned i = 0; i < n; i++)
				wanted[t + i] = 0xe5;
			machine_memset(bytes + t, 0x1e5, n);
			wrong += memcmp(bytes, wanted, ROOM) != 0;
		}
	is_u64(wrong, 0, "memset is right at all alignments");
}

static void test_memcmp(void)
{
	ok(machine_memcmp("abc", "abd", 2) == 0 &&
		   machine_memcmp("abc", "abd", 3) < 0 &&
		   machine_memcmp("abd", "abc", 3) > 0 &&
		   machine_memcmp("\xff", "\x01", 1) > 0 &&
		   machine_memcmp("a", "b", 0) == 0,
	   "memcmp orders by unsigned bytes");
}

int main(void)
{
	plan(4);
	test_memmove();
	test_memcpy();
	test_memset();
	test_memcmp();
	return done();
}
