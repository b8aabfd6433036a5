/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_CALLS_H
#define SYSTEM_CALLS_H
/** @file calls.h
 * Every call of syscalls.def as data, so that a test can go through all of
 * them and a new call cannot be forgotten. */
#include "system_test.h"

enum argument_class {
	ARGUMENT_NONE,
	ARGUMENT_NUMBER,
	ARGUMENT_HANDLE,     /* of one kind */
	ARGUMENT_ANY_HANDLE, /* of any kind */
	ARGUMENT_ADDRESS,    /* an address that is not followed */
	ARGUMENT_SOURCE,     /* memory that the call reads */
	ARGUMENT_TARGET	     /* memory that the call writes */
};

#define CALL_ARGUMENTS_MAX 8

struct call_argument {
	const char *name;
	const char *type;
	uint32_t kind; /* of ARGUMENT_HANDLE */
	uint8_t place; /* register */
};

struct call_row {
	const char *name;
	uint32_t number;
	uint32_t operation;
	bool is_message;
	struct call_argument arguments[CALL_ARGUMENTS_MAX];
};

extern const struct call_row call_rows[];
extern const unsigned call_row_count;

enum argument_class argument_class(const struct call_argument *argument);
bool names_equal(const char *left, const char *right);

/** One object of each kind, and memory, to make calls with. */
struct fixture {
	nx_handle_t handles[NX_KIND_REPLY + 1]; /* by kind, all rights */
	nx_job_t root;
	nx_dma_t devices;
	nx_handle_t stale; /* was closed */
	nx_uaddr_t page;   /* one page, READ and WRITE, nothing behind it */
};

bool fixture_make(struct test *test, struct fixture *fixture);
void fixture_drop(struct fixture *fixture);
/** Registers for a call that is right in everything. */
void fixture_registers(const struct fixture *fixture,
		       const struct call_row *row,
		       struct nx_registers *out_registers);
#endif /* SYSTEM_CALLS_H */
