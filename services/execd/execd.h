/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXECD_EXECD_H
#define EXECD_EXECD_H
/** @file execd.h
 * Programs out of packages: each in a job of its own, which is killed when
 * the program ends, is ended, or when who started it is gone. */
#include <lib/launch.h>
#include <lib/package_client.h>
#include <lib/service.h>
#include <proto/console.h>
#include <proto/exec.h>

#define TASKS_MAX 16
#define CLIENT_TASKS_MAX 8
/** Service ids of programs; init's own services are below. */
#define TASK_ID_FIRST UINT32_C(0x10000)

/* What one program may use. */
#define TASK_PAGES 1024
#define TASK_HANDLES 256
#define TASK_THREADS 8
#define TASK_STACK_BYTES (UINT64_C(128) << 10)

/** A program file, open as long as it is mapped. */
struct program_file {
	struct package_file file;
	struct package_bytes bytes;
};

enum task_state { TASK_FREE, TASK_RUNNING, TASK_ENDED };

struct task {
	enum task_state state;
	uint32_t client;
	uint32_t id; /* its service id, and its number for the client */
	/** Lent as long as it runs: taking a loan back unmaps it. */
	struct program_file file;
	nx_job_t job;
	nx_process_t process;
	nx_event_t event; /* signalled when it ends */
	uint64_t bits;
	/* How it ended. */
	uint32_t process_state;
	int64_t code;
	uint64_t cause;
	uint64_t pc;
	uint64_t address;
};

struct execd {
	struct service service;
	struct service_watch watch;
	struct program *program;
	nx_job_t workers;
	nx_client_t packages; /* to read and be lent */
	/* To say who is gone. */
	nx_client_t packagefs;
	nx_client_t console;
	uint32_t next_id;
	struct task tasks[TASKS_MAX];
};

/** Open and get hold of a program: a path, or a name without `/`, which is
 * looked for in the folders for programs. NX_ERR_NOT_EXECUTABLE if it is no
 * file with the EXEC flag. */
nx_status_t program_file_open(struct execd *execd, const char *path,
			      struct program_file *out_file);
void program_file_close(struct program_file *file);

/** Start the program `args[0]` for a client. */
nx_status_t task_start(struct execd *execd, uint32_t client,
		       const char *const *args, unsigned arg_count,
		       struct task **out_task);
/** It ended: remember how, kill what is left, tell who waits. */
void task_ended(struct execd *execd, struct task *task);
void task_forget(struct execd *execd, struct task *task);
/** Something ended somewhere. */
void execd_event(void *state, uint64_t bits);

#define PROTO_NAME exec
#define PROTO_TABLE <proto/exec.def>
#define PROTO_STATE execd
#define PROTO_PROTOTYPES
#include <proto/server.h>
#endif /* EXECD_EXECD_H */
