/* SPDX-License-Identifier: BSD-2-Clause */
/* The log is a ring of text whose positions never wrap: the byte of position
 * p lies at p modulo LOG_SIZE while it is among the last LOG_SIZE bytes. */
#include <kernel/log.h>

#include <kernel/arch.h>
#include <kernel/counters.h>
#include <kernel/format.h>
#include <kernel/hart.h>

#define LOG_LINE_MAX 256

static char ring[LOG_SIZE] GUARDED;
static uint64_t end GUARDED; /* position behind the last byte */

void log_init(void)
{
	end = 0;
}

void log_write(const char *text, size_t size_bytes)
{
	arch_console_write(text, size_bytes);
	for (size_t i = 0; i < size_bytes; i++) {
		count(NX_COUNTER_LOG_DROPPED, end >= LOG_SIZE);
		ring[end++ % LOG_SIZE] = text[i];
	}
}

const char *log_at(uint64_t *position, uint64_t *out_size_bytes)
{
	uint64_t oldest, left, straight;

	oldest = end < LOG_SIZE ? 0 : end - LOG_SIZE;
	if (*position < oldest)
		*position = oldest;
	if (*position > end)
		*position = end;
	left = end - *position;
	straight = LOG_SIZE - *position % LOG_SIZE;
	*out_size_bytes = left < straight ? left : straight;
	return ring + *position % LOG_SIZE;
}

void log_args(const char *prefix, const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	const size_t room = sizeof(line) - 1;
	size_t length = format_text(line, room, "%s", prefix);

	length += format_args(line + length, room - length, format, args);
	if (length > room - 1)
		length = room - 1;
	line[length] = '\n';
	log_write(line, length + 1);
}

void klog(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_args("", format, args);
	va_end(args);
}
