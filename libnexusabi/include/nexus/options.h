/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_OPTIONS_H
#define NEXUS_OPTIONS_H
/** @file options.h
 * Option bits and small numbers of the calls. An unknown bit or number is
 * INVALID_ARGS. */
#include <nexus/types.h>

/* map, unmap_protect */
#define NX_MAP_READ (UINT32_C(1) << 0)
#define NX_MAP_WRITE                                                           \
	(UINT32_C(1) << 1) /* implies nothing; ask for READ too                \
			    */
#define NX_MAP_EXEC (UINT32_C(1) << 2)
#define NX_MAP_ACCESS UINT32_C(7)
/** At `address`, counted from the program base of the process, which is 0
 * on a real machine; the call says where that is. */
#define NX_MAP_FIXED (UINT32_C(1) << 3)

/* vmo_seal */
#define NX_SEAL_WRITE (UINT32_C(1) << 0) /* content never changes again */
#define NX_SEAL_SEAL (UINT32_C(1) << 1)	 /* no more seals */
#define NX_SEAL_ALL UINT32_C(3)

/** Largest VMO, and largest one whose pages follow each other. */
#define NX_VMO_SIZE_MAX (UINT64_C(1) << 30)
#define NX_VMO_CONTIGUOUS_MAX (UINT64_C(4) << 20)

/* vmo_label */
#define NX_DIGEST_BYTES 32

/* port_create */
#define NX_PORT_DEPTH_MAX UINT32_C(256)
/** Jobs above one, at most. */
#define NX_JOB_DEPTH_MAX UINT32_C(64)

/* state of a process in handle_info and job_next */
enum {
	NX_PROCESS_NEW = 0,
	NX_PROCESS_RUNNING = 1,
	NX_PROCESS_EXITED = 2,
	NX_PROCESS_KILLED = 3,
	NX_PROCESS_CRASHED = 4
};

/* state of a thread in handle_info */
enum {
	NX_THREAD_NEW = 0,
	NX_THREAD_READY = 1,
	NX_THREAD_RUNNING = 2,
	NX_THREAD_BLOCKED = 3,
	NX_THREAD_DEAD = 4
};

/* budget_create */
enum {
	NX_QOS_IDLE = 0,
	NX_QOS_NORMAL = 1,
	NX_QOS_INTERACTIVE = 2,
	NX_QOS_PERF_BURST = 3
};
/** A class that has somebody ready on a hart runs there in each time of this
 * length, whatever others do. */
#define NX_CLASS_WAIT_NS UINT64_C(140000000)
#define NX_SHARE_DEFAULT UINT32_C(100)
#define NX_SHARE_MAX UINT32_C(1000)

/* budget_limit */
#define NX_PERIOD_MIN_NS UINT64_C(1000000)
#define NX_PERIOD_MAX_NS UINT64_C(1000000000)
#define NX_LIMIT_MIN_NS UINT64_C(10000)

/* job_reset */
enum { NX_RESET_SHUTDOWN = 0, NX_RESET_REBOOT = 1 };

/* irq_narrow, irq_bind */
#define NX_IRQ_VIRTUAL UINT32_C(1024)
#define NX_IRQ_VIRTUAL_COUNT UINT32_C(64)
#define NX_IRQ_RATE UINT64_C(100000)
/* state of a line in handle_info */
enum {
	NX_IRQ_BOUND = 1 << 0,
	NX_IRQ_MASKED = 1 << 1, /* until irq_ack */
	NX_IRQ_STORM = 1 << 2	/* until irq_bind */
};

/* debug_write */
#define NX_DEBUG_WRITE_MAX UINT64_C(256)
#endif /* NEXUS_OPTIONS_H */
