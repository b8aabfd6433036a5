# SPDX-License-Identifier: BSD-2-Clause
# NX_WITH_DEFLATE: --with-deflate; sets DEFLATE_MODULE to libdeflate or to
# nothing, and the conditional WITH_LIBDEFLATE.
AC_DEFUN([NX_WITH_DEFLATE],[
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
AC_ARG_WITH([deflate],
  [AS_HELP_STRING([--with-deflate=auto|libdeflate|zlib],
    [what compresses packages on the host @<:@auto: libdeflate if it is
     there@:>@])],
  [],[with_deflate=auto])
DEFLATE_MODULE=
AS_CASE([$with_deflate],
  [zlib],[],
  [auto],[PKG_CHECK_EXISTS([libdeflate >= 1.14],
    [DEFLATE_MODULE=libdeflate])],
  [libdeflate],[PKG_CHECK_EXISTS([libdeflate >= 1.14],
    [DEFLATE_MODULE=libdeflate],
    [AC_MSG_ERROR([--with-deflate=libdeflate: it is not installed])])],
  [AC_MSG_ERROR([--with-deflate is auto, libdeflate or zlib])])
AC_MSG_CHECKING([what compresses packages])
AS_IF([test -n "$DEFLATE_MODULE"],[AC_MSG_RESULT([libdeflate])],
  [AC_MSG_RESULT([zlib])])
AC_SUBST([DEFLATE_MODULE])
AM_CONDITIONAL([WITH_LIBDEFLATE],[test -n "$DEFLATE_MODULE"])
])
