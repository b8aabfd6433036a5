/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls by chance: mostly with something that could work, sometimes with
 * anything. */
#include "drive.h"

#include <kernel/thread.h>

#include <string.h>

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

static bool chance(unsigned percent)
{
	return drive_random(100) < percent;
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

static nx_handle_t wild(const struct model_thread *self)
{
	nx_handle_t number = any_number();

	return is_kept(self, number) ? UINT32_MAX - 1 : number;
}

/* One of a process's handles; of a kind, or any for NX_KIND_NONE. */
static nx_handle_t own(struct model_thread *self, uint32_t kind)
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

static nx_handle_t handle(struct model_thread *self, uint32_t kind)
{
	if (chance(3))
		return wild(self);
	if (chance(6))
		return own(self, NX_KIND_NONE);
	return own(self, kind);
}

/* Who pays; what the first process makes shall die with the rest. */
static nx_handle_t payer(struct model_thread *self)
{
	nx_handle_t job = chance(30) ? handle(self, NX_KIND_JOB) : 0;

	if (job == NX_HANDLE_NONE && self == random_first)
		return random_job;
	return job;
}

static nx_rights_t rights(void)
{
	if (chance(50))
		return NX_RIGHTS_SAME;
	if (chance(3))
		return NX_RIGHTS_ALL + 1;
	return (nx_rights_t)(drive_random(NX_RIGHTS_ALL + 1) |
			     drive_random(NX_RIGHTS_ALL + 1));
}

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

static void set(struct model_thread *self, uint64_t call, uint64_t a0,
		uint64_t a1, uint64_t a2, uint64_t a3)
{
	self->call = call;
	self->in = (struct nx_registers){ { a0, a1, a2, a3 } };
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
		self->send_caps[i].handle = handle(self, NX_KIND_NONE);
		self->send_caps[i].rights = rights();
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
	message(self, call, handle(self, NX_KIND_PORT));
	if (call == NX_SYS_recv && !chance(2))
		self->in.a[1] &= NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK;
}

static void answer(struct model_thread *self)
{
	message(self, NX_SYS_reply,
		chance(60) ? NX_HANDLE_CALLER : handle(self, NX_KIND_REPLY));
	if (!chance(2))
		self->in.a[1] &=
			~(uint64_t)(NX_HEADER_DEADLINE | NX_HEADER_NONBLOCK);
}

/* Who has none of a kind makes one first, mostly. */
static bool lacks(struct model_thread *self, uint32_t kind)
{
	return own(self, kind) == NX_HANDLE_NONE && chance(80);
}

static void exchange(struct model_thread *self)
{
	if (lacks(self, NX_KIND_PORT)) {
		set(self, NX_SYS_port_create, payer(self), 1 + drive_random(5),
		    0, 0);
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
		message(self, NX_SYS_send, handle(self, NX_KIND_PORT));
		break;
	default:
		/* The first thread must be there always. */
		message(self, self == random_first ? NX_SYS_send : NX_SYS_call,
			handle(self, NX_KIND_PORT));
		break;
	}
}

static void events(struct model_thread *self)
{
	nx_handle_t event = handle(self, NX_KIND_EVENT);
	uint64_t bits = chance(95) ? 1 + drive_random(15) : 0;

	if (lacks(self, NX_KIND_EVENT)) {
		set(self, NX_SYS_event_create, payer(self), 0, 0, 0);
		return;
	}
	switch (drive_random(4)) {
	case 0:
	case 1:
		set(self, NX_SYS_signal, event, bits, 0, 0);
		break;
	case 2:
		set(self, NX_SYS_wait, event, bits,
		    self == random_first || chance(40) ? 0 : NX_DEADLINE_NEVER,
		    0);
		break;
	default:
		set(self, NX_SYS_timer_set, event, bits,
		    chance(50) ? NX_DEADLINE_NEVER : NX_DEADLINE_NEVER - 1, 0);
		break;
	}
}

static void handles(struct model_thread *self)
{
	uint32_t kind = 1 + (uint32_t)drive_random(NX_KIND_REPLY);
	nx_handle_t source =
		chance(30) ? handle(self, NX_KIND_NONE) : handle(self, kind);

	switch (drive_random(8)) {
	case 0:
	case 1:
		set(self, NX_SYS_handle_close, source, 0, 0, 0);
		break;
	case 2:
		set(self, NX_SYS_handle_revoke, source, 0, 0, 0);
		break;
	case 3:
		set(self, NX_SYS_handle_info, source, 0, 0, 0);
		break;
	case 4:
		if (chance(30))
			source = NX_HANDLE_CALLER;
		set(self, NX_SYS_handle_dup, source, NX_RIGHTS_SAME, 0, 0);
		break;
	default:
		set(self, NX_SYS_handle_dup, source, rights(),
		    chance(80) ? 0 : drive_random(50),
		    chance(50) ? 0 : handle(self, NX_KIND_PROCESS));
		break;
	}
}

static void vmo_operation(struct model_thread *self)
{
	nx_handle_t vmo = handle(self, NX_KIND_VMO);
	uint64_t offset = drive_random(5) * NX_PAGE_SIZE;
	struct nx_message_buffer *buffer =
		(struct nx_message_buffer *)(uintptr_t)((struct thread *)self
								->object.kernel)
			->buffer_address;

	switch (drive_random(chance(5) ? 8 : 7)) {
	case 7: /* there is no such operation */
		set(self, NX_SYS_vmo_ctl, vmo, chance(50) ? 0 : 31, 0, 0);
		break;
	case 0:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_slice, offset,
		    drive_random(3 * NX_PAGE_SIZE));
		if (chance(3)) {
			self->in.a[0] = wild(self);
			self->in.a[2] = 8;
		}
		break;
	case 1:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_seal, drive_random(5),
		    0);
		break;
	case 2:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_info, 0, 0);
		break;
	case 3:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_set_content,
		    drive_random(5 * NX_PAGE_SIZE), 0);
		break;
	case 4:
	case 5:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_write, offset,
		    (uintptr_t)buffer->send_frame);
		self->in.a[4] = 1;
		break;
	default:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_read, offset,
		    (uintptr_t)buffer->recv_frame);
		self->in.a[4] = 1;
		break;
	}
}

/* Those that change what pages a VMO has, and labels. */
static void page_operation(struct model_thread *self)
{
	nx_handle_t vmo = handle(self, NX_KIND_VMO);
	uint64_t offset = drive_random(4) * NX_PAGE_SIZE;
	uint64_t size = drive_random(4) * NX_PAGE_SIZE;
	struct nx_message_buffer *buffer =
		(struct nx_message_buffer *)(uintptr_t)((struct thread *)self
								->object.kernel)
			->buffer_address;

	switch (drive_random(9)) {
	case 0:
	case 1:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_snapshot,
		    drive_random(3) * NX_PAGE_SIZE,
		    drive_random(3 * NX_PAGE_SIZE));
		break;
	case 2:
	case 3:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_resize,
		    chance(3) ? UINT64_MAX
			      : drive_random(
					MODEL_VMO_PAGES_MAX * NX_PAGE_SIZE + 1),
		    0);
		break;
	case 4:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_decommit, offset,
		    size + (chance(3) ? 8 : 0));
		break;
	case 5:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_commit, offset,
		    size + (chance(3) ? 8 : 0));
		break;
	case 6:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_label,
		    (uintptr_t)buffer->send_frame, 0);
		break;
	case 7:
		set(self, NX_SYS_vmo_ctl, vmo, NX_OP_vmo_label_read,
		    (uintptr_t)buffer->recv_frame, 0);
		break;
	default:
		set(self, NX_SYS_vmo_ctl, payer(self), NX_OP_vmo_contiguous,
		    chance(3) ? NX_VMO_CONTIGUOUS_MAX + 1
			      : drive_random(
					MODEL_VMO_PAGES_MAX * NX_PAGE_SIZE + 1),
		    0);
		break;
	}
}

static void map(struct model_thread *self)
{
	static const uint32_t accesses[] = { NX_MAP_READ,
					     NX_MAP_READ | NX_MAP_WRITE,
					     NX_MAP_READ | NX_MAP_EXEC,
					     NX_MAP_WRITE,
					     NX_MAP_ACCESS,
					     0 };

	set(self, NX_SYS_map, chance(70) ? 0 : handle(self, NX_KIND_PROCESS),
	    handle(self, NX_KIND_VMO), drive_random(3) * NX_PAGE_SIZE,
	    drive_random(4) * NX_PAGE_SIZE);
	self->in.a[4] =
		accesses[chance(80) ? drive_random(3) : drive_random(6)];
}

/* A mapping of the process, or any. */
static void unmap(struct model_thread *self)
{
	const struct model_node *found = NULL;
	uint64_t count = 0;

	for (unsigned i = 0; i < model.node_high; i++)
		if (model.nodes[i].type == NODE_MAPPING &&
		    model.nodes[i].process == self->process &&
		    drive_random(++count) == 0)
			found = &model.nodes[i];
	set(self, NX_SYS_unmap_protect, 0, found ? found->address : 4096,
	    found && chance(95) ? found->size_bytes : NX_PAGE_SIZE,
	    drive_random(4) * (chance(50)));
	/* What is wrong with the arguments comes before the handle. */
	if (chance(2))
		set(self, NX_SYS_unmap_protect, wild(self), 4096, NX_PAGE_SIZE,
		    NX_MAP_ACCESS + 1);
}

static void memory(struct model_thread *self)
{
	switch (lacks(self, NX_KIND_VMO) ? 0 : drive_random(9)) {
	case 0:
		set(self, NX_SYS_vmo_create, payer(self),
		    drive_random(MODEL_VMO_PAGES_MAX * NX_PAGE_SIZE + 1), 0, 0);
		if (chance(2))
			set(self, NX_SYS_vmo_create, wild(self),
			    NX_VMO_SIZE_MAX + 1, 0, 0);
		break;
	case 1:
		map(self);
		break;
	case 2:
		unmap(self);
		break;
	case 3:
	case 4:
	case 5:
		page_operation(self);
		break;
	default:
		vmo_operation(self);
		break;
	}
}

/* Of the first process: what all others are made of, mostly. */
static nx_handle_t source(struct model_thread *self, unsigned kept,
			  uint32_t kind)
{
	return self == random_first && chance(80) ? random_kept[kept]
						  : handle(self, kind);
}

static uint64_t some_device(void)
{
	if (chance(2))
		return MODEL_DEVICE_FIRST + 8;
	if (chance(2))
		return model.devices_end;
	return MODEL_DEVICE_FIRST + drive_random(3) * NX_PAGE_SIZE;
}

static void narrow(struct model_thread *self)
{
	switch (drive_random(3)) {
	case 0:
		set(self, NX_SYS_mmio_ctl,
		    source(self, KEPT_MMIO, NX_KIND_MMIO), NX_OP_mmio_narrow,
		    some_device(),
		    chance(95) ? (1 + drive_random(2)) * NX_PAGE_SIZE
			       : drive_random(2) * 100);
		break;
	case 1:
		set(self, NX_SYS_irq_ctl, source(self, KEPT_IRQ, NX_KIND_IRQ),
		    NX_OP_irq_narrow,
		    chance(20) ? drive_random(4)
			       : NX_IRQ_VIRTUAL - 1 + drive_random(4),
		    0);
		break;
	default:
		set(self, NX_SYS_dma_ctl, source(self, KEPT_DMA, NX_KIND_DMA),
		    NX_OP_dma_narrow, some_device(),
		    chance(95) ? NX_DMA_TRUSTED : drive_random(4));
		break;
	}
}

static void line(struct model_thread *self)
{
	nx_handle_t irq = handle(self, NX_KIND_IRQ);

	switch (drive_random(5)) {
	case 0:
		set(self, NX_SYS_irq_ctl, irq, NX_OP_irq_bind,
		    chance(90) ? handle(self, NX_KIND_EVENT) : 0,
		    chance(95) ? 1 + drive_random(15) : 0);
		self->in.a[4] = drive_random(4);
		break;
	case 1:
	case 2:
		set(self, NX_SYS_irq_ctl, irq, NX_OP_irq_raise, 0, 0);
		break;
	default:
		set(self, NX_SYS_irq_ctl, irq, chance(97) ? NX_OP_irq_ack : 9,
		    0, 0);
		break;
	}
}

/* A pin of whatever device, mostly of one that there is. */
static uint64_t some_pin(void)
{
	const struct model_pin *found = NULL;
	uint64_t count = 0;

	for (unsigned i = 0; i < MODEL_PINS_MAX; i++)
		if (model.pins[i].device && drive_random(++count) == 0)
			found = &model.pins[i];
	return found && chance(90) ? found->number : drive_random(1000);
}

static void pin(struct model_thread *self)
{
	const struct thread *kernel = self->object.kernel;
	nx_handle_t dma = handle(self, NX_KIND_DMA);

	switch (drive_random(6)) {
	case 0:
	case 1:
		set(self, NX_SYS_dma_ctl, dma, NX_OP_dma_unpin, some_pin(),
		    chance(90) ? 0 : drive_random(3));
		break;
	case 2:
		set(self, NX_SYS_dma_ctl, dma, chance(97) ? NX_OP_dma_reset : 0,
		    handle(self, NX_KIND_MMIO), 0);
		break;
	default:
		set(self, NX_SYS_dma_ctl, dma, NX_OP_dma_pin,
		    handle(self, NX_KIND_VMO), drive_random(3) * NX_PAGE_SIZE);
		self->in.a[4] = chance(95)
					? (1 + drive_random(3)) * NX_PAGE_SIZE
					: drive_random(2) * 8;
		self->in.a[5] = chance(95) ? NX_MAP_READ + drive_random(2) *
								   NX_MAP_WRITE
					   : drive_random(8);
		self->in.a[6] = kernel->buffer_address +
				offsetof(struct nx_message_buffer, recv_frame);
		self->in.a[7] =
			chance(97) ? MODEL_VMO_PAGES_MAX + drive_random(1000)
				   : 0;
		break;
	}
}

static void devices(struct model_thread *self)
{
	switch (drive_random(6)) {
	case 0:
	case 1:
		narrow(self);
		break;
	case 2:
		set(self, NX_SYS_mmio_ctl, handle(self, NX_KIND_MMIO),
		    NX_OP_mmio_map,
		    chance(80) ? 0 : handle(self, NX_KIND_PROCESS),
		    chance(95) ? NX_MAP_READ + drive_random(2) * NX_MAP_WRITE
			       : drive_random(8));
		break;
	case 3:
		line(self);
		break;
	default:
		pin(self);
		break;
	}
}

static void make_job(struct model_thread *self)
{
	nx_handle_t parent = handle(self, NX_KIND_JOB);

	if (self == random_first && chance(60))
		parent = random_job;
	set(self, NX_SYS_job_ctl, parent, NX_OP_job_create,
	    chance(80) ? 40 + drive_random(200) : drive_random(30),
	    drive_random(60));
	self->in.a[4] = drive_random(8);
}

static void filter(struct model_thread *self)
{
	struct nx_filter_rules *rules = &model_rules;
	nx_handle_t target =
		handle(self, chance(50) ? NX_KIND_JOB : NX_KIND_THREAD);

	if (self == random_first && target == NX_HANDLE_NONE)
		target = UINT32_MAX - 1;
	nx_filter_init(rules);
	if (chance(50))
		nx_filter_forbid(rules, (uint32_t)drive_random(NX_SYS_COUNT));
	if (chance(30))
		nx_filter_forbid_operation(rules, NX_SYS_vmo_ctl,
					   1 + (uint32_t)drive_random(13));
	if (chance(30))
		rules->rates[drive_random(NX_RATE_COUNT)] =
			(struct nx_rate){ 1, 1 + (uint32_t)drive_random(20) };
	if (chance(5))
		rules->options = 1 + (uint32_t)drive_random(2);
	if (chance(2))
		rules->rates[0].burst = 1;
	set(self, NX_SYS_filter_install, target,
	    ((struct thread *)self->object.kernel)->buffer_address +
		    offsetof(struct nx_message_buffer, send_frame),
	    0, 0);
}

static void leave(struct model_thread *self)
{
	if (self == random_first)
		set(self, NX_SYS_exit, 0, 2, 0, 0);
	else
		set(self, NX_SYS_exit, drive_random(100), drive_random(3), 0,
		    0);
}

static void kill(struct model_thread *self)
{
	static const uint32_t kinds[] = { NX_KIND_THREAD, NX_KIND_THREAD,
					  NX_KIND_PROCESS, NX_KIND_PROCESS,
					  NX_KIND_JOB };

	set(self, NX_SYS_task_kill, handle(self, kinds[drive_random(5)]),
	    drive_random(100), 0, 0);
}

static void shares(struct model_thread *self)
{
	nx_handle_t parent = handle(self, NX_KIND_JOB);

	if (chance(30)) {
		set(self, NX_SYS_job_ctl, parent, NX_OP_job_shares, 0, 0);
		return;
	}
	if (self == random_first && chance(60))
		parent = random_kept[KEPT_ROOT];
	set(self, NX_SYS_job_ctl, parent, NX_OP_job_set_shares,
	    handle(self, NX_KIND_JOB), drive_random(3000));
}

static void budget_change(struct model_thread *self)
{
	nx_handle_t budget =
		chance(30) ? NX_HANDLE_NONE : handle(self, NX_KIND_BUDGET);

	if (chance(60)) {
		set(self, NX_SYS_sched_ctl, budget, NX_OP_budget_set,
		    drive_random(3), drive_random(3));
		self->in.a[4] = drive_random(chance(50) ? 120 : 1002);
	} else if (chance(20)) {
		set(self, NX_SYS_sched_ctl, budget, NX_OP_budget_limit, 0, 0);
	} else {
		set(self, NX_SYS_sched_ctl, budget, NX_OP_budget_limit,
		    drive_random(12) * 1000000, drive_random(12) * 1000000);
	}
}

static void budget(struct model_thread *self)
{
	if (chance(20))
		set(self, NX_SYS_sched_ctl, handle(self, NX_KIND_BUDGET),
		    NX_OP_budget_info, 0, 0);
	else if (chance(20))
		set(self, NX_SYS_sched_ctl, handle(self, NX_KIND_BUDGET),
		    NX_OP_budget_limits, 0, 0);
	else if (chance(30))
		budget_change(self);
	else if (chance(30))
		shares(self);
	else
		set(self, NX_SYS_sched_ctl, payer(self), NX_OP_budget_create,
		    chance(90) ? drive_random(2) : drive_random(5),
		    drive_random(chance(50) ? 300 : 1002));
}

static void begin_something(struct model_thread *self)
{
	switch (drive_random(8)) {
	case 0:
		set(self, NX_SYS_port_create, payer(self),
		    chance(3) ? NX_PORT_DEPTH_MAX + 1 : drive_random(6), 0, 0);
		break;
	case 1:
		set(self, NX_SYS_event_create, payer(self), 0, 0, 0);
		break;
	case 2:
		set(self, NX_SYS_process_create, payer(self),
		    chance(50) ? self->process->service_id : drive_random(9), 0,
		    0);
		break;
	case 3:
	case 4:
		/* A thread of the first process could not be killed with
		 * the rest. */
		set(self, NX_SYS_thread_create,
		    self == random_first ? handle(self, NX_KIND_PROCESS) | 0
		    : chance(30)	 ? 0
					 : handle(self, NX_KIND_PROCESS),
		    chance(70) ? 0 : handle(self, NX_KIND_BUDGET), 0, 0);
		if (self == random_first && self->in.a[0] == 0)
			self->in.a[0] = random_kept[KEPT_ROOT];
		break;
	case 5:
	case 6:
		set(self, NX_SYS_thread_ctl, handle(self, NX_KIND_THREAD),
		    NX_OP_thread_start, 64, 64);
		break;
	default:
		make_job(self);
		break;
	}
}

static void rarely(struct model_thread *self)
{
	switch (drive_random(24)) {
	case 0:
		leave(self);
		break;
	case 1:
	case 2:
		kill(self);
		break;
	case 3:
	case 4:
		filter(self);
		break;
	case 5:
		set(self, NX_SYS_job_ctl, handle(self, NX_KIND_JOB),
		    NX_OP_job_stats, 0, 0);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		budget(self);
		break;
	default:
		set(self, NX_SYS_yield, 0, 0, 0, 0);
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
		set(self, NX_SYS_process_create, random_job,
		    1 + drive_random(8), 0, 0);
		return;
	case 1:
		/* 0 would be the first process itself. */
		spawn.process = made != 0 ? made : random_kept[KEPT_ROOT];
		set(self, NX_SYS_thread_create, spawn.process, 0, 0, 0);
		return;
	case 2:
		spawn.thread = made;
		break;
	case SPAWN_GIFTS:
		set(self, NX_SYS_thread_ctl, spawn.thread, NX_OP_thread_start,
		    64, 64);
		spawn.step = 0;
		return;
	default:
		break;
	}
	set(self, NX_SYS_handle_dup,
	    own(self, chance(60) ? NX_KIND_PORT : NX_KIND_NONE),
	    chance(70) ? NX_RIGHTS_SAME : rights(), 0, spawn.process);
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
		set(self, NX_SYS_handle_close, own(self, NX_KIND_NONE), 0, 0,
		    0);
	else if (self == random_first && (spawn.step > 0 || chance(4)))
		spawn_on(self);
	else if (dice < 25)
		exchange(self);
	else if (dice < 36)
		events(self);
	else if (dice < 52)
		handles(self);
	else if (dice < 65)
		memory(self);
	else if (dice < 76)
		begin_something(self);
	else if (dice < 86)
		devices(self);
	else
		rarely(self);
}
