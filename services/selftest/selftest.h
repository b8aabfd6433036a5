/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SELFTEST_SELFTEST_H
#define SELFTEST_SELFTEST_H
/** @file selftest.h
 * Proofs on the running system, by a client like any other: what it prints
 * it has seen itself. Speaks TAP through the console; `hash` lines are for
 * whoever has the list of the files before they were packed. */
#include <crt/program.h>
#include <epk/ops.h>
#include <lib/package_client.h>
#include <proto/console.h>

/** A path fits a line of the console with a digest in front. */
#define PATH_BYTES 896

struct selftest {
	struct program *program;
	nx_client_t console;
	nx_client_t packages; /* may read, be lent */
	nx_client_t mounter;  /* may mount as well; NONE: not tried */
	nx_client_t reader;   /* may only read; NONE: not tried */
	nx_trace_t trace;     /* counters; NONE: not read */
	char out[CONSOLE_WRITE_MAX];
	size_t out_size;
	unsigned run;
	unsigned failed;
	/* SHA-256 of this boot's nonce and of every `hash` line: what was
	 * read, bound to the boot in which it was read. */
	struct epk_hash evidence;
	/* Seen while hashing. */
	uint64_t files;
	uint64_t mapped_files;
	uint64_t bytes;
	uint64_t lent_bytes;
	uint64_t wrong;		/* files whose digests differ */
	uint64_t splice_wrong;	/* loans that were not as they must be */
	uint64_t splice_copied; /* bytes that packagefsd copied for loans */
	uint64_t kernel_copied; /* bytes that the kernel copied meanwhile */
	char mapped_path[PATH_BYTES]; /* the largest MAPPED file */
	uint64_t mapped_size;
	char unmapped_path[PATH_BYTES]; /* some file that is not */
};

void selftest_print(struct selftest *test, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void selftest_flush(struct selftest *test);
/** One TAP line; returns the condition. */
bool selftest_ok(struct selftest *test, bool condition, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** One TAP line: the status is the wanted one; shows both if not. */
void selftest_is(struct selftest *test, nx_status_t got, nx_status_t wanted,
		 const char *sentence);

/** Every file below a folder: by copy, and by loan if it is MAPPED. */
void selftest_hash(struct selftest *test, const char *root);
/** What must be refused is refused, each with its status. */
void selftest_refuse(struct selftest *test);
/** Damaged copies of a package are refused, each with its code. */
void selftest_damage(struct selftest *test, const char *package);
#endif /* SELFTEST_SELFTEST_H */
