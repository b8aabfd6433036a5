/* SPDX-License-Identifier: BSD-2-Clause */
/* The signature rule over the host's library: published vectors, and crafted
 * ones that a laxer or a stricter library judges otherwise. */
#include "support/tap.h"

#include "ed25519_check.h"

static const uint8_t order[32] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,	  0,	0,    0,    0,
	0,    0,    0,	  0,	0,    0,    0,	  0,	0,    0x10,
};

/* What bytes decide, at its edges. */
static void check_edges(void)
{
	uint8_t key[32] = { 2 };
	uint8_t signature[64] = { 2 };

	is_i64(epk_ed25519_check(key, signature), EPK_OK,
	       "S = 0 is in range, y = 2 is canonical");
	memcpy(signature + 32, order, 32);
	is_i64(epk_ed25519_check(key, signature), EPK_ERR_SIGPOLICY,
	       "S = L is out of range");
	signature[32]--;
	is_i64(epk_ed25519_check(key, signature), EPK_OK,
	       "S = L - 1 is in range");
	memset(key, 0xff, 32);
	key[31] = 0x7f;
	key[0] = 0xeb;
	is_i64(epk_ed25519_check(key, signature), EPK_OK,
	       "y = p - 2 is canonical");
	key[31] = 0xff;
	is_i64(epk_ed25519_check(key, signature), EPK_OK,
	       "so it is with a sign");
	key[0] = 0xec;
	is_i64(epk_ed25519_check(key, signature), EPK_ERR_SIGPOLICY,
	       "y = p - 1 is of order 2");
	for (int low = 0xed; low <= 0xff; low++) {
		key[0] = (uint8_t)low;
		is_i64(epk_ed25519_check(key, signature), EPK_ERR_SIGPOLICY,
		       "y = p + %d is not canonical", low - 0xed);
	}
}

int main(void)
{
	plan(0);
	ed25519_check_all(epk_ops_default());
	check_edges();
	return done();
}
