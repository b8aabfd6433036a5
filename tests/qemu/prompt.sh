#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A user at the prompt: every command once, the sample program, a line that
# is edited, errors in words, and the end of the machine.
set -u
: "${NEXUS_SYSTEM:?}" "${NEXUS_DEMO:?}"
. "${top_srcdir:?}/tests/support/tap.sh"
file=$(awk '{ print $2; exit }' "$NEXUS_DEMO.sha256")
digest=$(awk '{ print $1; exit }' "$NEXUS_DEMO.sha256")
cat >"$work/script" <<END
WAIT nexus> 
TYPE help
WAIT sha256 FILE
WAIT nexus> 
TYPE ls /
WAIT binary/
WAIT nexus> 
TYPE sha256 /$file
WAIT $digest
WAIT nexus> 
TYPE cat /system/system.plan
WAIT service selftest
WAIT nexus> 
TYPE cat /nothing
WAIT NOT_FOUND
WAIT exit 1
WAIT nexus> 
TYPE run hello one "two words" @NONCE@
WAIT argument 2 is two words
WAIT argument 3 is @NONCE@
WAIT nexus> 
TYPE run /system/system.plan
WAIT NOT_EXECUTABLE
WAIT nexus> 
TYPE ps
WAIT packagefsd
WAIT nexus> 
TYPE caps
WAIT may: read,splice
WAIT nexus> 
TYPE mem
WAIT pages_free
WAIT nexus> 
TYPE mount
WAIT /system:
WAIT nexus> 
TYPE log
WAIT init: up nxsh
WAIT nexus> 
TYPE nonsense
WAIT exit 127
WAIT nexus> 
TYPE run selftest
WAIT every file is read, and equal
WAIT 1..
WAIT nexus> 
TYPE reboot off
WAIT shutdown asked for
END
sh "$top_srcdir/build-aux/run-qemu.sh" -r -t "${QEMU_TIMEOUT:-120}" \
	-m 256M -i "$work/script" "$NEXUS_SYSTEM" >"$work/raw" 2>"$work/errors"
status=$?
if grep -q '^1\.\.0 # SKIP' "$work/raw"; then
	cat "$work/raw"
	exit 0
fi
tr -d '\r\033' <"$work/raw" >"$work/console"
# Lines in this order; each is looked for behind the one before.
from=1
says()
{
	at=$(tail -n "+$from" "$work/console" | grep -n -m 1 -e "$1" |
		cut -d: -f1)
	echo "not found behind line $from: $1" >"$work/log"
	[ -n "$at" ]
	ok $? "$2"
	from=$((from + ${at:-0}))
}
says '^nexus> help$' 'there is a prompt with nothing behind it'
says '^sha256 FILE' 'help shows the commands'
says '^d.. .* binary/$' 'ls shows the demonstration package'
says "^$digest  /$file" 'sha256 agrees with the host'
says '^service console' 'cat shows a file'
says '^cat: /nothing: .*(NOT_FOUND)' 'an error is a sentence and a name'
says '^\[exit 1\]' 'and an exit code'
says '^hello from hello' 'the sample program runs out of its package'
says '^argument 2 is two words' 'with its arguments'
says '^run: /system/system.plan: .*(NOT_EXECUTABLE)' \
	'what is no program is refused'
says 'runs .* packagefsd$' 'ps shows the services'
says 'may: read,splice' 'caps shows what the shell may ask'
says '^shares  *[0-9]* of [1-9][0-9]*$' 'mem shows the shares of the processor'
says '^harts  *1$' 'how many harts there are'
says '^pages_free' 'and the counters'
says '^/: [0-9]* nodes' 'mount shows the packages'
says 'init: up nxsh' 'log shows what was said at boot'
says '^\[exit 127\]' 'an unknown command has its exit code'
says '^ok .* every file is read, and equal' \
	'the self-test runs from the prompt'
says 'init: shutdown asked for by service 5' 'reboot off stops the machine'
tail -n 20 "$work/console" "$work/errors" >"$work/log"
ok $status "the machine ended by itself"
finish
