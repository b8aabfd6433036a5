/* SPDX-License-Identifier: BSD-2-Clause
 * The skeleton of a driver outside the project's tree: it shares a ring with
 * its client in a memory object, and reports what it saw as TAP.
 *
 * There is no device here. Where a real driver would map its registers, the
 * comment says so; what stands is the part every driver has. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <nexus/errors.h>
#include <nexus/options.h>
#include <vmo/ring.h>
#include <vmo/vmo.h>

#define REQUEST_COUNT UINT32_C(8)

struct request {
	uint64_t number;
	uint64_t answer;
};

static unsigned lines;

static int report(int passed, const char *sentence)
{
	printf("%s %u - %s\n", passed ? "ok" : "not ok", ++lines, sentence);
	return passed;
}

/* The client's side: fill the ring until it says that it is full. */
static int push_requests(struct vmo_ring *ring)
{
	struct request request = { 0, 0 };

	for (request.number = 0; request.number < REQUEST_COUNT;
	     request.number++)
		if (vmo_ring_push(ring, &request) != NX_OK)
			return 0;
	return vmo_ring_push(ring, &request) == NX_ERR_WOULD_BLOCK;
}

/* The driver's side: every request once and in order. A real one would hand
 * each to its device through registers that it maps from a window handle. */
static int serve_requests(struct vmo_ring *ring)
{
	struct request request;

	for (uint64_t wanted = 0; wanted < REQUEST_COUNT; wanted++)
		if (vmo_ring_pop(ring, &request) != NX_OK ||
		    request.number != wanted)
			return 0;
	return vmo_ring_pop(ring, &request) == NX_ERR_WOULD_BLOCK;
}

static int run(struct vmo *vmo, uint64_t size_bytes)
{
	struct vmo_mapping mine, theirs;
	struct vmo_ring driver, client;
	int passed = 1;

	if (!report(vmo_map(vmo, 0, size_bytes, NX_MAP_READ | NX_MAP_WRITE,
			    &mine) == NX_OK,
		    "the driver maps the shared memory"))
		return 0;
	if (!report(vmo_map(vmo, 0, size_bytes, NX_MAP_READ | NX_MAP_WRITE,
			    &theirs) == NX_OK,
		    "the client maps it at another address"))
		return 0;
	passed &= report(vmo_ring_init(mine.base, size_bytes,
				       sizeof(struct request), REQUEST_COUNT,
				       &driver) == NX_OK &&
				 vmo_ring_init(theirs.base, size_bytes,
					       sizeof(struct request),
					       REQUEST_COUNT,
					       &client) == NX_OK,
			 "both sides agree on a ring");
	passed &= report(push_requests(&client),
			 "the client fills the ring and is told when it is");
	passed &= report(serve_requests(&driver),
			 "the driver takes each request once, in order");
	vmo_unmap(&theirs);
	vmo_unmap(&mine);
	return passed;
}

int main(void)
{
	uint64_t size_bytes =
		vmo_ring_size(sizeof(struct request), REQUEST_COUNT);
	struct vmo vmo;
	int passed;

	printf("1..6\n");
	if (!report(vmo_init(size_bytes, &vmo) == NX_OK,
		    "a memory object is made"))
		return 1;
	passed = run(&vmo, vmo.size_bytes);
	vmo_fini(&vmo);
	return passed ? 0 : 1;
}
