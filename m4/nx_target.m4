# SPDX-License-Identifier: BSD-2-Clause
# NX_STAGE_TOP
# ------------
# The top level names the staging folder and the ports' sysroot once and hands
# both down to the libraries as arguments, so that config.status has them on
# record. (Exported variables would be lost at the first recheck.)
AC_DEFUN([NX_STAGE_TOP],[
AC_ARG_WITH([stage],
  [AS_HELP_STRING([--with-stage=DIR],
    [where target libraries are gathered @<:@BUILD/sysroot@:>@])])
AC_ARG_WITH([ports-sysroot],
  [AS_HELP_STRING([--with-ports-sysroot=DIR],
    [use ports that another build has made])])
AC_ARG_WITH([ports-dir],
  [AS_HELP_STRING([--with-ports-dir=DIR],
    [take the ports' source packages from DIR, not from the network])])
AS_CASE([$with_stage],
  [''|no|yes],[
    with_stage=`pwd`/sysroot
    ac_configure_args="$ac_configure_args '--with-stage=$with_stage'"])
PORTS_BUILD=yes
AS_CASE([$with_ports_sysroot],
  [''|no|yes],[
    with_ports_sysroot=$with_stage/ports
    ac_configure_args="$ac_configure_args '--with-ports-sysroot=$with_ports_sysroot'"],
  [AS_IF([test "x$with_ports_sysroot" != "x$with_stage/ports"],
    [PORTS_BUILD=no])])
AS_CASE([$with_ports_dir],
  [''|no|yes],[PORTS_DIR=],
  [PORTS_DIR=`cd "$with_ports_dir" 2>/dev/null && pwd`
   AS_IF([test -z "$PORTS_DIR"],
     [AC_MSG_ERROR([--with-ports-dir: no folder $with_ports_dir])])])
AC_SUBST([PORTS_DIR])
AM_CONDITIONAL([PORTS_BUILD],[test "$PORTS_BUILD" = yes])
])

# NX_STAGE_LIBRARY
# ----------------
# A library configured alone has no target side unless it is given a stage:
# an empty stage would make rules write to /include.
AC_DEFUN([NX_STAGE_LIBRARY],[
AC_ARG_WITH([stage],
  [AS_HELP_STRING([--with-stage=DIR],
    [build the target library too and gather it in DIR])])
AC_ARG_WITH([ports-sysroot],
  [AS_HELP_STRING([--with-ports-sysroot=DIR],
    [headers and libraries of the target's ports])])
AS_CASE([$with_stage],
  [''|no|yes],[with_stage= enable_target=no])
AS_IF([test -z "$with_ports_sysroot"],[with_ports_sysroot=$with_stage/ports])
])

# NX_TARGET
# ---------
# Find the cross compiler. Sets TARGET_*, NEXUS_STAGE, PORTS_SYSROOT and the
# conditional BUILD_TARGET. picolibc chooses its library by the exact text of
# -march, so the one test program here is linked, not only compiled.
AC_DEFUN([NX_TARGET],[
AC_ARG_ENABLE([target],
  [AS_HELP_STRING([--enable-target=auto|riscv64|no],
    [build for the Nexus machine as well @<:@auto@:>@])],
  [],[enable_target=auto])
AC_ARG_VAR([TARGET_PREFIX],
  [prefix of the cross tools @<:@riscv64-unknown-elf-@:>@])
: "${TARGET_PREFIX:=riscv64-unknown-elf-}"
AS_CASE([$enable_target],
  [auto|riscv64|no],[],
  [yes],[enable_target=riscv64],
  [AC_MSG_ERROR([--enable-target: auto, riscv64 or no, not $enable_target])])
TARGET_CC=${TARGET_PREFIX}gcc
TARGET_AR=${TARGET_PREFIX}ar
TARGET_RANLIB=${TARGET_PREFIX}ranlib
TARGET_OBJCOPY=${TARGET_PREFIX}objcopy
TARGET_READELF=${TARGET_PREFIX}readelf
TARGET_ARCH_CFLAGS="-march=rv64imac -mabi=lp64 -misa-spec=2.2 -mcmodel=medany"
TARGET_LIBC_CFLAGS="--specs=picolibc.specs"
TARGET_CFLAGS="-g -O2"
nx_build_target=no
AS_IF([test "$enable_target" != no],[
  AC_MSG_CHECKING([whether $TARGET_CC links a program with picolibc])
  AC_LANG_CONFTEST([AC_LANG_SOURCE(
    [[#include <string.h>
    int main(int n, char **v) { return n + (int)strlen(v[0]); }]])])
  AS_IF([$TARGET_CC $TARGET_ARCH_CFLAGS $TARGET_LIBC_CFLAGS conftest.c \
         -o conftest.elf >&AS_MESSAGE_LOG_FD 2>&1 &&
         $TARGET_AR --version >/dev/null 2>&1],
    [nx_build_target=yes])
  rm -f conftest.c conftest.elf
  AC_MSG_RESULT([$nx_build_target])
  AS_IF([test $nx_build_target = no],[
    AS_IF([test "$enable_target" = riscv64],
      [AC_MSG_ERROR([$TARGET_CC with picolibc does not work; see config.log])],
      [AC_MSG_WARN([no cross compiler: only the host side is built])])])])
NEXUS_STAGE=$with_stage
PORTS_SYSROOT=$with_ports_sysroot
AC_SUBST([TARGET_CC])
AC_SUBST([TARGET_AR])
AC_SUBST([TARGET_RANLIB])
AC_SUBST([TARGET_OBJCOPY])
AC_SUBST([TARGET_READELF])
AC_SUBST([TARGET_ARCH_CFLAGS])
AC_SUBST([TARGET_LIBC_CFLAGS])
AC_SUBST([TARGET_CFLAGS])
AC_SUBST([NEXUS_STAGE])
AC_SUBST([PORTS_SYSROOT])
AM_CONDITIONAL([BUILD_TARGET],[test $nx_build_target = yes])
])
