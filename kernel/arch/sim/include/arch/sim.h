/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_SIM_H
#define ARCH_SIM_H
/** @file sim.h
 * The simulator as a host program sees it: run one machine from its boot
 * until it stops.
 *
 * Everything that a real machine leaves to chance comes from one seed: when
 * the timer interrupts, how long a call takes, when typed text arrives, which
 * allocation fails. The same options give the same run, so a failure is a
 * number. One machine at a time, in one host thread. */
#include <nexus/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A program of the simulator: host code that starts where a mapped image
 * names it. It gets what the first thread of a process gets, a0 and a1, and
 * must end with the exit call; returning is a jump to address 0. */
struct sim_program {
	const char *name; /* shorter than SIM_PROGRAM_NAME_MAX */
	void (*start)(const void *context, uint64_t a0, uint64_t a1);
	const void *context;
};

#define SIM_PROGRAM_NAME_MAX 48
/** Where an image's entry points: this word, then the program's name. No
 * instruction of any machine. */
#define SIM_PROGRAM_MAGIC UINT64_C(0x0047524d4953584e) /* "NXSIMRG\0" */
#define SIM_IMAGE_BYTES_MAX 8192

/**
 * Make the ELF file of a program: headers that nx_program_decode() accepts,
 * one page to execute that names it, one page of data.
 *
 * @param out_bytes SIM_IMAGE_BYTES_MAX bytes of room.
 * @return its size, or 0 when the name is empty or too long.
 */
size_t sim_image(const char *name, uint8_t *out_bytes);

/** Something to type once `wait_for` was printed (NULL: at once) behind
 * what the entry before it waited for. */
struct sim_input {
	const char *wait_for;
	const char *text;
};

#define SIM_HARTS_MAX 8

struct sim_options {
	uint64_t seed;
	uint64_t ram_bytes;  /* whole pages; 0 is 32 MiB */
	const void *package; /* boot package */
	size_t package_bytes;
	const char *arguments; /* for /init, parted by blanks; or NULL */
	const struct sim_program *programs;
	size_t program_count;
	const struct sim_input *inputs;
	size_t input_count;
	uint32_t hart_count;	     /* 0 is 1; at most SIM_HARTS_MAX */
	uint32_t hart_loss_permille; /* of those behind the first: never come */
	uint64_t kick_delay_ticks;   /* one hart interrupts another: at most */
	uint64_t skew_ticks;	     /* between the clocks of harts, at most */
	uint32_t line_permille;	     /* turns that begin with an interrupt */
	uint32_t preempt_permille;   /* turns that end at a call, by chance */
	uint32_t fail_permille;	     /* what sim_refuses() says, by chance */
	uint64_t steps_max;	     /* entries to the kernel; 0 is 10^8 */
	/** Runs in the kernel, after each entry; may end processes. */
	void (*on_step)(void *context, uint64_t step);
	/** In place of chance: whose turn it is, of `count` (2 or more) harts.
	 * 0 is the one whose turn it was, if it can go on. NULL: chance. */
	uint32_t (*choose)(void *context, uint32_t count);
	void *context;
	bool verbose; /* calls and console text to stderr */
};

enum sim_outcome {
	SIM_RESET = 1, /* by job_reset: kind and code */
	SIM_DEADLOCK,  /* nobody runs and nothing will happen */
	SIM_STEPS,     /* steps_max was reached */
	SIM_PANIC      /* the kernel said why on the console */
};

struct sim_result {
	enum sim_outcome outcome;
	uint32_t kind;
	uint32_t code;
	uint64_t steps;
	uint64_t ticks;
	uint64_t refused;    /* allocations made to fail */
	const char *console; /* NUL-ended; good until the next run */
	size_t console_bytes;
};

/** Boot and run. The options are read during the run. Much memory is kept for
 * the next one. */
void sim_run(const struct sim_options *options, struct sim_result *out_result);
/** Next number of the run's own generator: for on_step. */
uint64_t sim_random(void);
/** Shall this allocation fail? Not during boot. For a program that is linked
 * with --wrap of the kernel's allocators and support/sim_refuse.c. */
bool sim_refuses(void);
#endif /* ARCH_SIM_H */
