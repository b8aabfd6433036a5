/* SPDX-License-Identifier: BSD-2-Clause */
/* The trust store: its text, its folders, what entries say together, and
 * every state of a slot under every policy, with real signatures. */
#include "support/tap.h"

#include "forge.h"

#include <epk/sign.h>
#include <epk/trust.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The test itself cannot go on. */
static void bail(const char *reason)
{
	exit(bail_out(reason));
}

#define NOW UINT64_C(1800000000) /* 2027-01-15T08:00:00Z */

#define ID "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
#define PEM                                                                    \
	"-----BEGIN PUBLIC KEY-----\n"                                         \
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"       \
	"-----END PUBLIC KEY-----\n"
#define HEAD "epk-trust 1\nkey-id " ID "\n"
#define WHOLE                                                                  \
	HEAD "prefix *\nprefix demo\nprefix org.example\n"                     \
	     "not-after 2030-12-31T23:59:59Z\nrevoked\n\n" PEM

/* ---- text ---- */

static const struct {
	const char *text;
	uint32_t line; /* of the problem; 0: good */
	const char *sentence;
} texts[] = {
	{ HEAD "\n" PEM, 0, "an entry without any prefix" },
	{ HEAD "prefix *\n\n" PEM, 0, "one that allows every name" },
	{ WHOLE, 0, "one with everything" },
	{ "", 1, "nothing" },
	{ "epk-trust 2\n", 1, "another version" },
	{ "epk-trust 1\r\n", 1, "a line that ends in CR LF" },
	{ "epk-trust 1\n\n", 2, "no key id" },
	{ "epk-trust 1\nkey-id 21fe\n\n" PEM, 2, "a short key id" },
	{ "epk-trust 1\nkey-id A" ID "\n\n" PEM, 2, "a long key id" },
	{ "epk-trust 1\nkey-id "
	  "21FE31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
	  "\n\n" PEM,
	  2, "a key id in capitals" },
	{ "epk-trust 1\nkey-id "
	  "00fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
	  "\n\n" PEM,
	  2, "a key id of another key" },
	{ HEAD "prefix demo\nprefix *\n\n" PEM, 4, "prefixes out of order" },
	{ HEAD "prefix demo\nprefix demo\n\n" PEM, 4, "a prefix twice" },
	{ HEAD "prefix Demo\n\n" PEM, 3, "a prefix that is no name" },
	{ HEAD "prefix demo.\n\n" PEM, 3, "a prefix with a dot at its end" },
	{ HEAD "prefix \n\n" PEM, 3, "an empty prefix" },
	{ HEAD "not-after 2030-02-29T00:00:00Z\n\n" PEM, 3, "no such day" },
	{ HEAD "not-after 2030-12-31\n\n" PEM, 3, "no time of the day" },
	{ HEAD "not-after 1969-12-31T23:59:59Z\n\n" PEM, 3, "before 1970" },
	{ HEAD "revoked\nprefix demo\n\n" PEM, 4, "lines out of order" },
	{ HEAD "revoked\nrevoked\n\n" PEM, 4, "a line twice" },
	{ HEAD "trusted\n\n" PEM, 3, "an unknown line" },
	{ HEAD "# comment\n\n" PEM, 3, "a comment" },
	{ HEAD, 3, "no key" },
	{ HEAD "\n", 4, "no key behind an empty line" },
	{ HEAD "\n\n" PEM, 4, "two empty lines" },
	{ HEAD "\n" PEM "\n", 4, "a line behind the key" },
	{ HEAD "\n" PEM PEM, 4, "two keys" },
	{ HEAD "\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQ\n", 4,
	  "half a key" },
};

static void check_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct epk_trust_problem problem = { .reason = "" };
		struct epk_trust_entry entry;
		char again[EPK_TRUST_ENTRY_SIZE_MAX];
		size_t size = 0;
		const epk_status_t status = epk_trust_entry_read(
			texts[i].text, strlen(texts[i].text), &problem, &entry);

		if (texts[i].line != 0) {
			ok(status == EPK_ERR_TRUST &&
				   problem.line == texts[i].line,
			   "%s: TRUST in line %u", texts[i].sentence,
			   texts[i].line);
			if (problem.line != texts[i].line)
				diag("line %u: %s", problem.line,
				     problem.reason);
			continue;
		}
		ok(status == EPK_OK &&
			   epk_trust_entry_write(&entry, again, &size) ==
				   EPK_OK &&
			   size == strlen(texts[i].text) &&
			   memcmp(again, texts[i].text, size) == 0,
		   "%s is read, and written the same", texts[i].sentence);
	}
}

static void check_whole(void)
{
	struct epk_trust_entry entry;
	char long_text[EPK_TRUST_ENTRY_SIZE_MAX + 2];

	is_i64(epk_trust_entry_read(WHOLE, strlen(WHOLE), NULL, &entry), EPK_OK,
	       "a problem need not be told");
	is_u64(entry.not_after, 1924991999, "the end of 2030 is a number");
	ok(entry.revoked == 1 && entry.prefix_count == 3 &&
		   strcmp(entry.prefixes[0], "") == 0 &&
		   strcmp(entry.prefixes[2], "org.example") == 0,
	   "every field arrives");
	memset(long_text, 'a', sizeof(long_text));
	is_i64(epk_trust_entry_read(long_text, sizeof(long_text) - 1, NULL,
				    &entry),
	       EPK_ERR_TRUST, "more than 4,096 bytes: TRUST");
	for (uint32_t i = entry.prefix_count; i < 32; i++) {
		char prefix[8];

		snprintf(prefix, sizeof(prefix), "p%u", i);
		epk_trust_entry_allow(&entry, prefix);
	}
	is_u64(entry.prefix_count, 32, "there is room for 32 prefixes");
	is_i64(epk_trust_entry_allow(&entry, "one-more"), EPK_ERR_LIMIT,
	       "not for 33: LIMIT");
	is_i64(epk_trust_entry_allow(&entry, "p9"), EPK_OK,
	       "one that is there is no further one");
	is_i64(epk_trust_entry_allow(&entry, "-"), EPK_ERR_INVALID,
	       "what is no name is no prefix: INVALID");
}

static void check_times(void)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} times[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1972-02-29T00:00:00Z", 68169600 },
		{ "1999-12-31T23:59:59Z", 946684799 },
		{ "2000-02-29T12:00:00Z", 951825600 },
		{ "2027-01-15T08:00:00Z", NOW },
		{ "2100-03-01T00:00:00Z", UINT64_C(4107542400) },
		{ "9999-12-31T23:59:59Z", UINT64_C(253402300799) },
	};
	char text[EPK_TRUST_TIME_SIZE];
	uint64_t seconds;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		seconds = 1;
		epk_trust_time_read(times[i].text, 20, &seconds);
		is_u64(seconds, times[i].seconds, "%s is read", times[i].text);
		epk_trust_time_write(times[i].seconds, text);
		is_str(text, times[i].text, "and written");
	}
	is_i64(epk_trust_time_write(UINT64_C(253402300800), text),
	       EPK_ERR_INVALID, "there is no year 10000");
	is_i64(epk_trust_time_read("2100-02-29T00:00:00Z", 20, &seconds),
	       EPK_ERR_INVALID, "2100 is no leap year");
	is_i64(epk_trust_time_read("2027-01-15T24:00:00Z", 20, &seconds),
	       EPK_ERR_INVALID, "there is no hour 24");
}

/* ---- keys of the test ---- */

enum who { ALICE, BOB, OTHER, REVOKED, EXPIRED, STRANGER, WHO_COUNT };

static struct epk_signer *signers[WHO_COUNT];
static uint8_t ids[WHO_COUNT][32];

static struct epk_trust_entry entry_of(enum who who, const char *prefix)
{
	struct epk_trust_entry entry = { .not_after = EPK_TRUST_NEVER };

	memcpy(entry.public_key, epk_signer_public_key(signers[who]), 32);
	memcpy(entry.key_id, ids[who], 32);
	if (prefix != NULL)
		epk_trust_entry_allow(&entry, prefix);
	return entry;
}

static void make_keys(void)
{
	for (int i = 0; i < WHO_COUNT; i++) {
		if (epk_signer_generate(&signers[i]) != EPK_OK ||
		    epk_key_id(epk_signer_public_key(signers[i]), ids[i]) !=
			    EPK_OK)
			bail("no keys");
	}
}

/* ---- stores ---- */

static bool allows(const struct epk_trust_store *store, enum who who,
		   const char *name)
{
	return epk_trust_store_allows(store, ids[who], name, strlen(name));
}

static void check_merge(void)
{
	struct epk_trust_store *store = NULL;
	struct epk_trust_entry entry = entry_of(ALICE, "demo");

	epk_trust_store_create(NOW, &store);
	is_u64(epk_trust_store_state(store, ids[ALICE]), EPK_TRUST_UNKNOWN,
	       "an empty store knows nobody");
	entry.not_after = NOW - 1;
	epk_trust_store_add(store, &entry);
	is_u64(epk_trust_store_state(store, ids[ALICE]), EPK_TRUST_EXPIRED,
	       "a second after its end an entry is expired");
	ok(!allows(store, ALICE, "demo"), "and allows nothing");
	entry = entry_of(ALICE, "tool");
	entry.not_after = NOW;
	epk_trust_store_add(store, &entry);
	is_u64(epk_trust_store_state(store, ids[ALICE]), EPK_TRUST_GOOD,
	       "another entry, in its last second, makes the key good");
	ok(allows(store, ALICE, "tool") && allows(store, ALICE, "tool.more"),
	   "a prefix allows itself and what follows behind a dot");
	ok(!allows(store, ALICE, "tools") && !allows(store, ALICE, "too") &&
		   !allows(store, ALICE, "tool-more"),
	   "and not what only begins alike");
	ok(!allows(store, ALICE, "demo"), "prefixes that ended do not return");
	entry = entry_of(ALICE, "org.example");
	epk_trust_store_add(store, &entry);
	ok(allows(store, ALICE, "org.example.x") &&
		   allows(store, ALICE, "tool"),
	   "prefixes of several entries add up");
	ok(!allows(store, BOB, "tool"), "for their key alone");
	entry = entry_of(ALICE, NULL);
	entry.revoked = 1;
	entry.not_after = 1;
	epk_trust_store_add(store, &entry);
	is_u64(epk_trust_store_state(store, ids[ALICE]), EPK_TRUST_REVOKED,
	       "revoked in one is revoked, even in one that ended");
	ok(!allows(store, ALICE, "tool"), "and allows nothing");
	epk_trust_store_destroy(store);

	epk_trust_store_create(EPK_TRUST_NO_CLOCK, &store);
	entry = entry_of(ALICE, "");
	entry.not_after = 1;
	epk_trust_store_add(store, &entry);
	ok(epk_trust_store_state(store, ids[ALICE]) == EPK_TRUST_GOOD &&
		   allows(store, ALICE, "any.name"),
	   "without a clock nothing has ended; the empty prefix allows all");
	epk_trust_store_destroy(store);
}

static void check_limit(void)
{
	struct epk_trust_store *store = NULL;
	const struct epk_trust_entry entry = entry_of(BOB, "x");
	struct epk_trust_entry broken = entry;
	uint32_t added = 0;

	epk_trust_store_create(NOW, &store);
	while (epk_trust_store_add(store, &entry) == EPK_OK)
		added++;
	is_u64(added, EPK_TRUST_ENTRIES_MAX, "a store has 1,024 entries");
	is_i64(epk_trust_store_add(store, &entry), EPK_ERR_LIMIT,
	       "and not one more: LIMIT");
	epk_trust_store_destroy(store);
	epk_trust_store_create(NOW, &store);
	broken.prefix_count = 33;
	is_i64(epk_trust_store_add(store, &broken), EPK_ERR_INVALID,
	       "more prefixes than there is room: INVALID");
	broken = entry;
	broken.revoked = 2;
	is_i64(epk_trust_store_add(store, &broken), EPK_ERR_INVALID,
	       "a flag that is none: INVALID");
	is_i64(epk_trust_store_create(NOW, NULL), EPK_ERR_INVALID,
	       "no store for NULL: INVALID");
	ok(epk_trust_store_entry(store, 0) == NULL, "an empty store has none");
	epk_trust_store_destroy(store);
}

/* ---- folders ---- */

static char folder[] = "/tmp/epk-trust-XXXXXX";

static void put(const char *name, const char *text, size_t size)
{
	char path[300];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	stream = fopen(path, "w");
	if (!stream || fwrite(text, 1, size, stream) != size || fclose(stream))
		bail("cannot write");
}

static void put_entry(const char *name, const struct epk_trust_entry *entry)
{
	char text[EPK_TRUST_ENTRY_SIZE_MAX];
	size_t size = 0;

	if (epk_trust_entry_write(entry, text, &size) != EPK_OK)
		bail("no entry");
	put(name, text, size);
}

static void drop(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) != 0 && rmdir(path) != 0)
		bail("cannot remove");
}

static void check_load(epk_status_t wanted, const char *file, uint32_t line,
		       const char *sentence)
{
	struct epk_trust_problem problem;
	struct epk_trust_store *store = NULL;
	epk_status_t status;

	epk_trust_store_create(NOW, &store);
	status = epk_trust_store_add_folder(store, folder, &problem);
	if (!ok(status == wanted && problem.line == line &&
			strcmp(problem.file, file) == 0,
		"%s: %s", sentence, epk_status_name(wanted)))
		diag("%s, %s, line %u: %s", epk_status_name(status),
		     problem.file, problem.line, problem.reason);
	epk_trust_store_destroy(store);
}

static void check_folder(void)
{
	struct epk_trust_entry entry = entry_of(ALICE, "demo");
	struct epk_trust_problem problem;
	struct epk_trust_store *store = NULL;
	char path[300];

	if (!mkdtemp(folder))
		bail("no folder");
	check_load(EPK_OK, "", 0, "an empty folder is a store");
	put_entry("alice.trust", &entry);
	put(".hidden", "x", 1);
	entry = entry_of(BOB, "demo");
	put_entry("bob.trust", &entry);
	epk_trust_store_create(NOW, &store);
	is_i64(epk_trust_store_add_folder(store, folder, &problem), EPK_OK,
	       "entries are loaded, what begins with a dot is not");
	ok(allows(store, ALICE, "demo.x") && allows(store, BOB, "demo") &&
		   epk_trust_store_entry(store, 1) != NULL &&
		   epk_trust_store_entry(store, 2) == NULL,
	   "both are there and nothing else");
	ok(memcmp(epk_trust_store_entry(store, 0)->key_id,
		  epk_trust_store_entry(store, 1)->key_id, 32) < 0,
	   "ascending by key id");
	ok(strstr(epk_trust_store_file(store, 0), ".trust") != NULL,
	   "each with its file");
	epk_trust_store_destroy(store);

	put("zoe.pem", PEM, strlen(PEM));
	check_load(EPK_ERR_TRUST, "zoe.pem", 0, "a key without an entry");
	drop("zoe.pem");
	put("zoe.trust", HEAD "x\n", strlen(HEAD) + 2);
	check_load(EPK_ERR_TRUST, "zoe.trust", 3, "a malformed entry");
	drop("zoe.trust");
	snprintf(path, sizeof(path), "%s/zoe.trust", folder);
	mkdir(path, 0700);
	check_load(EPK_ERR_TRUST, "zoe.trust", 0, "a folder in the folder");
	drop("zoe.trust");
	mkfifo(path, 0600);
	check_load(EPK_ERR_TRUST, "zoe.trust", 0, "a pipe, nobody waits");
	drop("zoe.trust");
	if (symlink("nowhere", path) != 0)
		bail("no link");
	check_load(EPK_ERR_IO, "zoe.trust", 0, "a link to nowhere");
	drop("zoe.trust");
	check_load(EPK_OK, "bob.trust", 0, "without them all is well");
	drop("alice.trust");
	drop("bob.trust");
	drop(".hidden");
	rmdir(folder);
	check_load(EPK_ERR_NOT_FOUND, "", 0, "no folder");
}

/* ---- policy ---- */

static struct forged image;
static uint8_t package_id[32];

static void sign(enum who who, bool good)
{
	uint8_t message[EPK_SIGN_MESSAGE_SIZE];
	struct epk_signature signature;

	epk_sign_message(package_id, message);
	memcpy(signature.key_id, ids[who], 32);
	if (epk_signer_sign(signers[who], message, sizeof(message),
			    signature.bytes) != EPK_OK)
		bail("no signature");
	if (!good)
		signature.bytes[33] ^= 1;
	epk_signature_add(image.bytes, &signature);
}

#define SLOT(who) (1u << (who))
#define BAD(who) (1u << (who) | 1u << ((who) + 8))
#define TWICE (1u << 16)

/* Two slots of one key, as no writer makes them. */
static void sign_twice(void)
{
	sign(ALICE, true);
	memcpy(image.bytes + EPK_SIGAREA_SLOTS + EPK_SLOT_SIZE,
	       image.bytes + EPK_SIGAREA_SLOTS, EPK_SLOT_SIZE);
	image.bytes[EPK_SIGAREA_COUNT] = 2;
}

static void sign_all(uint32_t slots)
{
	memset(image.bytes + EPK_SIGAREA_COUNT, 0,
	       EPK_PAGE_SIZE - EPK_SIGAREA_COUNT);
	for (int who = 0; who < WHO_COUNT; who++) {
		if ((slots & SLOT(who)) != 0)
			sign((enum who)who, (slots & SLOT(who + 8)) == 0);
	}
	if ((slots & TWICE) != 0)
		sign_twice();
}

#define OK EPK_OK
#define NO EPK_ERR_SIGPOLICY

/* optional, required with 1, 2 and 8; disabled takes all of them. */
static const struct {
	const char *sentence;
	uint32_t slots;
	epk_status_t optional, one, two, eight;
} cases[] = {
	{ "unsigned", 0, OK, NO, NO, NO },
	{ "good", SLOT(ALICE), OK, OK, NO, NO },
	{ "two good", SLOT(ALICE) | SLOT(BOB), OK, OK, OK, NO },
	{ "unknown key", SLOT(STRANGER), OK, NO, NO, NO },
	{ "unknown key, bad signature", BAD(STRANGER), OK, NO, NO, NO },
	{ "revoked", SLOT(REVOKED), OK, NO, NO, NO },
	{ "revoked, bad signature", BAD(REVOKED), OK, NO, NO, NO },
	{ "expired", SLOT(EXPIRED), OK, NO, NO, NO },
	{ "bad signature", BAD(ALICE), NO, NO, NO, NO },
	{ "for another name", SLOT(OTHER), OK, NO, NO, NO },
	{ "good and unknown", SLOT(ALICE) | SLOT(STRANGER), OK, OK, NO, NO },
	{ "good and revoked", SLOT(ALICE) | SLOT(REVOKED), OK, OK, NO, NO },
	{ "good and expired", SLOT(ALICE) | SLOT(EXPIRED), OK, OK, NO, NO },
	{ "good and bad", SLOT(ALICE) | BAD(BOB), NO, NO, NO, NO },
	{ "good and for another name", SLOT(ALICE) | SLOT(OTHER), OK, OK, NO,
	  NO },
	{ "all but a bad one", 0x3f, OK, OK, OK, NO },
	{ "the same slot twice", TWICE, EPK_ERR_SIGAREA, EPK_ERR_SIGAREA,
	  EPK_ERR_SIGAREA, EPK_ERR_SIGAREA },
};

static epk_status_t open_with(const struct epk_trust_store *store,
			      uint32_t mode, uint32_t threshold)
{
	const struct epk_source source = forge_source(&image);
	const struct epk_options options = {
		.size_bytes = sizeof(options),
		.signatures = mode,
		.threshold = threshold,
		.trust = store ? epk_trust_store_policy(store) : NULL,
	};
	struct forge_open opened;
	const epk_status_t status =
		forge_open(&opened, &source, epk_ops_default(), &options);

	forge_close(&opened);
	return status;
}

static void check_policies(void)
{
	struct epk_trust_store *store = NULL;
	struct epk_trust_entry entry;

	epk_trust_store_create(NOW, &store);
	entry = entry_of(ALICE, "demo");
	epk_trust_store_add(store, &entry);
	entry = entry_of(BOB, "");
	epk_trust_store_add(store, &entry);
	entry = entry_of(OTHER, "demo.other");
	epk_trust_store_add(store, &entry);
	entry = entry_of(REVOKED, "");
	entry.revoked = 1;
	epk_trust_store_add(store, &entry);
	entry = entry_of(EXPIRED, "");
	entry.not_after = NOW - 1;
	epk_trust_store_add(store, &entry);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *sentence = cases[i].sentence;

		sign_all(cases[i].slots);
		is_i64(open_with(NULL, EPK_SIGNATURES_DISABLED, 0),
		       cases[i].slots == TWICE ? EPK_ERR_SIGAREA : EPK_OK,
		       "%s, disabled", sentence);
		is_i64(open_with(store, EPK_SIGNATURES_OPTIONAL, 0),
		       cases[i].optional, "%s, optional", sentence);
		is_i64(open_with(store, EPK_SIGNATURES_REQUIRED, 1),
		       cases[i].one, "%s, 1 required", sentence);
		is_i64(open_with(store, EPK_SIGNATURES_REQUIRED, 2),
		       cases[i].two, "%s, 2 required", sentence);
		is_i64(open_with(store, EPK_SIGNATURES_REQUIRED, 8),
		       cases[i].eight, "%s, 8 required", sentence);
	}
	epk_trust_store_destroy(store);
}

int main(void)
{
	plan(0);
	check_texts();
	check_whole();
	check_times();
	make_keys();
	check_merge();
	check_limit();
	check_folder();
	image = forge_golden(1);
	forge_sha256(image.bytes, EPK_HEADER_SIZE, package_id);
	check_policies();
	forge_free(&image);
	for (int i = 0; i < WHO_COUNT; i++)
		epk_signer_destroy(signers[i]);
	return done();
}
