# SPDX-License-Identifier: BSD-2-Clause
# NX_SANITIZE
# -----------
# --enable-sanitizers and --enable-coverage, host side only: SANITIZE_CFLAGS
# and SANITIZE_LDFLAGS. User flags come last on a command line, so the default
# -O2 is replaced here when the user gave no CFLAGS. Call it after AC_PROG_CC.
AC_DEFUN([NX_SANITIZE],[
AC_ARG_ENABLE([sanitizers],
  [AS_HELP_STRING([--enable-sanitizers],
    [build the host side with the address and undefined sanitizers])])
AC_ARG_ENABLE([coverage],
  [AS_HELP_STRING([--enable-coverage],
    [count executed lines of the host side, for lcov])])
SANITIZE_CFLAGS=
SANITIZE_LDFLAGS=
AS_IF([test "x$enable_sanitizers" = xyes],[
  nx_san="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
  SANITIZE_CFLAGS="$nx_san -fno-omit-frame-pointer"
  SANITIZE_LDFLAGS=$nx_san
  AS_IF([test -z "$ac_env_CFLAGS_set"],[CFLAGS="-g -O1"])])
AS_IF([test "x$enable_coverage" = xyes],[
  SANITIZE_CFLAGS="$SANITIZE_CFLAGS --coverage"
  SANITIZE_LDFLAGS="$SANITIZE_LDFLAGS --coverage"
  AS_IF([test -z "$ac_env_CFLAGS_set"],[CFLAGS="-g -O0"])])
AC_SUBST([SANITIZE_CFLAGS])
AC_SUBST([SANITIZE_LDFLAGS])
AM_CONDITIONAL([SANITIZERS],[test "x$enable_sanitizers" = xyes])
])
