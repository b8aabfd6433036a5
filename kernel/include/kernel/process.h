/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H
/** @file process.h
 * Processes: an address space and a handle table. When a process ends,
 * whatever the reason, nothing new comes into it from then on; in steps, its
 * threads stop one after the other, its handles are closed and its memory is
 * unmapped. Only then does it say that it has ended. The object stays, with
 * its exit code, while handles to it exist. */
#include <kernel/handle.h>
#include <kernel/hart.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/space.h>
#include <kernel/steps.h>
#include <kernel/thread.h>

struct process GUARDED_FIELDS {
	struct object object;
	uint32_t state; /* NX_PROCESS_* */
	uint32_t service_id;
	int64_t exit_code;
	uint64_t name[2];
	uint64_t cpu_ticks; /* see sched_process_ticks() */
	struct list in_job;
	struct list threads;	/* not dead; each a reference */
	uint32_t started_count; /* of them: started */
	uint32_t linger_count;	/* dead ones that other harts still run */
	bool ran;		/* it has been running when it ended */
	bool emptied;
	struct handle_table handles;
	struct space space;
	struct filter *filter; /* of its threads; NULL or a reference */
	struct work end;       /* its end in steps */
} GUARDED_END;

/** One that nobody sees until it is set up: it has ended already. */
HELD nx_status_t process_create(struct job *job, uint32_t service_id,
				const uint64_t name[2],
				struct process **out_process);
/** Give it its address space, and it to its job. */
HELD nx_status_t process_set_up(struct process *process);
/** End it: kill the threads, empty table and space, leave the list of the
 * job, tell the watch. These are steps of the current thread, also when
 * somebody else had begun with them. `state` says why: NX_PROCESS_EXITED,
 * KILLED or CRASHED. */
HELD void process_end(struct process *process, uint32_t state, int64_t code);
/** What the world is told: it goes on until its end is complete. */
HELD uint32_t process_state(const struct process *process);
/** The process of current_thread(). */
HELD static inline struct process *current_process(void)
{
	return current_thread()->process;
}
#endif /* KERNEL_PROCESS_H */
