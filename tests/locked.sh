#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Whoever touches what the kernel's lock guards has it: clang proves it for
# all of the kernel, but for what NOT_CHECKED says. First that the check would
# notice, then the kernel.
#   top_srcdir
set -u
cd "${top_srcdir:?}" || exit 99
. tests/support/tap.sh
clang -fsyntax-only -Wthread-safety -x c /dev/null 2>/dev/null ||
	skip_all "no clang"
# The flags of a file are those of its place.
inside=kernel/$(realpath --relative-to=kernel "$work") || exit 99

# probe BODY [BEFORE]: may a function of this body be, in both machines?
probe()
{
	cat >"$work/probe.c" <<END
#include <kernel/hart.h>
#include <kernel/port.h>
#include <kernel/thread.h>
${2:-} void probe(struct port *port);
void probe(struct port *port)
{
	(void)port;
	$1
}
END
	for tool in clang clang-riscv64; do
		sh build-aux/analyze.sh one $tool "$inside/probe.c" \
			>"$work/log" 2>&1 || return 1
	done
}

# refused BODY: not, for that the lock is not held?
refused()
{
	! probe "$1" && grep -q 'requires holding kernel lock' "$work/log"
}

probe 'port->closed = true;' HELD
ok $? "a function that is called with the lock touches a field"
refused 'port->closed = true;'
ok $? "any other does not: a field of a struct"
refused 'port->callers.next = NULL;'
ok $? "nor one of a struct in it"
refused 'this_hart()->evicts = true;'
ok $? "nor one of those of a hart that are not its own"
probe 'this_hart()->has_lock = false;'
ok $? "but those that are"
refused 'harts_online = 0;'
ok $? "nor a variable"
refused 'list_init(&port->callers);'
ok $? "nor calls it who links what is guarded"
refused 'kernel_lock_take(); port->closed = true; kernel_lock_give();
	port->depth = 0;'
ok $? "nor behind where the lock is given back"

find kernel -name '*.c' | grep -v -e ^kernel/target/ -e '/\.' >"$work/all"
grep ^kernel/arch/riscv64/ "$work/all" >"$work/machine"
grep -v ^kernel/arch/riscv64/ "$work/all" |
	xargs -n 1 sh build-aux/analyze.sh one clang >"$work/log" 2>&1
ok $? "the kernel with the simulator"
xargs -n 1 sh build-aux/analyze.sh one clang-riscv64 <"$work/machine" \
	>"$work/log" 2>&1
ok $? "the machine's own part of it"
finish
