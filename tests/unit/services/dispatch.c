/* SPDX-License-Identifier: BSD-2-Clause
 * What the table does not allow never reaches a handler.
 */
#include "support/tap.h"

struct calls;

#define PROTO_NAME sample
#define PROTO_TABLE "unit/services/sample.def"
#define PROTO_STATE calls
#include <proto/server.h>

struct calls {
	unsigned add;
	unsigned echo;
	unsigned keep;
};

nx_status_t sample_serve_add(struct calls *calls,
			     struct service_request *request, uint64_t left,
			     uint64_t right, uint64_t *out_sum)
{
	(void)request;
	calls->add++;
	if (left == UINT64_MAX)
		return NX_ERR_OUT_OF_RANGE;
	*out_sum = left + right;
	return NX_OK;
}

nx_status_t sample_serve_echo(struct calls *calls,
			      struct service_request *request,
			      const uint8_t *text, size_t text_bytes,
			      uint8_t *out_copy, size_t *out_copy_bytes)
{
	(void)request;
	calls->echo++;
	memcpy(out_copy, text, text_bytes);
	*out_copy_bytes = text[0] == '+' ? text_bytes + 5 : text_bytes;
	return NX_OK;
}

nx_status_t sample_serve_keep(struct calls *calls,
			      struct service_request *request, nx_vmo_t memory,
			      nx_vmo_t *out_same)
{
	(void)request;
	calls->keep++;
	*out_same = memory;
	return NX_OK;
}

static const struct service_table table = {
	.name = "sample",
	.methods = sample_methods,
	.count = sizeof(sample_methods) / sizeof(sample_methods[0]),
};

static struct calls calls;
static struct service_request request;

/* A request as it came in; the header says how many words were sent. */
static nx_status_t ask(unsigned method, uint32_t rights, unsigned words,
		       size_t frame, unsigned caps)
{
	request.method = method;
	request.rights = rights;
	request.frame_bytes = frame;
	request.cap_count = caps;
	request.answer_bytes = 0;
	request.answer_cap_count = 0;
	return service_dispatch(&table, &calls, &request,
				proto_header(method, words, frame, caps));
}

static void test_good(void)
{
	request.words[0] = 30;
	request.words[1] = 12;
	is_i64(ask(1, PROTO_READ, 2, 0, 0), NX_OK, "a sound request is served");
	is_u64(request.answer_words[0], 42, "with its words");
	memcpy(request.frame, "abc", 3);
	is_i64(ask(3, PROTO_READ | PROTO_WRITE, 0, 3, 0), NX_OK,
	       "a frame is served");
	ok(request.answer_bytes == 3 &&
		   memcmp(request.answer_frame, "abc", 3) == 0,
	   "with its bytes");
	request.caps[0] = 77;
	is_i64(ask(4, 0, 0, 0, 1), NX_OK, "a capability is served");
	ok(request.answer_cap_count == 1 &&
		   request.answer_caps[0].handle == 77 &&
		   request.answer_caps[0].rights == NX_RIGHTS_SAME,
	   "and given back with the rights it has");
}

static void test_refused(void)
{
	const struct calls before = calls;

	is_i64(ask(0, 7, 0, 0, 0), NX_ERR_MALFORMED, "method 0");
	is_i64(ask(2, 7, 0, 0, 0), NX_ERR_MALFORMED, "a gap in the numbers");
	is_i64(ask(5, 7, 0, 0, 0), NX_ERR_MALFORMED, "behind the last");
	is_i64(ask(65535, 7, 0, 0, 0), NX_ERR_MALFORMED, "the largest");
	is_i64(ask(1, 7, 1, 0, 0), NX_ERR_MALFORMED, "a word too few");
	is_i64(ask(1, 7, 3, 0, 0), NX_ERR_MALFORMED, "a word too many");
	is_i64(ask(1, 7, 2, 1, 0), NX_ERR_MALFORMED, "a frame not wanted");
	is_i64(ask(1, 7, 2, 0, 1), NX_ERR_MALFORMED, "a capability not wanted");
	is_i64(ask(3, 7, 0, 1, 0), NX_ERR_MALFORMED, "a frame too small");
	is_i64(ask(3, 7, 0, 9, 0), NX_ERR_MALFORMED, "a frame too large");
	is_i64(ask(4, 7, 0, 0, 0), NX_ERR_MALFORMED, "no capability");
	is_i64(ask(4, 7, 0, 0, 2), NX_ERR_MALFORMED, "two capabilities");
	is_i64(ask(1, 0, 2, 0, 0), NX_ERR_POLICY_DENIED, "no right");
	is_i64(ask(3, PROTO_READ, 0, 3, 0), NX_ERR_POLICY_DENIED,
	       "one right of two");
	is_i64(ask(1, 0, 3, 0, 0), NX_ERR_MALFORMED,
	       "the form is looked at first");
	ok(memcmp(&before, &calls, sizeof(calls)) == 0,
	   "none of these reached a handler");
}

static void test_answers(void)
{
	request.words[0] = UINT64_MAX;
	request.answer_words[0] = 5;
	is_i64(ask(1, 7, 2, 0, 0), NX_ERR_OUT_OF_RANGE,
	       "a handler's status is the answer");
	is_u64(request.answer_words[0], 5, "and then there are no words");
	memcpy(request.frame, "+bcdefg", 7);
	is_i64(ask(3, 7, 0, 7, 0), NX_ERR_TOO_BIG,
	       "an answer over the table's limit does not go out");
}

int main(void)
{
	plan(25);
	test_good();
	test_refused();
	test_answers();
	return done();
}
