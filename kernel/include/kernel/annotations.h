/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_ANNOTATIONS_H
#define KERNEL_ANNOTATIONS_H
/** @file annotations.h
 * What clang's thread-safety check is told; nothing for other compilers.
 * `make analyze` runs it over the kernel. */
#if defined(__clang__)
#define NX_CLANG(...) __VA_ARGS__
#else
#define NX_CLANG(...)
#endif
#define NX_ANNOTATE(x) NX_CLANG(__attribute__((x)))

#define CAPABILITY(name) NX_ANNOTATE(capability(name))
/** What is touched only while the lock is held: a variable or a field. */
#define GUARDED_BY(lock) NX_ANNOTATE(guarded_by(lock))
/** Whoever calls this holds the lock. */
#define REQUIRES(lock) NX_ANNOTATE(requires_capability(lock))
/** Takes it, gives it back, or makes sure that it is held. */
#define ACQUIRES(lock) NX_ANNOTATE(acquire_capability(lock))
#define RELEASES(lock) NX_ANNOTATE(release_capability(lock))
#define ASSERTS(lock) NX_ANNOTATE(assert_capability(lock))
/** The function is what the check builds on, or beyond it. */
#define NOT_CHECKED NX_ANNOTATE(no_thread_safety_analysis)
#endif /* KERNEL_ANNOTATIONS_H */
