/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H
/** @file hart.h
 * Harts: who they are, and what one asks of another. A hart owns its stack,
 * its alarm and the frame of the thread that it runs; everything else here
 * is guarded by the kernel's lock, also the ready threads of another hart. What
 * has to happen on another hart is noted in its structure, under the lock,
 * and then it is kicked: it comes into the kernel, takes the lock and finds
 * the note. Nobody waits for that with the lock in hand. */
#include <kernel/arch.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/lock.h>
#include <kernel/steps.h>
#include <kernel/timer.h>

#define QOS_CLASSES 4
#define HARTS_MAX 8
/** Affinity of a thread that may run everywhere. */
#define HARTS_ALL ((UINT32_C(1) << HARTS_MAX) - 1)

/** Threads that are ready, of one class. */
struct run_queue GUARDED_FIELDS {
	struct heap_node *first; /* by virtual deadline */
	uint64_t clock;		 /* virtual time: see run_queue.h */
	uint64_t served_ticks;	 /* see aging.h */
	uint64_t unused;	 /* so that the size is a power of two */
} GUARDED_END;

struct hart {
	/* The first are known to assembly. */
	struct thread *current GUARDED; /* NULL while idle */
	uint64_t thread_ticks GUARDED;	/* when current was last charged */
	uint64_t fast_count GUARDED;	/* calls that the fast path has done */
	uint32_t id;			/* place in harts[] */
	bool has_lock;			/* its own; no other hart looks at it */

	bool idle GUARDED;     /* waits for an interrupt */
	bool kicked GUARDED;   /* an interrupt is on its way to it */
	bool evicts GUARDED;   /* current is dead, or shall run elsewhere */
	uint32_t bit;	       /* of masks of harts */
	bool departs GUARDED;  /* shall stop; not online any more */
	bool yields GUARDED;   /* current gives up the rest of its turn */
	bool limited GUARDED;  /* its turn ends though nobody waits */
	bool no_aside GUARDED; /* nobody is put aside */
	GUARDED union {
		struct {
			union {
				struct {
					/* current may not go on */
					bool need_schedule;
					/* the alarm may be too late */
					bool timer_stale;
				};
				uint16_t unsettled; /* not 0: one of these */
			};
			uint8_t aged; /* class whose turn it is by age + 1;
				       * 0: none */
			uint32_t trace_events; /* NX_TRACE_* that are written;
						* 0: off */
		};
		uint64_t unusual; /* not 0: one of these */
	};
	struct thread *next GUARDED; /* before all that are ready, or NULL */
	uint32_t ready_mask GUARDED; /* classes with somebody ready */
	struct run_queue ready[QOS_CLASSES] GUARDED;
	struct heap_node *timers GUARDED;
	uint64_t slice_ticks GUARDED; /* length of a turn */
	uint64_t slice_end GUARDED;   /* ticks when that of current is over */
	uint64_t turn_ticks GUARDED;  /* when it began */
	uint64_t turn_class GUARDED;  /* of the queue that current came from */
	uint64_t turn_deadline GUARDED; /* in virtual time of its class */
	/* Whom the current thread, which is more urgent, has put aside: ready,
	 * in no queue, with the rest of the turn above; or NULL. */
	struct thread *aside GUARDED;
	uint64_t aside_ticks GUARDED;  /* when */
	uint64_t aging_ticks GUARDED;  /* no class has waited too long before */
	uint64_t budget_ticks GUARDED; /* when its budget was last charged */
	uint64_t programmed GUARDED;   /* ticks last given to the machine */
	uint64_t hinted_ticks GUARDED; /* last told of work elsewhere */
	uint64_t switch_count GUARDED; /* to a thread, off the fast path */
	struct arch_hart arch;
	uint32_t poll_count GUARDED; /* of kernel_poll() */
	struct steps steps GUARDED;  /* of interrupts while nobody runs */
};

extern struct hart harts[HARTS_MAX];
/** More than one hart may be there; constant once there is. */
extern bool hart_many;
/** Those that are there: bit n is harts[n]. */
extern uint32_t harts_online GUARDED;

HELD static inline __attribute__((always_inline)) struct thread *
current_thread(void)
{
	return this_hart()->current;
}

/** Is there anybody but the current thread to run? */
HELD static inline bool hart_has_ready(const struct hart *hart)
{
	return hart->ready_mask != 0 || hart->aside != NULL;
}

/** Does the turn of the current thread end with its slice, or does it go on
 * for nobody waits? */
HELD static inline bool hart_turn_ends(const struct hart *hart)
{
	return hart_has_ready(hart) || hart->limited;
}

/** The calling hart, harts[0], boots: it is alone. */
void hart_boot(void) ASSERTS(kernel_lock);
/** Others may come from now on: the lock is one. */
HELD void hart_expect_others(void);
/** The calling hart is there now; it has the lock. */
HELD void hart_join(struct hart *hart);

/** Let a hart look at what was noted for it. Merged with a kick that is on
 * its way; never dropped. */
HELD void hart_kick(struct hart *hart);
/** The same for one that has nothing to do, when a thread waits elsewhere;
 * at most once in HART_HINT_NS for each hart: it may as well not come. */
HELD void hart_hint(void);
#define HART_HINT_NS UINT64_C(1000000)

/** The current thread of another hart shall leave it: it is dead or may not
 * run there. */
HELD void hart_evict(struct hart *hart);
/** Block the current thread until every hart that was to leave a thread has
 * done so. NX_OK: none has to; else SYS_BLOCKED, and the call ends with
 * NX_OK. To be called last. */
HELD nx_status_t hart_await_evictions(void);
/** This hart has put away the thread that it was to leave. */
HELD void hart_evicted(struct hart *hart);

/** Stop a hart that others can do without, or start it again.
 * NX_ERR_NOT_FOUND, NX_ERR_BAD_STATE, NX_ERR_BUSY. */
HELD nx_status_t hart_stop(uint32_t id);
HELD nx_status_t hart_start(uint32_t id);
/** Move what waits on this hart to others and stop it. */
HELD _Noreturn void hart_depart(struct hart *hart);
#endif /* KERNEL_HART_H */
