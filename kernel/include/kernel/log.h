/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H
/** @file log.h
 * The log: the last LOG_SIZE bytes of text. A position counts bytes since
 * boot and so never changes its meaning. */
#include <kernel/lock.h>

#include <stdarg.h>

#define LOG_SIZE UINT64_C(16384)

HELD void log_init(void);
/** Add text to the log and write it to the debug line. */
HELD void log_write(const char *text, size_t size_bytes);
/** Write a line to the log and the debug line. %s %d %u %x %lu %lx %c
 * and widths only. */
HELD void klog(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** klog() with something before it. */
HELD void log_args(const char *prefix, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/** Find what is at *position: moves it up to the oldest byte that is left,
 * gives the bytes that follow without a break (0 at the end). */
HELD const char *log_at(uint64_t *position, uint64_t *out_size_bytes);
#endif /* KERNEL_LOG_H */
