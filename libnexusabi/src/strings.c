/* SPDX-License-Identifier: BSD-2-Clause
 * Names and sentences of everything that the tables number. */
#include <nexus/counters.h>
#include <nexus/errors.h>
#include <nexus/objects.h>
#include <nexus/rights.h>
#include <nexus/slow.h>
#include <nexus/syscalls.h>
#include <nexus/trace.h>

#include <stddef.h>

const char *nx_status_name(nx_status_t status)
{
	switch (status) {
	case NX_OK:
		return "OK";
#define NX_ERROR(value, name, text)                                            \
	case value:                                                            \
		return #name;
#define NX_TOMBSTONE(value)
#include <nexus/errors.def>
#undef NX_ERROR
#undef NX_TOMBSTONE
	default:
		return "?";
	}
}

const char *nx_strerror(nx_status_t status)
{
	switch (status) {
	case NX_OK:
		return "done";
#define NX_ERROR(value, name, text)                                            \
	case value:                                                            \
		return text;
#define NX_TOMBSTONE(value)
#include <nexus/errors.def>
#undef NX_ERROR
#undef NX_TOMBSTONE
	default:
		return "a status this library does not know";
	}
}

const char *nx_right_name(unsigned bit)
{
	switch (bit) {
#define NX_RIGHT(number, name, text)                                           \
	case number:                                                           \
		return #name;
#include <nexus/rights.def>
#undef NX_RIGHT
	default:
		return NULL;
	}
}

const char *nx_kind_name(uint32_t kind)
{
	switch (kind) {
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	case number:                                                           \
		return #lower;
#include <nexus/objects.def>
#undef NX_OBJECT
	default:
		return NULL;
	}
}

const char *nx_counter_name(uint32_t counter)
{
	switch (counter) {
#define NX_COUNTER(number, upper, lower, text)                                 \
	case number:                                                           \
		return #lower;
#include <nexus/counters.def>
#undef NX_COUNTER
	default:
		return NULL;
	}
}

const char *nx_call_name(uint32_t number)
{
	switch (number) {
#define NX_ROW(number, name)                                                   \
	case number:                                                           \
		return #name;
#define NX_CALL(number, name, ...) NX_ROW(number, name)
#define NX_MESSAGE(number, name, since, kind) NX_ROW(number, name)
#define NX_CONTROL(number, name, since) NX_ROW(number, name)
#define NX_RESERVED(number, name) NX_ROW(number, name)
#include <nexus/syscalls.def>
#undef NX_ROW
	default:
		return NULL;
	}
}

const char *nx_operation_name(uint32_t call, uint32_t operation)
{
	switch ((uint64_t)call << 32 | operation) {
#define NX_OP(control, number, name, ...)                                      \
	case (uint64_t)NX_SYS_##control << 32 | (number):                      \
		return #name;
#include <nexus/syscalls.def>
	default:
		return NULL;
	}
}

const char *nx_trace_name(uint32_t event)
{
	switch (event) {
#define NX_TRACE(bit, upper, lower, text, ...)                                 \
	case UINT32_C(1) << (bit):                                             \
		return #lower;
#include <nexus/trace.def>
#undef NX_TRACE
	default:
		return NULL;
	}
}

const char *nx_slow_name(uint32_t reason)
{
	switch (reason) {
#define NX_SLOW(number, upper, lower, text)                                    \
	case number:                                                           \
		return #lower;
#include <nexus/slow.def>
#undef NX_SLOW
	default:
		return NULL;
	}
}
