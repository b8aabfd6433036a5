/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H
/** @file thread.h
 * Threads. A blocked thread is a state, not a stack: everything that must
 * be known to go on is in here, and whoever ends the wait writes the
 * result into the frame with thread_wake(). */
#include <kernel/arch.h>
#include <kernel/heap.h>
#include <kernel/job.h>
#include <kernel/list.h>
#include <kernel/object.h>
#include <kernel/steps.h>
#include <kernel/timer.h>
#include <kernel/vmo.h>
#include <nexus/message.h>
#include <nexus/slow.h>

struct process;
struct budget;
struct port;
struct reply;
struct mapping;

enum thread_state {
	THREAD_RUNNING, /* current of its hart */
	THREAD_NEW,
	THREAD_READY,	       /* in a run queue, or held by its budget */
	THREAD_CALLING,	       /* in port->callers: not yet received */
	THREAD_SENDING,	       /* in port->senders: queue was full */
	THREAD_RECEIVING,      /* in port->receivers */
	THREAD_AWAITING_REPLY, /* received; callee or reply holds it */
	THREAD_WAITING,	       /* on an event */
	THREAD_EVICTING,       /* until other harts have left threads */
	THREAD_DEAD
};

struct thread GUARDED_FIELDS {
	/* It begins with the VMO that its message buffer is: one page, mapped
	 * read-write into the process. Nobody has a handle to that. */
	union {
		struct object object;
		struct vmo memory;
	};
	struct user_frame frame; /* of the hart that runs it, meanwhile */
	enum thread_state state;
	uint32_t affinity;	 /* harts where it may run, if any is there */
	struct hart *hart;	 /* where it runs or ran last */
	struct process *process; /* a reference from start to death */
	uint32_t evicting;	 /* harts that it waits for */
	bool lingers;		 /* dead, but a hart still runs it */
	bool started;
	bool caller_gone; /* it had one to answer, which died or gave up */
	bool asks;	  /* somebody about an exception: see fault.h */
	bool watched;	  /* it has a filter, or is to make a call again */
	bool again;
	uint8_t run_class;	/* of the queue it is in, or RUN_HELD */
	struct list in_process; /* or in the zombies of its job */
	struct budget *budget;	/* its own: a reference */
	struct list queue;	/* a list of the port, of those that wait for
				 * harts, or of those that a budget holds */
	struct timer timer;	/* deadline of the wait */
	/* For the fast path of a machine: */
	uint64_t slow_headers; /* bits of a header that only the calls as such
				* understand; all: it shall not be used */
	uint64_t resume;       /* arch_space_resume() of its space; 0 while a
				* deadline is armed: not to be resumed by it */
	/* IPC: exactly the fields its state needs mean anything */
	struct port *port;     /* of the call, send or recv in progress; a call
				* or recv holds a reference */
	struct thread *caller; /* whom this thread has to answer */
	struct thread *callee; /* who has to answer this thread */
	struct reply *reply;   /* or the minted right to do so */
	struct event *event;   /* waited on: a reference */
	uint64_t event_mask;
	uint64_t identity; /* identity word of the call in progress */
	struct nx_message_buffer *buffer; /* the kernel's view */
	nx_uaddr_t buffer_address;
	uint64_t cpu_ticks;
	uint64_t settled_ticks; /* of these: see sched_settle() */
	struct heap_node run;	/* while ready; its key: virtual deadline */
	struct filter *filter;	/* NULL or a reference */
	uint32_t slow_counts[NX_SLOW_COUNT];
	uint64_t recheck_round; /* see struct port */
	/* What it had while it asks, or shall have when it makes a call again:
	 * one that asks meanwhile makes no call again. */
	struct nx_registers kept;
	uint64_t kept_call;
	uint64_t refused; /* pc of the one asked about, and 1, until all is
			   * well: if it comes again nobody is */
	/* What it has to do before it goes on, and what a call made again
	 * goes on with; see steps.h */
	struct steps steps;
	struct tasks_walk walk;	   /* of job_next */
	struct object *unfinished; /* an object it is making: a reference */
	bool reserves;		   /* or a VMO that it has reserved pages for */
	struct mapping *coming;	   /* a mapping it is making */
} GUARDED_END;

/** Create one that nobody sees until it is set up. Charges one thread to the
 * process's job. */
HELD nx_status_t thread_create(struct process *process,
			       struct thread **out_thread);
/** Make it one of the same process, not started: for SYS_AGAIN see
 * space_map(). */
HELD nx_status_t thread_set_up(struct thread *thread, struct process *process,
			       struct budget *budget);
HELD nx_status_t thread_start(struct thread *thread, nx_uaddr_t entry,
			      nx_uaddr_t stack, uint64_t argument);
/** Give up what a call has begun that was to be made again. */
HELD void thread_leave_call(struct thread *thread);
/** End it wherever it is: leaves every list, peers are told. Its process
 * goes on, even without threads: see thread_end(). A thread that runs on
 * another hart makes no call any more, but it lingers: that hart leaves it
 * when it is kicked, and reaps it. */
HELD void thread_kill(struct thread *thread);
/** Kill it; if it was the last one that had started, end its process with
 * this state and code. */
HELD void thread_end(struct thread *thread, uint32_t state, int64_t code);
/** Last step of a death, once the thread is not current of any hart any more;
 * drops the references of its life. */
HELD void thread_reap(struct thread *thread);
/** One that has steps left to do: the current thread does them, and this one
 * is gone, or will be when its hart has left it. */
HELD void thread_bury(struct thread *zombie);
/** Take it out of what it is blocked on (any wait), without a result. */
HELD void thread_unblock(struct thread *thread);
/** End its wait with a status and make it ready. */
HELD void thread_wake(struct thread *thread, nx_status_t status);
/** The same with PEER_CLOSED, and the restart generation of its port as
 * the identity. */
HELD void thread_wake_closed(struct thread *thread);
/** The same, when the wait may have been begun by a fast path, which leaves
 * its registers out of the frame: a0 and a1 are these, the others 0. */
HELD void thread_wake_with(struct thread *thread, nx_status_t status,
			   uint64_t a0, uint64_t a1);
/** Disarm its deadline. One that can be resumed has none. */
HELD void thread_disarm_armed(struct thread *thread);
HELD static inline void thread_disarm(struct thread *thread)
{
	if (thread->resume == 0)
		thread_disarm_armed(thread);
}
/** Let its wait end with TIMED_OUT at deadline_ns; NX_DEADLINE_NEVER: not. */
HELD void thread_arm(struct thread *thread, uint64_t deadline_ns);
HELD static inline void thread_set_deadline(struct thread *thread,
					    uint64_t deadline_ns)
{
	if (deadline_ns != NX_DEADLINE_NEVER)
		thread_arm(thread, deadline_ns);
}
#endif /* KERNEL_THREAD_H */
