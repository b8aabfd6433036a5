/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INIT_PLAN_H
#define INIT_PLAN_H
/** @file plan.h
 * The system plan: which services run, at whose expense, and what each may
 * ask of whom. What is not granted here is not possible.
 *
 * A text of lines; `#` begins a comment line. `service NAME` opens a block:
 *
 *	program PATH                a MAPPED file of the boot package
 *	id N                        service id, 2 to 65535: who its messages
 *				    are from
 *	quota PAGES HANDLES THREADS
 *	workers PAGES HANDLES THREADS   a job for programs it starts
 *	serve DEPTH                 it has a port, kept over restarts
 *	stack PAGES
 *	notify                      wants to know which clients are gone
 *	restart never               when it ends it stays ended
 *	when WORD                   only if this is among the boot arguments
 *	unless WORD                 only if this is not among them
 *	arguments WORD...           passed to it; `boot` stands for the
 *				    arguments of the machine
 *	grant debug-line [read] [write] [manage]
 *	grant boot-package
 *	grant package PATH          a MAPPED file of the boot package, sealed
 *	grant machine-job           to look at every job
 *	grant system [reset]        init itself
 *	grant service NAME [RIGHT]...   rights of rights.def
 *	grant window ADDRESS SIZE   registers of a device: whole pages, both
 *				    numbers hexadecimal, behind 0x
 *	grant line NUMBER           its interrupt line
 *	grant dma ADDRESS           memory for the device whose registers
 *				    begin there: a right to all memory, where
 *				    nothing keeps the device to its pins
 */
#include <nexus/types.h>

#include <stdbool.h>
#include <stddef.h>

#define PLAN_SERVICES_MAX 16
#define PLAN_GRANTS_MAX 12
#define PLAN_ARGUMENTS_MAX 8
#define PLAN_NAME_MAX 16
#define PLAN_PATH_MAX 127
/** 1 is init itself, and execd's programs are above. */
#define PLAN_ID_MIN 2
#define PLAN_ID_MAX 65535

enum plan_error {
	PLAN_OK = 0,
#define PLAN_ERROR(name, text) PLAN_ERROR_##name,
#include "plan.def"
#undef PLAN_ERROR
};

enum plan_grant_kind {
	PLAN_DEBUG_LINE,
	PLAN_BOOT_PACKAGE,
	PLAN_PACKAGE,
	PLAN_MACHINE_JOB,
	PLAN_SYSTEM,
	PLAN_SERVICE,
	PLAN_WINDOW,
	PLAN_LINE,
	PLAN_DMA
};

/** A part of the plan's text. */
struct plan_word {
	const char *text;
	size_t size;
};

struct plan_grant {
	enum plan_grant_kind kind;
	uint32_t rights;       /* NX_RIGHT_* or PROTO_*, as the kind has it */
	struct plan_word word; /* path or service */
	unsigned service;      /* index of it */
	uint64_t number;       /* address or line */
	uint64_t size_bytes;
	unsigned line;
};

struct plan_quota {
	uint64_t pages;
	uint64_t handles;
	uint64_t threads;
};

struct plan_service {
	char name[PLAN_NAME_MAX + 1];
	char program[PLAN_PATH_MAX + 1];
	uint32_t id;
	uint32_t depth; /* 0: it does not serve */
	uint64_t stack_pages;
	struct plan_quota quota;
	struct plan_quota workers; /* pages 0: none */
	bool notify;
	bool restart_never;
	struct plan_word when; /* empty: always */
	struct plan_word unless;
	struct plan_word arguments[PLAN_ARGUMENTS_MAX];
	unsigned argument_count;
	struct plan_grant grants[PLAN_GRANTS_MAX];
	unsigned grant_count;
	unsigned line;
};

struct plan {
	struct plan_service services[PLAN_SERVICES_MAX];
	unsigned service_count;
	/* Where it was refused. */
	enum plan_error error;
	unsigned line;
};

/** Check a plan and take it in; words point into `text`, which must live as
 * long as the plan. PLAN_OK, or what is wrong first, with its line. */
enum plan_error plan_parse(struct plan *plan, const char *text,
			   size_t size_bytes);
/** The sentence of an error; never NULL. */
const char *plan_sentence(enum plan_error error);
/** Index of a service, or service_count. */
unsigned plan_find(const struct plan *plan, const char *name, size_t size);
#endif /* INIT_PLAN_H */
