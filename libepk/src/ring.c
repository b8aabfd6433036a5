/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring_internal.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

struct ring_thread {
	struct ring *ring;
	uint32_t index;
	pthread_t handle;
	bool running;
};

uint32_t epk_ring_choose_threads(uint32_t wanted, uint32_t most)
{
	long online = wanted;

	if (wanted == 0)
		online = sysconf(_SC_NPROCESSORS_ONLN);
	if (online < 1)
		return 1;
	return online > (long)most ? most : (uint32_t)online;
}

/** Lock held and a piece to take; dropped while the work is done. */
static void work_once_locked(struct ring *ring, uint32_t thread)
{
	uint32_t number = ring->taken++;

	pthread_mutex_unlock(&ring->lock);
	ring->work(ring->context, thread, number);
	pthread_mutex_lock(&ring->lock);
	ring->done[number % ring->slot_count] = true;
	pthread_cond_signal(&ring->finished);
}

static void *run(void *context)
{
	const struct ring_thread *thread = context;
	struct ring *ring = thread->ring;

	pthread_mutex_lock(&ring->lock);
	while (!ring->stop) {
		if (ring->taken == ring->offered)
			pthread_cond_wait(&ring->more, &ring->lock);
		else
			work_once_locked(ring, thread->index);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static void start_threads(struct ring *ring)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (uint32_t i = 1; i < ring->thread_count; i++) {
		struct ring_thread *thread = &ring->threads[i];

		*thread = (struct ring_thread){ .ring = ring, .index = i };
		thread->running =
			pthread_create(&thread->handle, NULL, run, thread) == 0;
		ring->running += thread->running;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

epk_status_t epk_ring_start(struct ring *ring)
{
	const struct epk_allocator *allocator = ring->allocator;
	size_t threads_size = ring->thread_count * sizeof(*ring->threads);
	size_t done_size = ring->slot_count * sizeof(*ring->done);

	ring->threads = allocator->allocate(allocator->context, threads_size);
	if (!ring->threads)
		return EPK_ERR_NO_MEMORY;
	ring->done = allocator->allocate(allocator->context, done_size);
	if (!ring->done) {
		allocator->release(allocator->context, ring->threads);
		return EPK_ERR_NO_MEMORY;
	}
	memset(ring->threads, 0, threads_size);
	memset(ring->done, 0, done_size);
	ring->running = 0;
	ring->offered = 0;
	ring->taken = 0;
	ring->stop = false;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->more, NULL);
	pthread_cond_init(&ring->finished, NULL);
	start_threads(ring);
	return EPK_OK;
}

void epk_ring_offer(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->offered++;
	pthread_cond_signal(&ring->more);
	pthread_mutex_unlock(&ring->lock);
}

void epk_ring_wait(struct ring *ring, uint32_t number)
{
	bool *done = &ring->done[number % ring->slot_count];

	pthread_mutex_lock(&ring->lock);
	while (!*done) {
		if (ring->taken != ring->offered)
			work_once_locked(ring, 0);
		else
			pthread_cond_wait(&ring->finished, &ring->lock);
	}
	*done = false;
	pthread_mutex_unlock(&ring->lock);
}

void epk_ring_stop(struct ring *ring)
{
	const struct epk_allocator *allocator = ring->allocator;

	pthread_mutex_lock(&ring->lock);
	ring->stop = true;
	pthread_cond_broadcast(&ring->more);
	pthread_mutex_unlock(&ring->lock);
	for (uint32_t i = 1; i < ring->thread_count; i++) {
		if (ring->threads[i].running)
			pthread_join(ring->threads[i].handle, NULL);
	}
	pthread_cond_destroy(&ring->finished);
	pthread_cond_destroy(&ring->more);
	pthread_mutex_destroy(&ring->lock);
	allocator->release(allocator->context, ring->done);
	allocator->release(allocator->context, ring->threads);
}
