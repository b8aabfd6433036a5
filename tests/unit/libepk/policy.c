/* SPDX-License-Identifier: BSD-2-Clause */
/* Signature policy: whose slots count, how many are needed, and whether
 * their keys may sign this name. The signatures are a stand-in's: a slot is
 * good if it repeats the signed message's package_id and the key. */
#include "support/tap.h"

#include "forge.h"

static struct forged image;
static uint8_t package_id[32];

/* ---- a trust store ---- */

static uint32_t known_keys; /* bit k: the store knows the key of k's */
static uint32_t allowed_keys;
static epk_status_t lookup_status;

static epk_status_t lookup(void *context, const uint8_t *key_id,
			   uint8_t *public_key)
{
	(void)context;
	if (lookup_status != EPK_OK)
		return lookup_status;
	if ((known_keys & 1u << key_id[0]) == 0)
		return EPK_ERR_NOT_FOUND;
	memset(public_key, key_id[0], 32);
	return EPK_OK;
}

static bool allows(void *context, const uint8_t *key_id, const void *name,
		   size_t name_size)
{
	(void)context;
	return (allowed_keys & 1u << key_id[0]) != 0 && name_size == 8 &&
	       memcmp(name, "demo.min", 8) == 0;
}

static epk_status_t verify_status;

static epk_status_t verify(const uint8_t *public_key, const void *message,
			   size_t message_size, const uint8_t *signature)
{
	static const char context[16] = "epk.v1.package";
	const uint8_t *bytes = message;

	if (verify_status != EPK_OK)
		return verify_status;
	if (message_size != 48 || memcmp(bytes, context, 16) != 0 ||
	    memcmp(bytes + 16, package_id, 32) != 0)
		return EPK_ERR_INVALID;
	return memcmp(signature, bytes + 16, 32) == 0 &&
			       memcmp(signature + 32, public_key, 32) == 0
		       ? EPK_OK
		       : EPK_ERR_SIGPOLICY;
}

/* Slots signed by the keys 1, 2, ... */
static void sign(uint32_t slots)
{
	memset(image.bytes + 272, 0, 4096 - 272);
	image.bytes[260] = (uint8_t)slots;
	for (uint32_t i = 0; i < slots; i++) {
		uint8_t *slot = image.bytes + 272 + (size_t)i * 128;

		slot[0] = 1;
		memset(slot + 8, (int)i + 1, 32);
		memcpy(slot + 40, package_id, 32);
		memset(slot + 72, (int)i + 1, 32);
	}
}

static const struct epk_trust trust = { NULL, lookup, allows };

static epk_status_t open_with(uint32_t mode, uint32_t threshold,
			      struct epk_failure *out_failure)
{
	const struct epk_source source = forge_source(&image);
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.signatures = mode,
		.threshold = threshold,
		.trust = mode == EPK_SIGNATURES_DISABLED ? NULL : &trust,
	};
	struct epk_ops ops = *epk_ops_default();
	struct forge_open opened;
	epk_status_t status;

	ops.ed25519_verify = verify;
	status = forge_open(&opened, &source, &ops, &options);
	*out_failure = opened.image.failure;
	forge_close(&opened);
	return status;
}

static void check(uint32_t mode, uint32_t threshold, epk_status_t status,
		  uint32_t stage, const char *sentence)
{
	struct epk_failure failure;
	const epk_status_t got = open_with(mode, threshold, &failure);

	if (!ok(got == status && failure.stage == stage, "%s: %s", sentence,
		epk_status_name(status)))
		diag("got %s at step %s", epk_status_name(got),
		     epk_stage_name(failure.stage));
}

#define DISABLED EPK_SIGNATURES_DISABLED
#define OPTIONAL EPK_SIGNATURES_OPTIONAL
#define REQUIRED EPK_SIGNATURES_REQUIRED
#define POLICY EPK_STAGE_POLICY

static void check_modes(void)
{
	sign(0);
	check(DISABLED, 0, EPK_OK, 0, "disabled, no signature");
	check(OPTIONAL, 0, EPK_OK, 0, "optional, no signature");
	check(REQUIRED, 1, EPK_ERR_SIGPOLICY, POLICY, "required, no signature");
	sign(2);
	known_keys = 0;
	check(OPTIONAL, 0, EPK_OK, 0, "optional, unknown keys only");
	check(REQUIRED, 1, EPK_ERR_SIGPOLICY, POLICY,
	      "required, unknown keys only");
	known_keys = 1u << 2;
	allowed_keys = 1u << 2;
	check(REQUIRED, 1, EPK_OK, 0, "required, one known key");
	check(REQUIRED, 2, EPK_ERR_SIGPOLICY, POLICY,
	      "two required, one known key");
	known_keys = 1u << 1 | 1u << 2;
	check(REQUIRED, 2, EPK_ERR_SIGPOLICY, EPK_STAGE_MANIFEST,
	      "two required, one may not sign this name");
	check(REQUIRED, 1, EPK_OK, 0, "one required, one may sign this name");
	allowed_keys |= 1; /* the key of an empty slot signs nothing */
	check(REQUIRED, 2, EPK_ERR_SIGPOLICY, EPK_STAGE_MANIFEST,
	      "two required, the second allowed key has no slot");
	known_keys |= 1;
	check(REQUIRED, 1, EPK_OK, 0, "slots that are not there are not asked");
	known_keys &= ~1u;
	allowed_keys = known_keys;
	check(REQUIRED, 2, EPK_OK, 0, "two required, both may");
	allowed_keys = 0;
	check(OPTIONAL, 0, EPK_OK, 0, "optional does not ask for the name");
	allowed_keys = known_keys;
}

static void check_bad_signatures(void)
{
	sign(2);
	image.bytes[272 + 40] ^= 1;
	known_keys = 1u << 1 | 1u << 2;
	check(DISABLED, 0, EPK_OK, 0, "disabled, a bad signature");
	check(OPTIONAL, 0, EPK_ERR_SIGPOLICY, POLICY,
	      "optional, a bad signature of a known key");
	check(REQUIRED, 1, EPK_ERR_SIGPOLICY, POLICY,
	      "required, a bad signature beside a good one");
	known_keys = 1u << 2;
	check(REQUIRED, 1, EPK_OK, 0,
	      "required, a bad signature of an unknown key");
	sign(2);
	verify_status = EPK_ERR_NO_MEMORY;
	check(OPTIONAL, 0, EPK_ERR_NO_MEMORY, POLICY,
	      "a check that runs out of memory");
	verify_status = EPK_ERR_NOT_FOUND;
	check(OPTIONAL, 0, EPK_ERR_SIGPOLICY, POLICY,
	      "a check that answers nonsense does not make a slot absent");
	verify_status = EPK_OK;
	lookup_status = EPK_ERR_NO_MEMORY;
	check(OPTIONAL, 0, EPK_ERR_NO_MEMORY, POLICY,
	      "a trust store that runs out of memory");
	lookup_status = EPK_OK;
	sign(8);
	known_keys = 0x1fe;
	allowed_keys = 0x1fe;
	check(REQUIRED, 8, EPK_OK, 0, "eight required, eight good");
}

static epk_status_t probe(uint32_t mode, uint32_t threshold,
			  const struct epk_trust *store, bool can_verify)
{
	static uint64_t page[512];
	const struct epk_source source = forge_source(&image);
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.signatures = mode,
		.threshold = threshold,
		.trust = store,
	};
	struct epk_ops ops = *epk_ops_default();
	struct epk_image opened;
	struct epk_need need;

	ops.ed25519_verify = can_verify ? verify : NULL;
	return epk_probe(&opened, &source, &ops, &options, page, &need);
}

static void check_arguments(void)
{
	const struct epk_trust no_lookup = { NULL, NULL, allows };
	const struct epk_trust no_allows = { NULL, lookup, NULL };

	is_i64(probe(3, 0, &trust, true), EPK_ERR_INVALID,
	       "an unknown policy: INVALID");
	is_i64(probe(REQUIRED, 0, &trust, true), EPK_ERR_INVALID,
	       "a threshold of 0: INVALID");
	is_i64(probe(REQUIRED, 9, &trust, true), EPK_ERR_INVALID,
	       "a threshold of 9: INVALID");
	is_i64(probe(OPTIONAL, 1, &trust, true), EPK_ERR_INVALID,
	       "a threshold where none is asked for: INVALID");
	is_i64(probe(OPTIONAL, 0, NULL, true), EPK_ERR_INVALID,
	       "a policy without a trust store: INVALID");
	is_i64(probe(OPTIONAL, 0, &no_lookup, true), EPK_ERR_INVALID,
	       "a trust store without keys: INVALID");
	is_i64(probe(REQUIRED, 1, &no_allows, true), EPK_ERR_INVALID,
	       "a trust store without names: INVALID");
	is_i64(probe(OPTIONAL, 0, &no_allows, true), EPK_OK,
	       "which optional does not need");
	is_i64(probe(OPTIONAL, 0, &trust, false), EPK_ERR_UNSUPPORTED,
	       "a policy in a build without signatures: UNSUPPORTED");
	is_i64(probe(DISABLED, 0, NULL, false), EPK_OK,
	       "which disabled does not need");
}

static void check_platform(void)
{
	const struct epk_source source = forge_source(&image);
	struct epk_platform platform = { EPK_ARCH_RISCV64, EPK_KERNEL_NEXUS, 0,
					 1 };
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.platform = &platform,
	};
	struct forge_open opened;

	is_i64(forge_open(&opened, &source, epk_ops_default(), &options),
	       EPK_OK, "a package for this platform is loaded");
	forge_close(&opened);
	platform.kernel_minor = 0;
	ok(forge_open(&opened, &source, epk_ops_default(), &options) ==
			   EPK_ERR_COMPAT &&
		   opened.image.failure.stage == EPK_STAGE_COMPAT,
	   "one for a newer platform: COMPAT at step 18");
	forge_close(&opened);
}

int main(void)
{
	plan(0);
	image = forge_golden(1);
	forge_sha256(image.bytes, 256, package_id);
	check_modes();
	check_bad_signatures();
	check_arguments();
	check_platform();
	forge_free(&image);
	return done();
}
