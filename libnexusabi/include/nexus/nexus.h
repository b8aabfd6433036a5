/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_NEXUS_H
#define NEXUS_NEXUS_H
/** @file nexus.h
 * The whole contract. */
#include <nexus/counters.h>
#include <nexus/dma.h>
#include <nexus/errors.h>
#include <nexus/filter.h>
#include <nexus/message.h>
#include <nexus/objects.h>
#include <nexus/options.h>
#include <nexus/program.h>
#include <nexus/rights.h>
#include <nexus/startup.h>
#include <nexus/slow.h>
#include <nexus/syscalls.h>
#include <nexus/trace.h>
#include <nexus/trap.h>
#include <nexus/types.h>
#include <nexus/version.h>
#endif /* NEXUS_NEXUS_H */
