/* SPDX-License-Identifier: BSD-2-Clause
 * The contract in bytes: sizes and offsets that programs compiled
 * yesterday rely on. A change here is a change of the ABI. */
#include "support/tap.h"

#include <nexus/nexus.h>

#include <stddef.h>

struct row {
	const char *what;
	size_t got;
	size_t wanted;
};

#define SIZE(type, size)                                                       \
	{                                                                      \
		"sizeof " #type, sizeof(type), size                            \
	}
#define OFFSET(type, field, offset)                                            \
	{                                                                      \
#type "." #field, offsetof(struct type, field), offset         \
	}

static const struct row rows[] = {
	SIZE(nx_handle_t, 4),
	SIZE(nx_status_t, 4),
	SIZE(nx_vmo_t, 4),
	SIZE(struct nx_registers, 64),
	SIZE(struct nx_message, 64),
	OFFSET(nx_message, header, 8),
	OFFSET(nx_message, words, 16),
	SIZE(struct nx_message_cap, 8),
	SIZE(struct nx_message_buffer, 2176),
	OFFSET(nx_message_buffer, recv_bytes_max, 8),
	OFFSET(nx_message_buffer, recv_caps_max, 12),
	OFFSET(nx_message_buffer, send_caps, 16),
	OFFSET(nx_message_buffer, recv_caps, 48),
	OFFSET(nx_message_buffer, send_frame, 128),
	OFFSET(nx_message_buffer, recv_frame, 1152),
	SIZE(struct nx_startup, 328),
	OFFSET(nx_startup, handle_count, 6),
	OFFSET(nx_startup, args_offset, 12),
	OFFSET(nx_startup, service_id, 20),
	OFFSET(nx_startup, ticks_per_second, 24),
	OFFSET(nx_startup, random, 40),
	OFFSET(nx_startup, handles, 72),
	SIZE(struct nx_filter_rules, 160),
	OFFSET(nx_filter_rules, operations, 8),
	OFFSET(nx_filter_rules, rates, 136),
	SIZE(struct nx_trace_header, 64),
	SIZE(struct nx_trace_record, 64),
	OFFSET(nx_trace_record, values, 32),
	SIZE(struct nx_segment, 40),
	SIZE(struct nx_program, 336),
};

int main(void)
{
	const size_t count = sizeof(rows) / sizeof(rows[0]);

	plan((unsigned)count);
	for (size_t i = 0; i < count; i++)
		is_u64(rows[i].got, rows[i].wanted, "%s is %zu", rows[i].what,
		       rows[i].wanted);
	return done();
}
