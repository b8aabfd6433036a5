/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C, four bits at a time: it runs over 252 bytes once per image. */
#include <epk/ops.h>

#define CRC32C_POLYNOMIAL UINT32_C(0x82f63b78) /* 0x1EDC6F41 reflected */

static uint32_t crc_of_nibble(uint32_t value)
{
	for (int bit = 0; bit < 4; bit++)
		value = (value >> 1) ^ (CRC32C_POLYNOMIAL & (0 - (value & 1)));
	return value;
}

uint32_t epk_crc32c(const void *bytes, size_t size_bytes)
{
	const uint8_t *at = bytes;
	uint32_t table[16];
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < 16; i++)
		table[i] = crc_of_nibble(i);
	for (size_t i = 0; i < size_bytes; i++) {
		crc ^= at[i];
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}
