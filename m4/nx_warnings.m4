# SPDX-License-Identifier: BSD-2-Clause
# NX_WARNINGS([EXTRA-FLAGS])
# --------------------------
# WARN_CFLAGS for every compiler of the package; --enable-werror adds -Werror.
# gcc 12 and clang 14 know every flag here; another compiler may drop them all.
AC_DEFUN([NX_WARNINGS],[
AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror],[stop at the first compiler warning])])
nx_warn="-Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes"
nx_warn="$nx_warn -Wmissing-prototypes -Wcast-qual -Wformat=2"
m4_ifval([$1],[nx_warn="$nx_warn $1"])
AS_IF([test "x$enable_werror" = xyes],[nx_warn="$nx_warn -Werror"])
nx_saved_CFLAGS=$CFLAGS
AC_MSG_CHECKING([whether $CC knows our warning flags])
CFLAGS="$CFLAGS $nx_warn"
AC_COMPILE_IFELSE([AC_LANG_SOURCE([[extern int nx_x; int nx_x;]])],
  [AC_MSG_RESULT([yes])
   WARN_CFLAGS=$nx_warn],
  [AC_MSG_RESULT([no])
   WARN_CFLAGS=])
CFLAGS=$nx_saved_CFLAGS
TARGET_WARN_CFLAGS=$nx_warn
AC_SUBST([WARN_CFLAGS])
AC_SUBST([TARGET_WARN_CFLAGS])
])
