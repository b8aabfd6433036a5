/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy.h"

#include "files.h"
#include "hex.h"
#include "options.h"
#include "report.h"
#include "stores.h"

#include <epk/host.h>
#include <epk/sign.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 2400

static bool trust_key(const struct options *options, const char *file,
		      struct epk_trust_store *store)
{
	struct epk_trust_entry entry = { .not_after = EPK_TRUST_NEVER };
	epk_status_t status;

	if (!key_file_read(options, file, entry.public_key))
		return false;
	status = epk_trust_entry_allow(&entry, "");
	if (status == EPK_OK)
		status = epk_trust_store_add(store, &entry);
	return status == EPK_OK ||
	       tool_error(options, status, file, "name another key, or fewer");
}

static bool check_words(struct options *options)
{
	bool asked = options->key.count || options->trust.count ||
		     options->threshold;

	if (!options->policy_given)
		options->policy = asked ? EPK_SIGNATURES_REQUIRED
					: EPK_SIGNATURES_DISABLED;
	if (options->policy == EPK_SIGNATURES_DISABLED && asked)
		return usage_error(options, "--policy disabled looks at no "
					    "key: leave it out, or --key, "
					    "--trust and --threshold");
	if (options->policy != EPK_SIGNATURES_REQUIRED && options->threshold)
		return usage_error(options,
				   "--threshold needs --policy required");
	if (options->policy == EPK_SIGNATURES_REQUIRED && !options->threshold)
		options->threshold = 1;
	return true;
}

bool policy_load(struct options *options)
{
	if (!check_words(options))
		return false;
	if (options->policy == EPK_SIGNATURES_DISABLED)
		return true;
	/* Keys named one by one are all that is trusted, unless a store is
	 * named too. */
	if (options->key.count && !options->trust.count) {
		if (epk_trust_store_create(EPK_TRUST_NO_CLOCK, &options->store))
			return memory_error(options, NULL);
	} else if (!stores_load(options, false, &options->store)) {
		return false;
	}
	for (uint32_t i = 0; i < options->key.count; i++) {
		if (!trust_key(options, options->key.values[i], options->store))
			return false;
	}
	return true;
}

struct epk_options policy_options(const struct options *options)
{
	return (struct epk_options){
		.size_bytes = sizeof(struct epk_options),
		.signatures = options->store ? options->policy
					     : EPK_SIGNATURES_DISABLED,
		.threshold = options->store ? options->threshold : 0,
		.trust = options->store ? epk_trust_store_policy(options->store)
					: NULL,
	};
}

/* What became of a slot; the worst that applies. */
enum verdict { SIGNED, NAME, EXPIRED, UNKNOWN, REVOKED, WRONG, VERDICTS };

static const char *const verdict_words[VERDICTS] = {
	[SIGNED] = "signed",
	[NAME] = "may not sign this name",
	[EXPIRED] = "has expired",
	[UNKNOWN] = "is not trusted",
	[REVOKED] = "is revoked",
	[WRONG] = "made no good signature of this package",
};

static enum verdict judge(const struct options *options, const uint8_t *page,
			  const struct epk_signature *signature)
{
	const struct epk_trust *trust = epk_trust_store_policy(options->store);
	const struct epk_ops *ops = epk_ops_default();
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	uint8_t package_id[EPK_DIGEST_SIZE];
	uint8_t key[EPK_KEY_SIZE];

	switch (epk_trust_store_state(options->store, signature->key_id)) {
	case EPK_TRUST_GOOD:
		break;
	case EPK_TRUST_EXPIRED:
		return EXPIRED;
	case EPK_TRUST_REVOKED:
		return REVOKED;
	default:
		return UNKNOWN;
	}
	if (epk_sha256(ops, page, EPK_HEADER_SIZE, package_id) ||
	    trust->lookup(trust->context, signature->key_id, key))
		return WRONG;
	epk_sign_message(package_id, message);
	return ops->ed25519_verify(key, message, sizeof(message),
				   signature->bytes)
		       ? WRONG
		       : SIGNED;
}

/** Adds to text what fits. */
LIKE_PRINTF(2, 3) static void add_words(char *text, const char *format, ...)
{
	size_t size = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + size, WORDS_MAX - size, format, args);
	va_end(args);
}

/** Of an image that failed at step 17 and so may be read without policy. */
static size_t read_name(int fd, char *name, size_t capacity)
{
	struct epk_source source;
	const struct epk_manifest *manifest;
	struct epk_file *opened = NULL;
	size_t size = 0;

	if (epk_source_from_fd(fd, &source) ||
	    epk_file_open(&source, NULL, NULL, &opened))
		return 0;
	manifest = &epk_file_image(opened)->manifest;
	if (epk_string_copy(manifest, &manifest->keys[EPK_KEY_NAME], name,
			    capacity, &size))
		size = 0;
	epk_file_close(opened);
	return size;
}

/** "key ID is revoked, key ..."; the worst verdict, or SIGNED if none. */
static enum verdict describe_slots(const struct options *options, int fd,
				   bool name_failed, char *text)
{
	uint8_t page[EPK_PAGE_SIZE];
	struct epk_signature signature;
	enum verdict worst = SIGNED;
	char name[EPK_LINE_MAX];
	size_t size = name_failed ? read_name(fd, name, sizeof(name)) : 0;

	if (pread(fd, page, sizeof(page), 0) != (ssize_t)sizeof(page))
		return UNKNOWN;
	for (uint32_t i = 0; !epk_signature_get(page, i, &signature); i++) {
		enum verdict verdict = judge(options, page, &signature);
		char id[KEY_ID_TEXT];

		if (verdict == SIGNED && size &&
		    !epk_trust_store_allows(options->store, signature.key_id,
					    name, size))
			verdict = NAME;
		hex_write(signature.key_id, KEY_ID_SIZE, id);
		add_words(text, "%skey %s %s", i ? ", " : "", id,
			  verdict_words[verdict]);
		if (verdict > worst)
			worst = verdict;
	}
	if (!*text)
		add_words(text, "the package has no signature");
	return *text == 't' ? VERDICTS : worst;
}

static void advise(const struct options *options, const char *file,
		   enum verdict worst, char *text)
{
	const char *places = options->key.count && !options->trust.count
				     ? "--key alone"
				     : store_places(options);

	switch (worst) {
	case VERDICTS:
		add_words(text,
			  "get a signed one, or run epk sign --key KEY %s",
			  file);
		break;
	case WRONG:
		add_words(text,
			  "fetch %s again: it was changed, or signed "
			  "wrongly",
			  file);
		break;
	case REVOKED:
		add_words(text,
			  "its publisher must sign with another key "
			  "(looked in %s)",
			  places);
		break;
	case EXPIRED:
		add_words(text,
			  "if you still trust the key, run epk trust "
			  "add KEY.pub --prefix NAME --not-after TIME "
			  "(looked in %s)",
			  places);
		break;
	case SIGNED:
		add_words(text,
			  "get one with more signatures, or ask for a "
			  "lower --threshold (looked in %s)",
			  places);
		break;
	default:
		add_words(text,
			  "if you trust the key for this name, run epk "
			  "trust add KEY.pub --prefix NAME (looked in "
			  "%s)",
			  places);
	}
}

bool policy_error(const struct options *options, const char *file, int fd,
		  const struct epk_failure *failure)
{
	char advice[WORDS_MAX] = "";
	char slots[WORDS_MAX] = "";
	char message[WORDS_MAX + 200];
	enum verdict worst = describe_slots(
		options, fd, failure->stage == EPK_STAGE_MANIFEST, slots);

	advise(options, file, worst, advice);
	snprintf(message, sizeof(message), "%s: %u good needed; %s",
		 epk_status_sentence(failure->status), options->threshold,
		 slots);
	return image_refused(options, file, failure, message, advice);
}

const char *policy_words(const struct options *options,
			 const struct epk_image *image)
{
	static char text[WORDS_MAX];

	text[0] = '\0';
	if (!image->slot_count)
		return "; not signed";
	if (options->policy == EPK_SIGNATURES_DISABLED)
		return "; signatures not checked, see --policy";
	if (!image->signature_count)
		return "; signed by nobody who is trusted";
	for (uint32_t i = 0; i < image->signature_count; i++) {
		char id[KEY_ID_TEXT];

		hex_write(image->signature_keys[i], KEY_ID_SIZE, id);
		add_words(text, "%s%s", i ? ", " : "; signed by ", id);
	}
	return text;
}

void policy_json(const struct options *options, const struct epk_image *image,
		 json_t *object)
{
	static const char *const names[] = { "disabled", "optional",
					     "required" };
	json_t *slots = json_array();
	json_t *verified = json_array();

	for (uint32_t i = 0; i < image->slot_count; i++)
		json_array_append_new(
			slots, json_hex(image->slot_keys[i], KEY_ID_SIZE));
	for (uint32_t i = 0; i < image->signature_count; i++)
		json_array_append_new(
			verified,
			json_hex(image->signature_keys[i], KEY_ID_SIZE));
	json_object_set_new(object, "policy",
			    json_string(names[options->policy]));
	json_object_set_new(object, "signature_keys", slots);
	json_object_set_new(object, "verified_keys", verified);
}
