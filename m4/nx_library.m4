# SPDX-License-Identifier: BSD-2-Clause
# NX_SIBLINGS([FOLDERS])
# ----------------------
# Let pkg-config see libraries of this project that were configured before in
# a neighbour folder; they come from *-uninstalled.pc. Alone, an installed one
# is found through the user's PKG_CONFIG_PATH.
AC_DEFUN([NX_SIBLINGS],[
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
for nx_d in $1; do
  AS_IF([test -d "../$nx_d"],
    [PKG_CONFIG_PATH="`cd ../$nx_d && pwd`${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"])
done
export PKG_CONFIG_PATH
])

# NX_LIBRARY([EXTRA-WARNINGS])
# ----------------------------
# What the configure scripts of all our libraries have in common.
AC_DEFUN([NX_LIBRARY],[
AC_REQUIRE([AC_PROG_CC])
AC_REQUIRE([AC_PROG_MKDIR_P])
AC_REQUIRE([AC_PROG_AWK])
AM_PROG_AR
AC_SUBST([ARFLAGS],[cr])
LT_INIT
AC_PROG_RANLIB
AC_REQUIRE_AUX_FILE([tap-driver.sh])
NX_WARNINGS([$1])
NX_SANITIZE
NX_STAGE_LIBRARY
NX_TARGET
NX_VERSION_SCRIPT
AC_ARG_VAR([ABIDIFF],[abidiff of libabigail])
AC_CHECK_PROGS([ABIDIFF],[abidiff],[:])
AC_CHECK_PROGS([ABIDW],[abidw],[:])
AC_CHECK_PROGS([READELF],[readelf],[:])
AC_CHECK_PROGS([NX_CXX],[g++ c++ clang++],[:])
AC_ARG_WITH([pkgconfigdir],
  [AS_HELP_STRING([--with-pkgconfigdir=DIR],
    [where the .pc file goes @<:@LIBDIR/pkgconfig@:>@])],
  [pkgconfigdir=$withval],[pkgconfigdir='${libdir}/pkgconfig'])
AC_SUBST([pkgconfigdir])
])

# NX_VERSION_SCRIPT
# -----------------
# Symbol maps need a linker that knows them; without one everything is global.
AC_DEFUN([NX_VERSION_SCRIPT],[
AC_CACHE_CHECK([whether the linker takes a version script],
  [nx_cv_version_script],
  [echo 'NX_TEST { global: *; };' >conftest.map
   nx_saved_LDFLAGS=$LDFLAGS
   LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.map"
   AC_LINK_IFELSE([AC_LANG_SOURCE([[int nx_f(void); int nx_f(void) { return 0; }]])],
     [nx_cv_version_script=yes],[nx_cv_version_script=no])
   LDFLAGS=$nx_saved_LDFLAGS
   rm -f conftest.map])
AM_CONDITIONAL([HAVE_VERSION_SCRIPT],[test $nx_cv_version_script = yes])
])
