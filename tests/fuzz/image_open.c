/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening as every kind of caller does. Signatures are a formula here that
 * the mutator can compute: the library's decisions about slots are what is
 * looked at, the curve has its own vectors. */

#include "image.h"
#include "image_sign.h"

#include <stdlib.h>
#include <string.h>

static uint32_t verdicts[100];

void fuzz_count(epk_status_t status)
{
	fuzz_must(status <= 0 && status > -100, "a status is a status");
	verdicts[-status]++;
}

void fuzz_report_reached(const epk_status_t *statuses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const epk_status_t status = statuses[i];

		fuzz_ok(verdicts[-status] >
				(status == EPK_OK ? fuzz_target.seed_count : 0),
			"mutations reach %s (%u times)",
			epk_status_name(status), verdicts[-status]);
	}
}

/* ---- keys ---- */

/* Four keys are in the store, one of them revoked. */
static epk_status_t lookup(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
			   uint8_t public_key[EPK_KEY_SIZE])
{
	(void)context;
	if (key_id[0] >= 4 || key_id[0] == 3)
		return EPK_ERR_NOT_FOUND;
	memset(public_key, key_id[0], EPK_KEY_SIZE);
	return EPK_OK;
}

static bool allows(void *context, const uint8_t key_id[EPK_DIGEST_SIZE],
		   const void *name, size_t name_size)
{
	(void)context;
	fuzz_must(name_size >= 1 && name_size <= EPK_IDENTIFIER_MAX &&
			  memchr(name, '\0', name_size) == NULL,
		  "a key is asked about a name");
	return (key_id[1] & 1) != 0;
}

static const struct epk_trust trust = { .lookup = lookup, .allows = allows };

static epk_status_t verify(const uint8_t public_key[EPK_KEY_SIZE],
			   const void *message, size_t message_size,
			   const uint8_t signature[EPK_SIGNATURE_SIZE])
{
	uint8_t wanted[EPK_SIGNATURE_SIZE];

	fuzz_must(message_size == EPK_SIGN_MESSAGE_SIZE,
		  "the message is of its size");
	fuzz_sign((const uint8_t *)message + EPK_SIGN_CONTEXT_SIZE,
		  public_key[0], wanted);
	return memcmp(wanted, signature, sizeof(wanted)) == 0
		       ? EPK_OK
		       : EPK_ERR_SIGPOLICY;
}

static const struct epk_ops *operations(void)
{
	static struct epk_ops ops;

	if (ops.ed25519_verify == NULL) {
		ops = *epk_ops_default();
		ops.ed25519_verify = verify;
	}
	return &ops;
}

/* ---- choices ---- */

struct fuzz_choice fuzz_choice_plain(void)
{
	return (struct fuzz_choice){
		.options = {
			.size_bytes = sizeof(struct epk_options),
			.metadata_budget_bytes = UINT64_C(4) << 20,
		},
	};
}

struct fuzz_choice fuzz_choice_random(struct fuzz_random *random)
{
	struct fuzz_choice choice = fuzz_choice_plain();

	choice.by_callback = fuzz_below(random, 2) == 0;
	choice.options.signatures = fuzz_below(random, 3);
	if (choice.options.signatures != EPK_SIGNATURES_DISABLED)
		choice.options.trust = &trust;
	if (choice.options.signatures == EPK_SIGNATURES_REQUIRED)
		choice.options.threshold = 1 + fuzz_below(random, 3);
	if (fuzz_below(random, 8) == 0)
		choice.options.metadata_budget_bytes =
			1 + fuzz_below(random, 2000);
	choice.platform = (struct epk_platform){
		.arch = fuzz_below(random, EPK_ARCH_COUNT + 1),
		.kernel = fuzz_below(random, 2),
		.kernel_major = fuzz_below(random, 2),
		.kernel_minor = fuzz_below(random, 4),
	};
	if (choice.platform.arch == EPK_ARCH_ANY)
		choice.platform.arch = EPK_ARCH_COUNT;
	return choice;
}

/* ---- opening ---- */

static epk_status_t read_bytes(void *context, uint64_t offset, void *buffer,
			       size_t size)
{
	const struct fuzz_image *image = context;

	fuzz_must(offset <= image->size && size <= image->size - offset,
		  "nothing behind the object is asked for");
	memcpy(buffer, image->bytes + offset, size);
	return EPK_OK;
}

static void *allocate(uint64_t size)
{
	void *memory;

	fuzz_must(size <= UINT64_C(64) << 20, "memory is within the budget");
	memory = malloc(size != 0 ? (size_t)size : 1);
	fuzz_must(memory != NULL, "there is memory for the test");
	return memory;
}

static epk_status_t load(struct fuzz_image *image, const struct epk_need *need)
{
	void *work = allocate(need->work_size_bytes);
	epk_status_t status;

	if (need->metadata_size_bytes != 0)
		image->metadata = allocate(need->metadata_size_bytes);
	status = epk_load(&image->image, image->metadata,
			  need->metadata_size_bytes, work,
			  need->work_size_bytes);
	free(work);
	return status;
}

epk_status_t fuzz_image_open(struct fuzz_image *image,
			     const struct fuzz_choice *choice,
			     const uint8_t *bytes, size_t size)
{
	struct epk_options options = choice->options;
	uint8_t page[EPK_PAGE_SIZE];
	struct epk_need need;
	epk_status_t status;

	*image = (struct fuzz_image){ .bytes = bytes, .size = size };
	epk_source_from_memory(bytes, size, &image->source);
	if (choice->by_callback)
		image->source = (struct epk_source){
			.context = image,
			.read = read_bytes,
			.size_bytes = size,
		};
	if (choice->platform.arch != EPK_ARCH_ANY)
		options.platform = &choice->platform;
	status = epk_probe(&image->image, &image->source, operations(),
			   &options, page, &need);
	if (status == EPK_OK)
		status = load(image, &need);
	if (status != EPK_OK)
		fuzz_image_close(image);
	return status;
}

void fuzz_image_close(struct fuzz_image *image)
{
	free(image->metadata);
	image->metadata = NULL;
}

void fuzz_image_serve(const uint8_t *bytes, size_t size,
		      void (*serve)(struct epk_image *image,
				    struct fuzz_random *random))
{
	struct fuzz_random random = fuzz_random_from(bytes, size);
	struct fuzz_choice choice = fuzz_choice_plain();
	struct fuzz_image opened;

	choice.by_callback = fuzz_below(&random, 2) == 0;
	if (fuzz_image_open(&opened, &choice, bytes, size) == EPK_OK)
		serve(&opened.image, &random);
	fuzz_image_close(&opened);
}
