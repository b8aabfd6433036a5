/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H
/** @file irq.h
 * Interrupt lines. The first object covers them all and only makes others; a
 * line has one object at a time. While it is bound to an event it is on; when
 * it comes it is masked until whoever waits has dealt with the cause. It
 * interrupts the hart on which it was bound or acknowledged last, which is
 * where its driver runs. Lines from NX_IRQ_VIRTUAL on have no device: who has
 * the right raises them. object_create() makes the first. */
#include <kernel/arch.h>
#include <kernel/event.h>
#include <kernel/list.h>
#include <kernel/object.h>

struct irq GUARDED_FIELDS {
	struct object object;
	struct list irqs; /* all but the first, which is in none */
	uint32_t line;	  /* 0: the first */
	uint32_t hart;	  /* that it interrupts while it is on */
	uint32_t state;	  /* NX_IRQ_*; bound: and the line on */
	bool is_raised;	  /* without a device: again while it was masked */
	struct event_watch watch;
	uint64_t bits;
	uint64_t count;	       /* how often it came */
	uint64_t rate;	       /* most in a second */
	uint64_t second_ticks; /* when the one began that is counted in */
	uint64_t second_first; /* and how often it had come then */
} GUARDED_END;

/** Forget the lines of a former run. */
HELD void irq_boot(const struct boot_info *info);
/** A hart stops: what would interrupt it interrupts the first one. */
HELD void irq_leave(const struct hart *hart);
#endif /* KERNEL_IRQ_H */
