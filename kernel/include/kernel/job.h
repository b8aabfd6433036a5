/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_JOB_H
#define KERNEL_JOB_H
/** @file job.h
 * Jobs: who pays. A child's quotas are taken out of its parent's when it
 * is created and go back when it ends, so a charge looks at one job only
 * and the sum over all jobs is the machine.
 *
 * Everything is charged before work starts, in job_charge(). Kernel objects
 * come from slabs of their job (slab.h); no two jobs share a page. */
#include <kernel/arch.h>
#include <kernel/event.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/slab.h>
#include <kernel/steps.h>

struct filter;

enum job_resource {
	JOB_PAGES,
	JOB_HANDLES,
	JOB_THREADS,
	JOB_SHARES, /* of the processor: what its budgets have */
	JOB_RESOURCES
};

struct quota GUARDED_FIELDS {
	uint64_t used;
	uint64_t max;
} GUARDED_END;

#define JOB_CRASHES_MAX 8

struct crash_report GUARDED_FIELDS {
	uint64_t process_id;
	uint32_t service_id;
	struct fault fault;
} GUARDED_END;

struct job GUARDED_FIELDS {
	struct object object;
	struct job *parent; /* NULL for the first; holds a reference */
	struct list children;
	struct list siblings;
	struct list processes;
	struct filter *filter; /* of what is made in it; NULL or a reference */
	struct list zombies;   /* threads: dead, with steps left to do */
	uint32_t depth;	       /* jobs above it; to NX_JOB_DEPTH_MAX */
	bool dying;	       /* nothing new is created in it */
	struct work kill;      /* its end in steps */
	struct job *kill_at;   /* where that is: a reference; NULL: not begun */
	int64_t kill_code;
	bool killed; /* nothing of it runs any more */
	struct quota quotas[JOB_RESOURCES];
	struct slab_cache caches[SLAB_CLASSES];
	uint64_t cpu_ticks; /* see sched_job_ticks() */
	/* the watch: see job_watch */
	struct event_watch watch;
	uint64_t watch_exit_bits;
	uint64_t watch_crash_bits;
	/* whom exceptions are told first: see job_handler */
	struct port *handler; /* until it closes; no reference */
	uint32_t handler_badge;
	struct list in_handler;
	struct crash_report crashes[JOB_CRASHES_MAX];
	uint32_t crash_first;
	uint32_t crash_count;
	uint64_t crash_dropped;
} GUARDED_END;

/** The first job; owns all pages. Created by boot. */
extern struct job *root_job GUARDED;
/** Changes whenever a job or a process comes or goes. */
extern uint64_t tasks_version GUARDED;

/** Where job_next is in the tree of jobs: good while the version is that. */
struct tasks_walk GUARDED_FIELDS {
	uint64_t version; /* 0: it has not begun */
	struct job *job;
	struct list *process; /* or the list itself */
	struct process *best;
} GUARDED_END;

/** Make the first job, which may use all pages that are free now. Forgets
 * all objects, handles and mappings of a former run. */
HELD void job_boot(void);
/** Charge; NX_ERR_QUOTA_* of the resource when it does not fit. */
HELD nx_status_t job_charge(struct job *job, enum job_resource resource,
			    uint64_t count);
/** Give back. A dying job keeps nothing: it goes on to the parent. */
HELD void job_uncharge(struct job *job, enum job_resource resource,
		       uint64_t count);
/** The job that a call's `job` argument makes pay: right WRITE, or the
 * caller's own for NX_HANDLE_NONE. Borrowed. */
HELD nx_status_t job_payer(nx_handle_t number, struct job **out_job);
/** Create a job with parts of the parent's quotas; the reference is the
 * caller's. */
HELD nx_status_t job_create(struct job *parent,
			    const uint64_t parts[JOB_RESOURCES],
			    struct job **out_job);
/** Change how many shares a job that has a parent may use. BAD_STATE: it is
 * dying, or uses more; QUOTA_SHARES: its parent has fewer. */
HELD nx_status_t job_set_shares(struct job *job, uint64_t shares);
/** End every job and process below, the oldest first, then the job, in steps
 * of the current thread, also when somebody else had begun with them. What it
 * may still use goes to the parent at once; what its objects hold follows when
 * they go. The watch is dropped. */
HELD void job_kill(struct job *job, int64_t code);
/** Is `job` the same as or below `ancestor`? */
HELD bool job_is_below(const struct job *job, const struct job *ancestor);
/** Nobody handles its exceptions any more. */
HELD static inline void job_handler_end(struct job *job)
{
	job->handler = NULL;
	list_remove(&job->in_handler);
}
/** The job behind this one in the tree below `top`, parents first; NULL: that
 * was the last. */
HELD struct job *job_behind(struct job *job, const struct job *top);
/** The nearest job from here up that has a watch, or NULL. */
HELD struct job *job_watched(struct job *job);
#endif /* KERNEL_JOB_H */
