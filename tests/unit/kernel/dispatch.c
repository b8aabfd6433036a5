/* SPDX-License-Identifier: BSD-2-Clause */
/* From registers to bodies: each body here is made from the same table and
 * notes what it was given, so that every row is seen to reach its own body
 * with its own registers. */
#include "support/tap.h"

#include <syscall/dispatch.c>

#define STATUS NX_ERR_CORRUPT /* what no dispatcher says by itself */

static struct {
	const char *name;
	unsigned count;
	uint64_t values[8];
	nx_status_t status;
} seen;

/* N: note an argument, or give a result. */
#define N_IN(n, type, name) seen.values[n] = (uint64_t)name;
#define N_IN_H(n, kind, name) seen.values[n] = name;
#define N_IN_P(n, type, name) seen.values[n] = name;
#define N_OUT(n, type, name) *out_##name = (type)(0x70 + n);
#define N_OUT_H(n, kind, name) *out_##name = 0x70 + n;

static nx_status_t note(const char *name)
{
	seen.name = name;
	seen.count++;
	return seen.status;
}

#define NX_CALL(number, name, ...)                                             \
	nx_status_t sys_##name(NX_PARAMETERS(NX_K_, __VA_ARGS__))              \
	{                                                                      \
		NX_EACH(N_, __VA_ARGS__)                                       \
		return note(#name);                                            \
	}
#define NX_MESSAGE(number, name, since, kind)                                  \
	nx_status_t sys_##name(struct nx_registers *registers)                 \
	{                                                                      \
		memcpy(seen.values, registers->a, sizeof(seen.values));        \
		return note(#name);                                            \
	}
#define NX_OP(control, number, name, ...) NX_CALL(number, name, __VA_ARGS__)
#include <nexus/syscalls.def>

/* W: is the register wanted as an argument, is it a result? */
#define W_IN(n, type, name) in |= 1U << n;
#define W_IN_H(n, kind, name) in |= 1U << n;
#define W_IN_P(n, type, name) in |= 1U << n;
#define W_OUT(n, type, name) out |= 1U << n;
#define W_OUT_H(n, kind, name) out |= 1U << n;
/* T: which arguments are too narrow for a whole register? */
#define T_IN(n, type, name)                                                    \
	if (sizeof(type) < 8)                                                  \
		narrow |= 1U << n;
#define T_IN_H(n, kind, name)                                                  \
	handles |= 1U << n;                                                    \
	narrow |= 1U << n;
#define T_IN_P(n, type, name)
#define T_OUT(n, type, name)
#define T_OUT_H(n, kind, name)

static void fill(struct nx_registers *registers, unsigned in, uint64_t op)
{
	for (unsigned i = 0; i < 8; i++)
		registers->a[i] = in & 1U << i ? 0x10 + i : 0x30 + i;
	if (op != 0)
		registers->a[1] = op;
}

static bool passes(const char *name, uint64_t number, uint64_t op, unsigned in,
		   unsigned out)
{
	struct nx_registers registers;
	bool right;

	memset(&seen, 0, sizeof(seen));
	fill(&registers, in, op);
	right = syscall_dispatch(number, &registers) == NX_OK &&
		seen.count == 1 && strcmp(seen.name, name) == 0;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t before = in & 1U << i ? 0x10 + i : 0x30 + i;

		if (i == 1 && op != 0)
			before = op;
		if (in & 1U << i)
			right = right && seen.values[i] == 0x10 + i;
		right = right &&
			registers.a[i] == (out & 1U << i ? 0x70 + i : before);
	}
	return right;
}

static bool keeps(uint64_t number, uint64_t op, unsigned in)
{
	struct nx_registers registers, before;

	memset(&seen, 0, sizeof(seen));
	seen.status = STATUS;
	fill(&registers, in, op);
	before = registers;
	return syscall_dispatch(number, &registers) == STATUS &&
	       memcmp(&registers, &before, sizeof(before)) == 0;
}

static bool refuses(uint64_t number, uint64_t op, unsigned in, unsigned narrow,
		    unsigned handles)
{
	bool right = true;

	for (unsigned i = 0; i < 8; i++) {
		nx_status_t wanted = handles & 1U << i ? NX_ERR_BAD_HANDLE
						       : NX_ERR_INVALID_ARGS;
		struct nx_registers registers;

		if (!(narrow & 1U << i))
			continue;
		memset(&seen, 0, sizeof(seen));
		fill(&registers, in, op);
		registers.a[i] |= UINT64_C(1) << 32;
		right = right && seen.count == 0 &&
			syscall_dispatch(number, &registers) == wanted;
		right = right && seen.count == 0;
	}
	return right;
}

static void row(const char *name, uint64_t number, uint64_t op, unsigned in,
		unsigned out, unsigned narrow, unsigned handles)
{
	ok(passes(name, number, op, in, out),
	   "%s gets its registers and gives its results", name);
	ok(keeps(number, op, in), "%s writes nothing when it fails", name);
	ok(refuses(number, op, in, narrow, handles),
	   "%s refuses what its types cannot hold", name);
}

#define ROW(name, number, op, ...)                                             \
	{                                                                      \
		unsigned in = 0, out = 0, narrow = 0, handles = 0;             \
		NX_EACH(W_, __VA_ARGS__)                                       \
		NX_EACH(T_, __VA_ARGS__)                                       \
		row(name, number, op, in, out, narrow, handles);               \
	}

static void rows(void)
{
#define NX_CALL(number, name, ...) ROW(#name, number, 0, __VA_ARGS__)
#define NX_MESSAGE(number, name, since, kind)                                  \
	ok(passes(#name, number, 0, 0xff, 0), "%s gets all registers", #name);
#define NX_RESERVED(number, name)                                              \
	is_i64(syscall_dispatch(number, &(struct nx_registers){ { 0 } }),      \
	       NX_ERR_NOT_SUPPORTED, "%s is not there yet", #name);
#define NX_OP(control, number, name, ...)                                      \
	ROW(#name, NX_SYS_##control, number, __VA_ARGS__)
#include <nexus/syscalls.def>
}

static void unknown(void)
{
	struct nx_registers registers = { { 0 } };
	bool calls_refused = true, operations_refused = true;

	for (uint64_t n = NX_SYS_COUNT; n != 0; n <<= 1)
		if (syscall_dispatch(n, &registers) != NX_ERR_BAD_CALL ||
		    syscall_dispatch(n + 1, &registers) != NX_ERR_BAD_CALL)
			calls_refused = false;
	ok(calls_refused, "numbers above the table are no calls");
	for (unsigned shift = 6; shift < 64; shift++) {
		registers.a[1] = UINT64_C(1) << shift;
		if (syscall_dispatch(NX_SYS_vmo_ctl, &registers) !=
		    NX_ERR_BAD_CALL)
			operations_refused = false;
	}
	registers.a[1] = 0;
	if (syscall_dispatch(NX_SYS_vmo_ctl, &registers) != NX_ERR_BAD_CALL)
		operations_refused = false;
	registers.a[1] = 30;
	if (syscall_dispatch(NX_SYS_vmo_ctl, &registers) != NX_ERR_BAD_CALL)
		operations_refused = false;
	ok(operations_refused, "numbers off the list are no operations");
}

int main(void)
{
	plan(0);
	rows();
	unknown();
	return done();
}
