/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers by chance, and what of them a call is made of. */
#include "pick.h"

nx_handle_t random_kept[KEPT_COUNT], random_job;
struct model_thread *random_first;

static uint64_t state;

static struct {
	const uint8_t *at, *end; /* NULL: none */
} given;

void drive_seed(uint64_t seed)
{
	state = seed;
}

void drive_bytes(const uint8_t *first, size_t size)
{
	given.at = first;
	given.end = first + size;
}

bool drive_is_over(void)
{
	return given.at && given.at == given.end;
}

/* As few as will do: each shall mean something. */
static uint64_t from_bytes(uint64_t below)
{
	uint64_t value = 0;

	for (uint64_t room = 1; room < below && given.at < given.end;
	     room = room < UINT64_C(1) << 56 ? room << 8 : UINT64_MAX)
		value = value << 8 | *given.at++;
	return value % below;
}

uint64_t drive_random(uint64_t below)
{
	uint64_t z;

	if (given.at)
		return from_bytes(below);
	z = state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

static bool is_kept(const struct model_thread *self, nx_handle_t number)
{
	for (unsigned i = 0; self == random_first && i < KEPT_COUNT; i++)
		if (number == random_kept[i])
			return true;
	return false;
}

static nx_handle_t any_number(void)
{
	switch (drive_random(4)) {
	case 0:
		return NX_HANDLE_NONE;
	case 1:
		return NX_HANDLE_CALLER;
	case 2:
		return (nx_handle_t)drive_random(UINT64_C(1) << 32);
	default:
		/* a slot that may be in use, of another generation */
		return (nx_handle_t)(drive_random(8) << NX_HANDLE_INDEX_BITS |
				     drive_random(40));
	}
}

nx_handle_t pick_wild(const struct model_thread *self)
{
	nx_handle_t number = any_number();

	return is_kept(self, number) ? UINT32_MAX - 1 : number;
}

nx_handle_t pick_own(struct model_thread *self, uint32_t kind)
{
	nx_handle_t found = NX_HANDLE_NONE;
	uint64_t count = 0;

	for (unsigned i = 0; i < model.node_high; i++) {
		const struct model_node *node = &model.nodes[i];

		if (node->type != NODE_HANDLE ||
		    node->process != self->process ||
		    is_kept(self, node->number) ||
		    (kind != NX_KIND_NONE && node->object->kind != kind))
			continue;
		if (drive_random(++count) == 0)
			found = node->number;
	}
	return found;
}

nx_handle_t pick_handle(struct model_thread *self, uint32_t kind)
{
	if (chance(3))
		return pick_wild(self);
	if (chance(6))
		return pick_own(self, NX_KIND_NONE);
	return pick_own(self, kind);
}

nx_handle_t pick_payer(struct model_thread *self)
{
	nx_handle_t job = chance(30) ? pick_handle(self, NX_KIND_JOB) : 0;

	if (job == NX_HANDLE_NONE && self == random_first)
		return random_job;
	return job;
}

nx_rights_t pick_rights(void)
{
	if (chance(50))
		return NX_RIGHTS_SAME;
	if (chance(3))
		return NX_RIGHTS_ALL + 1;
	return (nx_rights_t)(drive_random(NX_RIGHTS_ALL + 1) |
			     drive_random(NX_RIGHTS_ALL + 1));
}

void make_call(struct model_thread *self, uint64_t call, uint64_t a0,
	       uint64_t a1, uint64_t a2, uint64_t a3)
{
	self->call = call;
	self->in = (struct nx_registers){ { a0, a1, a2, a3 } };
}

bool pick_lacks(struct model_thread *self, uint32_t kind)
{
	return pick_own(self, kind) == NX_HANDLE_NONE && chance(80);
}
