/* SPDX-License-Identifier: BSD-2-Clause */
/* A call by chance: mostly with something that could work, sometimes with
 * anything. */
#include "pick.h"

#include <kernel/thread.h>

static uint64_t header(struct model_thread *self, bool may_wait)
{
	unsigned bytes = chance(25) ? (unsigned)drive_random(80) + 1 : 0;
	unsigned caps = chance(25) ? (unsigned)drive_random(4) + 1 : 0;
	uint64_t flags = 0;

	if (may_wait && chance(1))
		return drive_random(UINT64_MAX);
	if (chance(2))
		bytes = 1020 + (unsigned)drive_random(6);
	if (chance(20))
		flags = NX_HEADER_NONBLOCK;
	else if (chance(10))
		flags = NX_HEADER_DEADLINE;
	if (!may_wait)
		flags = NX_HEADER_NONBLOCK;
	self->deadline_ns = chance(50) ? 0 : NX_DEADLINE_NEVER;
	return nx_header((unsigned)drive_random(20), bytes, caps, flags) |
	       drive_random(chance(3) ? 8 : 7) << NX_HEADER_WORDS_SHIFT;
}

static void message(struct model_thread *self, uint64_t call, nx_handle_t to)
{
	uint64_t *a = self->in.a;

	self->call = call;
	a[0] = to | (chance(1) ? UINT64_C(1) << 32 : 0);
	a[1] = header(self, self != random_first);
	for (unsigned i = 2; i < 8; i++)
		a[i] = drive_random(UINT64_MAX);
	for (unsigned i = 0; i < NX_MESSAGE_CAPS_MAX; i++) {
		self->send_caps[i].handle = pick_handle(self, NX_KIND_NONE);
		self->send_caps[i].rights = pick_rights();
		if (chance(60))
			self->send_caps[i].rights =
				NX_RIGHTS_ALL & ~NX_RIGHT_RECV;
	}
	self->bytes_max =
		chance(90) ? NX_MESSAGE_FRAME_MAX : (uint32_t)drive_random(64);
	self->caps_max =
		chance(90) ? NX_MESSAGE_CAPS_MAX : (uint32_t)drive_random(4);
}

static void receive(struct model_thread *self, uint64_t call)
{
	message(self, call, pick_handle(self, NX_KIND_PORT));
	if (call == NX_SYS_recv && !chance(2))
		self->in.a[1] &= NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK;
}

static void answer(struct model_thread *self)
{
	message(self, NX_SYS_reply,
		chance(60) ? NX_HANDLE_CALLER
			   : pick_handle(self, NX_KIND_REPLY));
	if (!chance(2))
		self->in.a[1] &=
			~(uint64_t)(NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK);
}

static void exchange(struct model_thread *self)
{
	if (pick_lacks(self, NX_KIND_PORT)) {
		make_call(self, NX_SYS_port_create, pick_payer(self),
			  1 + drive_random(5), 0, 0);
		return;
	}
	switch (drive_random(6)) {
	case 0:
		receive(self, NX_SYS_recv);
		break;
	case 1:
		receive(self, NX_SYS_reply_recv);
		break;
	case 2:
		answer(self);
		break;
	case 3:
		message(self, NX_SYS_send, pick_handle(self, NX_KIND_PORT));
		break;
	default:
		/* The first thread must be there always. */
		message(self, self == random_first ? NX_SYS_send : NX_SYS_call,
			pick_handle(self, NX_KIND_PORT));
		break;
	}
}

static void events(struct model_thread *self)
{
	nx_handle_t event = pick_handle(self, NX_KIND_EVENT);
	uint64_t bits = chance(95) ? 1 + drive_random(15) : 0;

	if (pick_lacks(self, NX_KIND_EVENT)) {
		make_call(self, NX_SYS_event_create, pick_payer(self), 0, 0, 0);
		return;
	}
	switch (drive_random(4)) {
	case 0:
	case 1:
		make_call(self, NX_SYS_signal, event, bits, 0, 0);
		break;
	case 2:
		make_call(self, NX_SYS_wait, event, bits,
			  self == random_first || chance(40)
				  ? 0
				  : NX_DEADLINE_NEVER,
			  0);
		break;
	default:
		make_call(self, NX_SYS_timer_set, event, bits,
			  chance(50) ? NX_DEADLINE_NEVER
				     : NX_DEADLINE_NEVER - 1,
			  0);
		break;
	}
}

static void handles(struct model_thread *self)
{
	uint32_t kind = 1 + (uint32_t)drive_random(NX_KIND_REPLY);
	nx_handle_t source = chance(30) ? pick_handle(self, NX_KIND_NONE)
					: pick_handle(self, kind);

	switch (drive_random(8)) {
	case 0:
	case 1:
		make_call(self, NX_SYS_handle_close, source, 0, 0, 0);
		break;
	case 2:
		make_call(self, NX_SYS_handle_revoke, source, 0, 0, 0);
		break;
	case 3:
		make_call(self, NX_SYS_handle_info, source, 0, 0, 0);
		break;
	case 4:
		if (chance(30))
			source = NX_HANDLE_CALLER;
		make_call(self, NX_SYS_handle_dup, source, NX_RIGHTS_SAME, 0,
			  0);
		break;
	default:
		make_call(self, NX_SYS_handle_dup, source, pick_rights(),
			  chance(80) ? 0 : drive_random(50),
			  chance(50) ? 0 : pick_handle(self, NX_KIND_PROCESS));
		break;
	}
}

static void rarely(struct model_thread *self)
{
	switch (drive_random(24)) {
	case 0:
		random_leave(self);
		break;
	case 1:
	case 2:
		random_kill(self);
		break;
	case 3:
	case 4:
		random_filter(self);
		break;
	case 5:
		make_call(self, NX_SYS_job_ctl, pick_handle(self, NX_KIND_JOB),
			  NX_OP_job_stats, 0, 0);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		random_budget(self);
		break;
	default:
		make_call(self, NX_SYS_yield, 0, 0, 0, 0);
		break;
	}
}

/* What chance alone does too rarely: the first thread makes a process, gives
 * it some of what it has, and lets it run. What the last call has made is in
 * its a0. */
static struct {
	unsigned step; /* 0: not at it */
	nx_handle_t process, thread;
} spawn;

#define SPAWN_GIFTS 6

static void spawn_on(struct model_thread *self)
{
	const struct thread *kernel = self->object.kernel;
	nx_handle_t made = (nx_handle_t)kernel->frame.registers.a[0];

	switch (spawn.step++) {
	case 0:
		make_call(self, NX_SYS_process_create, random_job,
			  1 + drive_random(8), 0, 0);
		return;
	case 1:
		/* 0 would be the first process itself. */
		spawn.process = made != 0 ? made : random_kept[KEPT_ROOT];
		make_call(self, NX_SYS_thread_create, spawn.process, 0, 0, 0);
		return;
	case 2:
		spawn.thread = made;
		break;
	case SPAWN_GIFTS:
		make_call(self, NX_SYS_thread_ctl, spawn.thread,
			  NX_OP_thread_start, 64, 64);
		spawn.step = 0;
		return;
	default:
		break;
	}
	make_call(self, NX_SYS_handle_dup,
		  pick_own(self, chance(60) ? NX_KIND_PORT : NX_KIND_NONE),
		  chance(70) ? NX_RIGHTS_SAME : pick_rights(), 0,
		  spawn.process);
}

void random_restart(void)
{
	spawn.step = 0;
}

/* So many nodes are enough: give some up. */
#define CROWD 400

void random_call(struct model_thread *self)
{
	/* Others than the first are there to talk. */
	uint64_t dice = self != random_first && chance(50) ? drive_random(36)
							   : drive_random(110);

	self->fill = (uint8_t)drive_random(256);
	if (model.node_high > CROWD && chance(60))
		make_call(self, NX_SYS_handle_close,
			  pick_own(self, NX_KIND_NONE), 0, 0, 0);
	else if (self == random_first && (spawn.step > 0 || chance(4)))
		spawn_on(self);
	else if (dice < 25)
		exchange(self);
	else if (dice < 36)
		events(self);
	else if (dice < 52)
		handles(self);
	else if (dice < 65)
		random_memory(self);
	else if (dice < 76)
		random_beginning(self);
	else if (dice < 86)
		random_device(self);
	else
		rarely(self);
}
