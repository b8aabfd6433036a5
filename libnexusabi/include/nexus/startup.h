/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_STARTUP_H
#define NEXUS_STARTUP_H
/** @file startup.h
 * What a program is given when it starts.
 *
 * The first thread of a process begins with a0 = a handle to its startup
 * VMO, a1 = the address of its message buffer, sp = its stack. The startup
 * VMO holds this record, then the argument strings. The kernel writes the
 * one of the first process; whoever starts another process writes that
 * one's. There is no other way in: a process holds exactly the handles
 * that are named here.
 */
#include <nexus/types.h>

#define NX_STARTUP_MAGIC UINT32_C(0x5453584e) /* "NXST" */
#define NX_STARTUP_VERSION 1
#define NX_STARTUP_HANDLES_MAX 32
/** All of it, strings included, fits one page. */
#define NX_STARTUP_SIZE_MAX 4096

/** What a handle is for. Roles from 64 on belong to the services. */
enum {
	NX_ROLE_NONE = 0,
	NX_ROLE_PROCESS = 1,	  /* this process */
	NX_ROLE_JOB = 2,	  /* the job that pays for it */
	NX_ROLE_TRACE = 3,	  /* the debug line */
	NX_ROLE_BOOT_PACKAGE = 4, /* sealed VMO: the image we booted from */
	NX_ROLE_DEVICE_TREE = 5,  /* sealed VMO: flattened device tree */
	/* Of the first process: all windows, lines and devices that reach
	 * memory. Of a driver: its own. */
	NX_ROLE_MMIO = 6,
	NX_ROLE_IRQ = 7,
	NX_ROLE_DMA = 8,
	NX_ROLE_SERVICES = 64	  /* first role that services define */
};

struct nx_startup_handle {
	uint32_t role;
	nx_handle_t handle;
};

struct nx_startup {
	uint32_t magic;
	uint16_t version;
	uint16_t handle_count;
	uint32_t size_bytes;  /* of the record and its strings */
	uint32_t args_offset; /* argument strings, each ended by NUL */
	uint32_t arg_count;   /* the first is the program's name */
	uint32_t service_id;
	uint64_t ticks_per_second; /* of the time counter */
	uint64_t memory_bytes;	   /* RAM of the machine, 0 if not told */
	uint64_t random[4];	   /* seeds; zero if there is no source */
	struct nx_startup_handle handles[NX_STARTUP_HANDLES_MAX];
};
#endif /* NEXUS_STARTUP_H */
