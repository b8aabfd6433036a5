/* SPDX-License-Identifier: BSD-2-Clause */
/* No unchecked byte: every byte of golden image 2 is changed, one at a time,
 * and deep verification refuses each of the images. The one exception of the
 * format is what a reader does not use: key_id and signature of a slot whose
 * key it does not know. */
#include "support/tap.h"

#include "forge.h"

/* Bytes whose change was accepted. */
static uint32_t count_accepted(struct forged *image, size_t first, size_t end,
			       uint8_t (*change)(size_t at))
{
	uint32_t accepted = 0;

	for (size_t at = first; at < end; at++) {
		const uint8_t before = image->bytes[at];

		image->bytes[at] ^= change(at);
		accepted += forge_verify(image, NULL) == EPK_OK;
		image->bytes[at] = before;
	}
	return accepted;
}

static uint8_t one_bit(size_t at)
{
	return (uint8_t)(1u << (at * 5 % 8));
}

static uint8_t all_bits(size_t at)
{
	(void)at;
	return 0xff;
}

static void check_unsigned(struct forged *image)
{
	is_u64(count_accepted(image, 0, 256, one_bit), 0,
	       "no byte of the header can change a bit");
	is_u64(count_accepted(image, 0, 256, all_bits), 0, "nor all its bits");
	is_u64(count_accepted(image, 256, 4096, one_bit), 0,
	       "no byte of the signature area");
	is_u64(count_accepted(image, 4096, 8192, one_bit), 0,
	       "no byte of metadata and pad");
	is_u64(count_accepted(image, 8192, image->size, one_bit), 0,
	       "no byte of the blocks");
	is_i64(forge_verify(image, NULL), EPK_OK,
	       "and the image itself is still accepted");
}

static void check_signed(struct forged *image)
{
	uint8_t *slot = image->bytes + 272;

	image->bytes[260] = 1;
	slot[0] = 1;
	memset(slot + 8, 0x55, 96);
	is_u64(count_accepted(image, 256, 272 + 8, all_bits), 0,
	       "no byte before a slot's key_id");
	is_u64(count_accepted(image, 272 + 8, 272 + 104, all_bits), 96,
	       "every byte of key_id and signature may, as no key is used");
	is_u64(count_accepted(image, 272 + 104, 4096, one_bit), 0,
	       "no byte behind the signature");
}

/* The same holds for an image cut or grown by one byte. */
static void check_size(struct forged *image)
{
	uint32_t accepted = 0;
	struct forged cut = *image;

	for (cut.size = 0; cut.size < image->size; cut.size++)
		accepted += forge_verify(&cut, NULL) == EPK_OK;
	is_u64(accepted, 0, "no beginning of the image is accepted");
}

int main(void)
{
	struct forged image = forge_golden(2);

	plan(0);
	check_unsigned(&image);
	check_size(&image);
	check_signed(&image);
	forge_free(&image);
	return done();
}
