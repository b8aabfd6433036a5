/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_ARCH_H
#define KERNEL_ARCH_H
/** @file arch.h
 * Everything the core wants of a machine, but page tables (arch_space.h),
 * and what a machine calls in the core. Both directions are listed here
 * and nowhere else. <arch/frame.h> defines struct arch_frame, where `pc` is
 * where a thread goes on behind an exception. */
#include <arch/frame.h>

#include <kernel/kernel.h>
#include <kernel/lock.h>
#include <nexus/trap.h>

struct hart;
struct thread;
struct space;

/** What a thread looks like while it is not running. The first nine words
 * are the same everywhere. */
struct user_frame {
	struct nx_registers registers; /* a0..a7 */
	uint64_t call;		       /* t0: number in, status out */
	struct arch_frame arch;
};

/* struct arch_hart, the machine's part of a hart, and this_hart(). */
#include <arch/hart.h>

/* The machine, called by the core. */

/** Make a frame begin at entry with a0, a1, sp; all else zero. */
void arch_frame_init(struct user_frame *frame, nx_uaddr_t entry,
		     nx_uaddr_t stack, uint64_t a0, uint64_t a1);
/** A thread that never ran or never will: room of the machine for it
 * (simulator: its stack). Both may do nothing. */
HELD nx_status_t arch_thread_init(struct thread *thread);
HELD void arch_thread_fini(struct thread *thread);

/** The thread makes its call again when it goes on. */
void arch_frame_again(struct user_frame *frame);
/** Would an interrupt come if the thread went on now? A few instructions. */
bool arch_interrupt_pending(void);

/** Copy from or to memory of the current space. The range was checked to
 * be user memory; false when any byte of it cannot be accessed. */
HELD bool arch_copy_in(void *to, nx_uaddr_t from, size_t size_bytes);
HELD bool arch_copy_out(nx_uaddr_t to, const void *from, size_t size_bytes);
/** Let user addresses mean those of this thread's space from now on. The
 * thread again, so that nobody has to keep it. */
HELD struct thread *arch_space_enter(struct thread *thread);
/** The space is about to be emptied: if it is active, user addresses mean
 * nothing from now on. */
HELD void arch_space_leave(struct space *space);
/** What a fast path of the machine needs to make this space active; 0: only
 * arch_space_enter() can, or there is no fast path. */
HELD uint64_t arch_space_resume(const struct space *space);
/** This hart has no thread: user addresses mean nothing. */
void arch_space_none(void);

/** May calls take a fast path, if the machine has one? They may at boot. */
void arch_fast_path(bool on);

uint64_t arch_ticks(void);
uint64_t arch_ticks_per_second(void);
/** Call kernel_timer() when the counter reaches `ticks`; UINT64_MAX: not. */
void arch_timer_set(uint64_t ticks);
/** Wait for an interrupt of this hart, then handle it. With more than one
 * hart the lock is not held while it waits. */
void arch_wait(void);
HELD void arch_interrupts(void);
/** Between two looks at the lock, which another hart has; `turn` counts them
 * from 0. May use the alarm of the hart. */
void arch_relax(uint32_t turn);
/** Interrupt another hart: it shall call kernel_kicked(). */
void arch_kick(struct hart *hart);
/** Let another hart begin at hart_join(); false if that cannot be. Whether it
 * does so shows when it has. */
bool arch_hart_start(struct hart *hart);
/** This hart is not needed any more. Gives the lock back. */
_Noreturn void arch_hart_stop(void) RELEASES(kernel_lock);
/** The debug line. */
void arch_console_write(const char *text, size_t size_bytes);
/** A byte that was typed, or -1. kernel_console_input() comes for what is
 * left only once -1 was told. */
HELD int arch_console_read(void);
/** Let a line of a device interrupt a hart, by its id, or not any more. It is
 * on for one hart at a time. */
HELD void arch_irq_on(uint32_t line, uint32_t hart);
HELD void arch_irq_off(uint32_t line, uint32_t hart);
/** A line has interrupted this hart that the core has not let: one of the
 * machine's own, or one that was on its way. */
HELD void arch_irq_stray(uint32_t line);
/** After kernel_interrupt() on that hart: only now the line may interrupt
 * again. Any hart may say so, while the line is on. */
HELD void arch_irq_done(uint32_t line, uint32_t hart);
/** Fill with entropy if the machine has some, else with zero. */
HELD void arch_random(uint64_t words[4]);
_Noreturn void arch_reset(uint32_t kind, uint32_t code);
/** After panic() has printed its reason. */
_Noreturn void arch_panic(void);

/* The core, called by the machine. All run on the kernel stack of the
 * hart with interrupts off and the kernel's lock held; a frame was saved in
 * current_thread(). Where there are several harts, that thread may be dead by
 * the time the lock is taken: then nothing is called but kernel_schedule(). */

/** What a user exception was. Numbers are the machine's. */
struct fault {
	uint64_t cause;
	uint64_t pc;
	uint64_t address;
	uint64_t stack;
	uint64_t caller;
};

HELD void kernel_syscall(void);
HELD void kernel_fault(const struct fault *fault);
HELD void kernel_timer(void);
/** What arch_kick() has led to. */
HELD void kernel_kicked(void);
/** A line that is on has interrupted; 0: none. */
HELD void kernel_interrupt(uint32_t line);
/** arch_console_read() has something. */
HELD void kernel_console_input(void);
/** Choose who runs; idles until there is somebody. Returns with that
 * thread current and its space active. The machine then resumes it. */
HELD struct thread *kernel_schedule(void);

/** What the machine found at boot. */
struct boot_range {
	paddr_t base;
	uint64_t size_bytes;
};

/** Have the two bytes in common? */
static inline bool ranges_overlap(const struct boot_range *a,
				  const struct boot_range *b)
{
	return a->size_bytes > 0 && b->size_bytes > 0 &&
	       a->base < b->base + b->size_bytes &&
	       b->base < a->base + a->size_bytes;
}

#define BOOT_RANGES_MAX 16

struct boot_info {
	struct boot_range memory[BOOT_RANGES_MAX]; /* free RAM, ascending */
	uint32_t memory_count;
	uint64_t memory_bytes;	       /* RAM in all */
	struct boot_range given_back;  /* later; size 0 if there is none */
	struct boot_range package;     /* -initrd; size 0 if there is none */
	struct boot_range device_tree; /* size 0 if there is none */
	/** Below RAM, where devices are, and what of it the kernel and the
	 * firmware keep to themselves. */
	struct boot_range devices;
	struct boot_range kept[2 * BOOT_RANGES_MAX];
	uint32_t kept_count;
	uint32_t irq_last; /* line of devices; from 1 on; 0: there is none */
	uint32_t irq_kept; /* the kernel's own; 0: none */
	const char *arguments; /* words for /init, parted by blanks; or NULL */
	uint64_t start_ticks;  /* time counter at the first instruction */
};

/** Bring the core up and create the first process from /init of the
 * package. Stops with one named refusal if that cannot be done. Returns;
 * the machine then goes on with kernel_schedule(). */
void kernel_boot(const struct boot_info *info) ASSERTS(kernel_lock);
/** Memory that only booting needed is the root job's now. It is what
 * kernel_boot() was told of. */
HELD void kernel_give_back(const struct boot_range *range);
#endif /* KERNEL_ARCH_H */
