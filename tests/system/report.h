/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_REPORT_H
#define SYSTEM_REPORT_H
/** @file report.h
 * Where a test program begins. */
#include "system_test.h"

/** First function of the first thread: a0 and a1 of its registers. */
void system_start(uint64_t startup, uint64_t buffer);
#endif /* SYSTEM_REPORT_H */
