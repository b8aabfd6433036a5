/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal is the user's shell's, too: what a program types into it
 * (TIOCSTI, or pasting by TIOCLINUX) the shell would take for the user's
 * words and obey outside of the namespace. Those two requests are refused. */
#define _GNU_SOURCE
#include "run_internal.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#define X32_BIT 0x40000000u
#define STEPS_OF_ROW 5
#define STEPS_AT_END 6

/* A processor may have more than one way to call its kernel. */
static const struct {
	uint32_t arch;
	uint32_t ioctl;
} rows[] = {
	{ AUDIT_ARCH_X86_64, 16 },  { AUDIT_ARCH_X86_64, 514 },
	{ AUDIT_ARCH_I386, 54 },    { AUDIT_ARCH_AARCH64, 29 },
	{ AUDIT_ARCH_ARM, 54 },	    { AUDIT_ARCH_RISCV64, 29 },
	{ AUDIT_ARCH_RISCV32, 29 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define AT(member) ((uint32_t)offsetof(struct seccomp_data, member))
/* The kernel looks at the lower half of the request only. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define AT_REQUEST (AT(args[1]) + 4)
#else
#define AT_REQUEST AT(args[1])
#endif

static struct sock_filter load(uint32_t at)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at);
}

/* Skip so many steps, depending on whether it is the value. */
static struct sock_filter branch(uint32_t value, size_t same, size_t other)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value,
					    (uint8_t)same, (uint8_t)other);
}

static struct sock_filter answer(uint32_t action)
{
	return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
}

static void write_filter(struct sock_filter *step)
{
	for (size_t i = 0; i < ROWS; i++) {
		const size_t left = (ROWS - 1 - i) * STEPS_OF_ROW;

		*step++ = load(AT(arch));
		*step++ = branch(rows[i].arch, 0, STEPS_OF_ROW - 2);
		*step++ = load(AT(nr));
		*step++ = (struct sock_filter)BPF_STMT(
			BPF_ALU | BPF_AND | BPF_K, ~X32_BIT);
		*step++ = branch(rows[i].ioctl, left + 1, 0);
	}
	*step++ = answer(SECCOMP_RET_ALLOW);
	*step++ = load(AT_REQUEST);
	*step++ = branch(TIOCSTI, 2, 0);
	*step++ = branch(TIOCLINUX, 1, 0);
	*step++ = answer(SECCOMP_RET_ALLOW);
	*step = answer(SECCOMP_RET_ERRNO | EPERM);
}

bool run_filter_enter(const struct run *run)
{
	struct sock_filter steps[ROWS * STEPS_OF_ROW + STEPS_AT_END];
	const struct sock_fprog filter = {
		.len = sizeof(steps) / sizeof(steps[0]),
		.filter = steps,
	};

	write_filter(steps);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0 ||
	       run_error(run, RUN_STAGE_START, "keep it from typing");
}
