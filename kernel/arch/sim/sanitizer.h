/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIM_SANITIZER_H
#define SIM_SANITIZER_H
/** @file sanitizer.h
 * What the address sanitizer must be told about stacks that change under
 * it; nothing without it. */
#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#endif

#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

#define stack_leave __sanitizer_start_switch_fiber
#define stack_enter __sanitizer_finish_switch_fiber
#define stack_forget __asan_unpoison_memory_region
#else
#define stack_leave(out_save, bottom, size_bytes)                              \
	((void)(out_save), (void)(bottom), (void)(size_bytes))
#define stack_enter(save, out_bottom, out_size_bytes)                          \
	((void)(save), (void)(out_bottom), (void)(out_size_bytes))
#define stack_forget(stack, size_bytes) ((void)(stack))
#endif
#endif /* SIM_SANITIZER_H */
