/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on devices by chance. */
#include "pick.h"

#include <kernel/thread.h>

/* Of the first process: what all others are made of, mostly. */
static nx_handle_t source(struct model_thread *self, unsigned kept,
			  uint32_t kind)
{
	return self == random_first && chance(80) ? random_kept[kept]
						  : pick_handle(self, kind);
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
		make_call(self, NX_SYS_mmio_ctl,
			  source(self, KEPT_MMIO, NX_KIND_MMIO),
			  NX_OP_mmio_narrow, some_device(),
			  chance(95) ? (1 + drive_random(2)) * NX_PAGE_SIZE
				     : drive_random(2) * 100);
		break;
	case 1:
		make_call(self, NX_SYS_irq_ctl,
			  source(self, KEPT_IRQ, NX_KIND_IRQ), NX_OP_irq_narrow,
			  chance(20) ? drive_random(4)
				     : NX_IRQ_VIRTUAL - 1 + drive_random(4),
			  0);
		break;
	default:
		make_call(self, NX_SYS_dma_ctl,
			  source(self, KEPT_DMA, NX_KIND_DMA), NX_OP_dma_narrow,
			  some_device(),
			  chance(95) ? NX_DMA_TRUSTED : drive_random(4));
		break;
	}
}

static void line(struct model_thread *self)
{
	nx_handle_t irq = pick_handle(self, NX_KIND_IRQ);

	switch (drive_random(5)) {
	case 0:
		make_call(self, NX_SYS_irq_ctl, irq, NX_OP_irq_bind,
			  chance(90) ? pick_handle(self, NX_KIND_EVENT) : 0,
			  chance(95) ? 1 + drive_random(15) : 0);
		self->in.a[4] = drive_random(4);
		break;
	case 1:
	case 2:
		make_call(self, NX_SYS_irq_ctl, irq, NX_OP_irq_raise, 0, 0);
		break;
	default:
		make_call(self, NX_SYS_irq_ctl, irq,
			  chance(97) ? NX_OP_irq_ack : 9, 0, 0);
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
	nx_handle_t dma = pick_handle(self, NX_KIND_DMA);

	switch (drive_random(6)) {
	case 0:
	case 1:
		make_call(self, NX_SYS_dma_ctl, dma, NX_OP_dma_unpin,
			  some_pin(), chance(90) ? 0 : drive_random(3));
		break;
	case 2:
		make_call(self, NX_SYS_dma_ctl, dma,
			  chance(97) ? NX_OP_dma_reset : 0,
			  pick_handle(self, NX_KIND_MMIO), 0);
		break;
	default:
		make_call(self, NX_SYS_dma_ctl, dma, NX_OP_dma_pin,
			  pick_handle(self, NX_KIND_VMO),
			  drive_random(3) * NX_PAGE_SIZE);
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

void random_device(struct model_thread *self)
{
	switch (drive_random(6)) {
	case 0:
	case 1:
		narrow(self);
		break;
	case 2:
		make_call(self, NX_SYS_mmio_ctl,
			  pick_handle(self, NX_KIND_MMIO), NX_OP_mmio_map,
			  chance(80) ? 0 : pick_handle(self, NX_KIND_PROCESS),
			  chance(95)
				  ? NX_MAP_READ + drive_random(2) * NX_MAP_WRITE
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
