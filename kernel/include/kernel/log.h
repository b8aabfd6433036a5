/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H
/** @file log.h
 * The log: the last LOG_SIZE bytes of text. A position counts bytes since
 * boot and so never changes its meaning. */
#include <kernel/kernel.h>

#include <stdarg.h>

#define LOG_SIZE UINT64_C(16384)

void log_init(void);
/** Add text to the log and write it to the debug line. */
void log_write(const char *text, size_t size_bytes);
/** klog() with something before it. */
void log_args(const char *prefix, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/** Find what is at *position: moves it up to the oldest byte that is left,
 * gives the bytes that follow without a break (0 at the end). */
const char *log_at(uint64_t *position, uint64_t *out_size_bytes);
#endif /* KERNEL_LOG_H */
