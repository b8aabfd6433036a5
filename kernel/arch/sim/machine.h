/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H
/** @file machine.h
 * The parts of the simulated machine, for each other. The kernel runs on the
 * stack of whoever called sim_run(); each user thread is a fiber that runs
 * until it traps, faults or asks for the time. */
#include <arch/sim.h>
#include <arch/space.h>
#include <kernel/arch.h>
#include <kernel/lock.h>

#include <setjmp.h>

/** Registers of the host's processor, as a signal handler finds them. */
struct machine_context {
	uint64_t registers[23];
	uint8_t floating[4096]; /* vectors, too */
};

/** Why a fiber came back to the kernel. */
enum sim_trap { TRAP_CALL = 1, TRAP_FAULT, TRAP_INTERRUPT };

/** One simulated hart: a stack of the host on which its side of the kernel
 * runs, and what will interrupt it. Harts take turns at the points where the
 * kernel's lock is free: behind a thread's trap, before it is resumed, and
 * while a hart waits. */
struct machine_hart {
	bool runs;
	bool waits;	      /* for an interrupt */
	bool typed;	      /* what ended the last wait */
	uint64_t timer_ticks; /* UINT64_MAX: not armed */
	uint64_t kick_ticks;  /* when a kick arrives; UINT64_MAX: none */
	uint64_t skew_ticks;  /* its clock is so far ahead */
	enum sim_trap trap;
	struct fault fault;
	struct fiber *fiber; /* that runs on it; NULL in the kernel */
	void *pointer;	     /* while another hart runs */
	void *sanitizer;
	const void *bottom;
	size_t bytes;
	void *kernel_pointer; /* while its fiber runs */
	void *kernel_sanitizer;
};

/** Lines of devices, which interrupt by chance alone. */
#define SIM_IRQ_LAST 96

struct machine {
	const struct sim_options *options;
	struct sim_result *result;
	jmp_buf stop; /* set while the machine runs */
	bool running; /* behind boot */
	uint64_t random;
	uint64_t ticks;
	struct machine_hart harts[SIM_HARTS_MAX];
	struct machine_hart *before; /* whose turn it was */
	struct {
		bool on;
		bool claimed;
		uint32_t hart;
	} lines[SIM_IRQ_LAST + 1];
};

extern struct machine machine;

_Noreturn void machine_stop(enum sim_outcome outcome);
/** The host cannot do what it must. */
_Noreturn void machine_fail(const char *what);
/** Memory of the host that costs nothing until it is used, at an address, in
 * place of what is there, or at NULL anywhere. It is kept until the program
 * ends. */
void *machine_map(void *at, uint64_t size_bytes, int protection);
bool machine_chance(uint32_t permille);

/* harts.c */
/** The hart whose turn it is. */
struct machine_hart *machine_hart(void);
void harts_prepare(void);
/** Behind boot: let the others begin. */
HELD void harts_start(void);
/** Perhaps it is the turn of another hart now. */
void harts_yield(void);
/** Shall this hart be interrupted in long work? If so, another one comes. */
bool harts_interrupt(void);
/** Go to the first hart, for good. */
_Noreturn void harts_stop(void);
/** machine.c: the life of a hart. */
HELD _Noreturn void machine_live(void);

/* attribution.c */
/** All memory is somebody's; ends the test if not. */
HELD void attribution_check(void);

/* ram.c */
#define SIM_RAM_BASE UINT64_C(0x80000000)
/** As on the machine: below RAM are devices. This page is the kernel's. */
#define SIM_KEPT_PAGE UINT64_C(0x10000000)
/** Its first word is SIM_DEVICE_MAGIC; registers of this device, and of those
 * that are not there, keep what is written to them. */
#define SIM_DEVICE_PAGE UINT64_C(0x10001000)
#define SIM_DEVICE_MAGIC UINT32_C(0x74726976)
#define SIM_IRQ_KEPT 10
void ram_prepare(uint64_t size_bytes);
int ram_file(void);
uint64_t ram_file_offset(paddr_t address);

/* time.c */
#define SIM_TICKS_PER_SECOND UINT64_C(10000000)
/** A kernel entry took this long. */
void time_pass(void);
bool time_is_due(void);
HELD void time_interrupt(void);

/* console.c */
void console_prepare(void);
/** May let typed bytes arrive; true when there are some to tell about. */
bool console_arrives(uint32_t permille);
bool console_expects(void);

/* lines.c */
/** Perhaps a line that is on for this hart interrupts it. */
HELD bool lines_interrupt(void);
/** This hart stops: no line may be left that would interrupt it. */
void lines_leave(void);

/* switch.c: the few instructions of the simulator that C has no words for */
/** Save this stack in *out_from and go on where `to` was saved. */
void fiber_switch(void **out_from, void *to);
/** A saved stack that begins `function` on an empty stack. */
void *fiber_first_frame(void *top, void (*function)(void));

/* fiber.c */
void fiber_prepare(void);
/** Run a thread until it traps; the reason is in machine.trap. */
void fiber_resume(struct thread *thread);
/** The fiber that runs now, or NULL in the kernel. */
struct fiber *fiber_running(void);
/** Enter the kernel; comes back when the thread is resumed. */
void fiber_trap(enum sim_trap trap);
/** In a signal handler: note what has happened; the stack on which to go on in
 * fiber_fault(). */
uintptr_t fiber_note_fault(struct fiber *fiber, const struct fault *fault);
/** Was that signal the fiber's wish to go on behind its exception, and where?
 */
bool fiber_takes_up(struct fiber *fiber, nx_uaddr_t *out_pc);
/** Its registers at that exception. */
struct machine_context *fiber_context(struct fiber *fiber);
_Noreturn void fiber_fault(void);
/** Is this in the stack of a thread of that space? */
HELD bool fiber_owns(const struct space *space, nx_uaddr_t address,
		     uint64_t size_bytes);

/* window.c */
void window_prepare(void);
HELD bool window_allows(const struct arch_space *space, nx_uaddr_t address,
			uint64_t size_bytes, uint32_t access);

/* program.c */
/** What a thread beginning at `entry` runs; false if nothing is there. */
HELD bool program_find(const struct space *space, nx_uaddr_t entry,
		       struct sim_program *out_program);
/** Is it in the code and constants of the host program? */
bool program_holds(nx_uaddr_t address, uint64_t size_bytes);

/* fault.c: causes are numbered as riscv64 does */
#define SIM_CAUSE_ILLEGAL 2
#define SIM_CAUSE_BREAKPOINT 3
#define SIM_CAUSE_FETCH 12
#define SIM_CAUSE_LOAD 13
#define SIM_CAUSE_STORE 15
void fault_prepare(void);
#endif /* SIM_MACHINE_H */
