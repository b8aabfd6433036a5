/* SPDX-License-Identifier: BSD-2-Clause
 * Memory shared by two processes: a ring between them, sealed pages, and
 * buffers that have owners. Prints what happened; 0 if all went well. */
#include <nexus/errors.h>
#include <nexus/library.h>
#include <nexus/options.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vmo/buffer.h>
#include <vmo/library.h>
#include <vmo/ring.h>
#include <vmo/vmo.h>

#define ENTRIES 64
#define NUMBERS 1000

static bool failed(const char *what, nx_status_t status)
{
	if (status == NX_OK)
		return false;
	fprintf(stderr, "%s: %s, %s\n", what, nx_status_name(status),
		nx_strerror(status));
	return true;
}

/* The child: takes over the name that it inherited, as it would one that came
 * in a message, and adds up what comes out of the ring. */
static int consume(struct vmo *shared)
{
	const vmo_name_t name = vmo_release(shared);
	struct vmo_mapping map;
	struct vmo_ring ring;
	struct vmo mine;
	uint64_t number, sum = 0;

	if (failed("take", vmo_init_take(name, &mine)) ||
	    failed("map", vmo_map(&mine, 0, mine.size_bytes,
				  NX_MAP_READ | NX_MAP_WRITE, &map)) ||
	    failed("ring", vmo_ring_init(map.base, map.size_bytes,
					 sizeof(number), ENTRIES, &ring)))
		return 1;
	for (int taken = 0; taken < NUMBERS;) {
		const nx_status_t status = vmo_ring_pop(&ring, &number);

		if (status == NX_ERR_WOULD_BLOCK)
			continue; /* a real consumer would sleep */
		if (failed("pop", status))
			return 1;
		sum += number;
		taken++;
	}
	vmo_unmap(&map);
	vmo_fini(&mine);
	return sum == (uint64_t)NUMBERS * (NUMBERS + 1) / 2 ? 0 : 1;
}

static bool produce(const struct vmo_mapping *map)
{
	struct vmo_ring ring;

	if (failed("ring", vmo_ring_init(map->base, map->size_bytes,
					 sizeof(uint64_t), ENTRIES, &ring)))
		return false;
	for (uint64_t number = 1; number <= NUMBERS;) {
		const nx_status_t status = vmo_ring_push(&ring, &number);

		if (status == NX_OK)
			number++;
		else if (status != NX_ERR_WOULD_BLOCK)
			return !failed("push", status);
	}
	return true;
}

static bool share_ring(void)
{
	struct vmo_mapping map;
	struct vmo shared;
	pid_t child;
	int status = 1;
	bool good;

	if (failed("create", vmo_init(vmo_ring_size(sizeof(uint64_t), ENTRIES),
				      &shared)) ||
	    failed("map", vmo_map(&shared, 0, shared.size_bytes,
				  NX_MAP_READ | NX_MAP_WRITE, &map)))
		return false;
	child = fork();
	if (child == 0)
		_exit(consume(&shared));
	good = child > 0 && produce(&map);
	if (child > 0)
		waitpid(child, &status, 0);
	vmo_unmap(&map);
	vmo_fini(&shared);
	printf("ring: %d numbers through %d places\n", NUMBERS, ENTRIES);
	return good && status == 0;
}

/* What is sealed never changes again, and a part of it neither. */
static bool seal_and_slice(void)
{
	char text[] = "written once", copy[sizeof(text)];
	struct vmo whole, part;
	uint32_t seals;

	if (failed("create", vmo_init(2 * NX_PAGE_SIZE, &whole)) ||
	    failed("write",
		   vmo_write(&whole, NX_PAGE_SIZE, text, sizeof(text))) ||
	    failed("seal", vmo_seal(&whole, NX_SEAL_WRITE)) ||
	    failed("slice",
		   vmo_init_slice(&whole, NX_PAGE_SIZE, sizeof(text), &part)) ||
	    failed("seals", vmo_seals(&part, &seals)) ||
	    failed("read", vmo_read(&part, 0, copy, sizeof(copy))))
		return false;
	printf("slice: \"%s\", write gives %s\n", copy,
	       nx_status_name(vmo_write(&part, 0, text, sizeof(text))));
	vmo_fini(&whole);
	vmo_fini(&part);
	return (seals & NX_SEAL_WRITE) != 0 && strcmp(copy, text) == 0;
}

/* A buffer that is lent is not ours to touch, and an old name names none. */
static bool lend_buffers(void)
{
	static uint8_t memory[4][256];
	struct vmo_buffer_state states[4];
	struct vmo_buffer_pool pool;
	vmo_buffer_t buffer;
	void *bytes;

	if (failed("pool", vmo_buffer_pool_init(memory, sizeof(memory[0]),
						states, 4, &pool)) ||
	    failed("take", vmo_buffer_take(&pool, &buffer)) ||
	    failed("bytes", vmo_buffer_bytes(&pool, buffer, &bytes)))
		return false;
	memset(bytes, 1, sizeof(memory[0]));
	if (failed("lend", vmo_buffer_lend(&pool, buffer)))
		return false;
	printf("buffer: lent, its bytes are %s,",
	       nx_status_name(vmo_buffer_bytes(&pool, buffer, &bytes)));
	if (failed("return", vmo_buffer_return(&pool, buffer)) ||
	    failed("free", vmo_buffer_free(&pool, buffer)))
		return false;
	printf(" freed: %s\n", nx_status_name(vmo_buffer_free(&pool, buffer)));
	return pool.free_count == 4;
}

int main(void)
{
	printf("libnexus-vmo %s, libnexus-abi %s\n", vmo_library_version(),
	       nx_library_version());
	fflush(stdout);
	return share_ring() && seal_and_slice() && lend_buffers() ? 0 : 1;
}
