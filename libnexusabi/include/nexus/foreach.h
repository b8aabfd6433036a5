/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_FOREACH_H
#define NEXUS_FOREACH_H
/** @file foreach.h
 * NX_EACH(prefix, -, rows...): pastes `prefix` before each row, 0 to 14 of
 * them. With the rows IN(...) and OUT(...) of syscalls.def this makes
 * parameter lists and bodies, so that no generator stands between the
 * table and the code. */
#define NX_PASTE_(a, b) a##b
#define NX_PASTE(a, b) NX_PASTE_(a, b)
#define NX_COUNT_(x, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13,   \
		  a14, n, ...)                                                 \
	n
#define NX_COUNT(...)                                                          \
	NX_COUNT_(__VA_ARGS__, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,  \
		  0, 0)

#define NX_EACH_0(p, x)
#define NX_EACH_1(p, x, a) p##a
#define NX_EACH_2(p, x, a, ...) p##a NX_EACH_1(p, x, __VA_ARGS__)
#define NX_EACH_3(p, x, a, ...) p##a NX_EACH_2(p, x, __VA_ARGS__)
#define NX_EACH_4(p, x, a, ...) p##a NX_EACH_3(p, x, __VA_ARGS__)
#define NX_EACH_5(p, x, a, ...) p##a NX_EACH_4(p, x, __VA_ARGS__)
#define NX_EACH_6(p, x, a, ...) p##a NX_EACH_5(p, x, __VA_ARGS__)
#define NX_EACH_7(p, x, a, ...) p##a NX_EACH_6(p, x, __VA_ARGS__)
#define NX_EACH_8(p, x, a, ...) p##a NX_EACH_7(p, x, __VA_ARGS__)
#define NX_EACH_9(p, x, a, ...) p##a NX_EACH_8(p, x, __VA_ARGS__)
#define NX_EACH_10(p, x, a, ...) p##a NX_EACH_9(p, x, __VA_ARGS__)
#define NX_EACH_11(p, x, a, ...) p##a NX_EACH_10(p, x, __VA_ARGS__)
#define NX_EACH_12(p, x, a, ...) p##a NX_EACH_11(p, x, __VA_ARGS__)
#define NX_EACH_13(p, x, a, ...) p##a NX_EACH_12(p, x, __VA_ARGS__)
#define NX_EACH_14(p, x, a, ...) p##a NX_EACH_13(p, x, __VA_ARGS__)
#define NX_EACH_N(n, ...) NX_PASTE(NX_EACH_, n)(__VA_ARGS__)
/** The first argument behind the prefix is no row (a table passes its
 * `since` there), so that there may be none. */
#define NX_EACH(p, ...) NX_EACH_N(NX_COUNT(__VA_ARGS__), p, __VA_ARGS__)

/** NX_PARAMETERS(prefix, ...): as NX_EACH for rows that begin with a comma,
 * without the first comma; `void` if there is none. */
#define NX_REST_(first, ...) __VA_ARGS__
#define NX_REST(...) NX_REST_(__VA_ARGS__)
#define NX_ANY(...)                                                            \
	NX_COUNT_(__VA_ARGS__, SOME, SOME, SOME, SOME, SOME, SOME, SOME, SOME, \
		  SOME, SOME, SOME, SOME, SOME, SOME, NONE, NONE)
#define NX_PARAMETERS_NONE(...) void
#define NX_PARAMETERS_SOME(...) NX_REST(-NX_EACH(__VA_ARGS__))
#define NX_PARAMETERS(p, ...)                                                  \
	NX_PASTE(NX_PARAMETERS_, NX_ANY(__VA_ARGS__))                          \
	(p, __VA_ARGS__)
#endif /* NEXUS_FOREACH_H */
