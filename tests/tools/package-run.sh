#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# package run: what a program sees, what it cannot, and that nothing stays.
# A program is told of signals: none that our caller ignores may stay so.
[ -n "$signals_are_ours" ] ||
	signals_are_ours=yes exec env --default-signal sh "$0" "$@"
unset signals_are_ours
. "${top_srcdir:?}/tests/tools/support.sh"
package=${PACKAGE:-${top_builddir:?}/utils/package/package}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}
[ -x "$package" ] || skip_all "$package is not built"
[ -e /dev/fuse ] || skip_all "no /dev/fuse"
cc=${CC:-cc}
# A name for this run of the test, to find its processes and mounts by.
mark=run-$$
mkdir -p home tmp
export HOME="$work/home" TMPDIR="$work/tmp"
unset XDG_DATA_HOME LD_LIBRARY_PATH

# Static, where the system has what that takes: then no file but it runs.
$cc -O2 -static -o in-package "$top_srcdir/tests/tools/in-package.c" \
	2>/dev/null ||
	$cc -O2 -o in-package "$top_srcdir/tests/tools/in-package.c" ||
	skip_all "no compiler for the host"

# image NAME OPTION...: NAME.epk with the program and NAME's own file.
image()
{
	name=$1
	shift
	mkdir -p "$name/bin" "$name/binary" "$name/data/deep"
	cp in-package "$name/bin/in-package"
	printf '#!/nowhere/sh\n' >"$name/bin/bad-script"
	printf 'of no kind\n' >"$name/bin/no-program"
	printf '#!/bin/sh\necho found in the package\n' >"$name/binary/uname"
	chmod 755 "$name"/bin/* "$name"/binary/*
	echo "$name" >"$name/data/own"
	bytes 100000 7 >"$name/data/deep/large"
	: >"$name/data/empty"
	ln -s ../data/own "$name/bin/link"
	{
		printf 'name = "%s.%s"\nversion = "1.0.0"\n' "$name" "$mark"
		printf 'arch = "any"\nkernel_api = "linux-5.12"\n'
		printf 'entry = "/bin/in-package"\n[commands]\n'
		printf '%s-%s = "/bin/in-package"\n' "$name" "$mark"
		printf 'bad-%s = "/bin/bad-script"\n' "$name"
		printf 'no-%s = "/bin/no-program"\n' "$name"
	} >"$name/manifest.toml"
	"$epk" pack "$name" -q -o "$name.epk" "$@"
}
image one
image two
image bad --codec store --meta-codec store --block-log2 12

# As whom: empty, or a command that ends in the one to run.
as=
# run NAME ARGUMENT...: the entry of that package, or a command.
run()
{
	# shellcheck disable=SC2086 # words of a command
	$as "$package" run --store "$store" "$@"
}
# inside SCRIPT: run by the shell in the package `one`.
inside()
{
	run "one.$mark" shell "$1"
}

# Processes of the test, mounts of the packages in any namespace, entries of
# the folders that a run might use.
processes()
{
	grep -l "run[-]$$" /proc/[0-9]*/cmdline 2>/dev/null | wc -l
}
mounts()
{
	grep -l "[ .]run[-]$$ " /proc/[0-9]*/mountinfo 2>/dev/null | wc -l
}
counts()
{
	echo "$(processes) processes, $(mounts) mounts," \
		"$(find tmp "$store" home | wc -l) files," \
		"$(find /sys/fs/fuse/connections 2>/dev/null | wc -l) served"
}

# steady SENTENCE: everything is as it was counted, soon.
steady()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		now=$(counts)
		[ "$now" = "$before" ] && break
		sleep 0.1
	done
	[ "$now" = "$before" ]
	ok $? "$1"
	[ "$now" = "$before" ] || echo "# $now; before: $before"
}

# children PID: of it, one after the other.
children()
{
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

# hold: a program that stays, its processes in $waiter, $keeper, $server and
# $program.
hold()
{
	: >ready
	# shellcheck disable=SC2086 # words of a command
	$as "$package" run --store "$store" "one.$mark" "${1:-hold}" "${2:-}" \
		>ready 2>err &
	waiter=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q ready ready && break
		sleep 0.1
	done
	keeper=$(children $waiter)
	keeper=${keeper% }
	# shellcheck disable=SC2046 # a list of processes
	set -- $(children "$keeper")
	server=${1:-} program=${2:-}
}

# ended STATUS SENTENCE: the waiter ends with it.
ended()
{
	wait "$waiter" 2>/dev/null
	status=$?
	[ $status -eq "$1" ]
	ok $? "$2"
	[ $status -eq "$1" ] || sed "s/^/# exit $status: /" err
}

# state PID: the letter of ps.
state()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c 1
}

# state_is PID LETTERS: soon?
state_is()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		case $2 in *"$(state "$1")"*) return 0 ;; esac
		sleep 0.1
	done
	return 1
}

what_is_seen()
{
	inside 'cd /package && find . -type f -exec sha256sum {} + &&
		find . -printf "%p %y %l\n"' | LC_ALL=C sort >seen
	(cd one && find . -type f -exec sha256sum {} + &&
		find . -printf '%p %y %l\n') | LC_ALL=C sort >packed
	cmp -s seen packed && [ -s seen ]
	ok $? "$who: /package has the files, links and folders of the image"
	inside '! touch /package/new && ! touch /package/data/own &&
		! rm -f /package/data/own && ! touch /new && ! touch /usr/new
		' 2>/dev/null
	ok $? "$who: neither it nor the system can be written"
	inside 'test "$PWD" = /user-data && test "$(pwd)" = /user-data &&
		echo kept >file && cp /bin/true . && ! ./true &&
		cp /bin/true /tmp && ! /tmp/true' 2>/dev/null &&
		[ "$(inside 'cat file')" = kept ]
	ok $? "$who: /user-data is where it begins, stays, and holds no programs"
	[ "$(find "$HOME" -name file)" = \
		"$HOME/.local/share/nexus/user-data/one.$mark/file" ] &&
		[ "$(stat -c %a "$HOME/.local/share/nexus/user-data/one.$mark")" \
			= 700 ]
	ok $? "$who: on the host it is the user's, mode 700"
	run "two.$mark" exit 0
	(cd "$HOME/.local/share/nexus/user-data" && mv "two.$mark" keep &&
		ln -s keep "two.$mark")
	refused 5 'stage mount, IO' "$who: a link there is not followed" \
		run "two.$mark" exit 0
	(cd "$HOME/.local/share/nexus/user-data" && rm "two.$mark" &&
		mv keep "two.$mark")
	mkdir -m 777 "$HOME/mine"
	run --user-data "$HOME/mine" "two.$mark" shell 'echo x >here' &&
		[ "$(cat "$HOME/mine/here")" = x ]
	ok $? "$who: --user-data names another"
	rm -rf "$HOME/mine"
	inside 'test -z "$(ls -A /tmp)" &&
		echo x >/tmp/x && echo y >/dev/shm/y' && inside '! test -e /tmp/x'
	ok $? "$who: /tmp begins empty and is gone with the run"
	inside 'ls /' | grep -vx -e bin -e dev -e etc -e 'lib[0-9x]*' \
		-e package -e proc -e sbin -e tmp -e user-data -e usr >out
	[ ! -s out ]
	ok $? "$who: nothing else is in the root"
	[ -s out ] && sed 's/^/# /' out
	inside "! test -e '$store' && ! test -e '$work' &&
		! test -e /etc/shadow && ! test -e /root && ! test -e /home &&
		! test -e /sys && ! grep '$work' /proc/self/mountinfo |
		grep -v ' /user-data '"
	ok $? "$who: neither store nor home of the host can be named"
	inside 'echo >/dev/null && head -c 4 /dev/zero | wc -c &&
		head -c 4 /dev/urandom | wc -c' | tr '\n' ' ' >out
	[ "$(cat out)" = "4 4 " ]
	ok $? "$who: the devices of a small /dev work"
	inside 'for f in /proc/[12]/fd/* /proc/[12]/mem /proc/[12]/environ; do
		head -c 1 "$f" >/dev/null 2>&1 && echo "$f"
		readlink "$f"; done; ls /proc/[12]/cwd/
		' 2>/dev/null </dev/null >out
	[ ! -s out ]
	ok $? "$who: who keeps and serves it cannot be looked into"
	FOO=bar LD_PRELOAD='' LC_TIME=C TERM=dumb inside env |
		grep -v -e ^PWD= -e ^OLDPWD= -e ^SHLVL= -e ^_= |
		sed 's/=.*//' | LC_ALL=C sort | tr '\n' ' ' >out
	case $(cat out) in
	*FOO* | *LD_PRELOAD* | *XDG* | *EPK*) false ;;
	*HOME\ *LC_TIME\ LD_LIBRARY_PATH\ *PATH\ *TERM\ TMPDIR*) true ;;
	*) false ;;
	esac
	ok $? "$who: the environment is a short list"
	[ "$(inside uname)" = "found in the package" ] &&
		[ "$(inside 'echo $LD_LIBRARY_PATH')" = /package/binary ]
	ok $? "$who: /package/binary is looked into first"
	inside 'grep -E "^Cap(Prm|Eff|Bnd|Amb)" /proc/self/status |
		grep -v 0000000000000000' >out
	[ ! -s out ] && [ "$(inside 'id -u')" = "$(inside 'stat -c %u /package')" ]
	ok $? "$who: it is the caller without any capability"
}

how_it_is_started()
{
	run "one.$mark" state >out 7<"$work/one.epk" 9>tmp/fd
	rm -f tmp/fd
	[ "$(tr '\n' ' ' <out)" = "descriptors 0 no new privileges 1 " ]
	ok $? "$who: it has three descriptors, no signals held, no new privileges"
	[ "$(echo from here | inside cat)" = "from here" ]
	ok $? "$who: input and output are the caller's"
	run "one.$mark" state <&- >out
	grep -q 'descriptors 0' out
	ok $? "$who: a caller without input does not lend it the image"
	(store=${store##*/} && run "one.$mark" exit 44)
	[ $? -eq 44 ]
	ok $? "$who: the store may be named from here"
	"$package" list --store "$store" >&- 2>err
	[ $? -eq 5 ] && grep -q 'write' err
	ok $? "$who: a caller without output is told that nothing was printed"
	run "one.$mark" exit 0
	[ $? -eq 0 ] && { run "one.$mark" exit 43; [ $? -eq 43 ]; } &&
		{ run "two-$mark" exit 255; [ $? -eq 255 ]; }
	ok $? "$who: its exit status is ours, by name and by command"
	good=0
	for number in 1 2 3 6 9 11 15; do
		run "one.$mark" raise $number
		[ $? -eq $((128 + number)) ] || good=1
	done
	ok $good "$who: ended by signal n it is 128 + n"
	(trap '' 1 3 && exec $as "$package" run --store "$store" "one.$mark" state) |
		grep -c ignored >out
	[ "$(cat out)" -eq 2 ]
	ok $? "$who: what the caller ignores it ignores"
	for number in 1 2 3 10 12 15; do
		# A shell starts what is in the background without 2 and 3.
		hold wait $number
		kill -$number "$waiter"
		ended 3 "$who: signal $number reaches it"
		grep -qx "got $number" ready
		ok $? "$who: once, as that"
	done
	hold raise 19
	state_is "$waiter" T
	ok $? "$who: when it stops, so does package"
	kill -CONT "$waiter"
	ended 0 "$who: and goes on with it"
	if command -v script >/dev/null 2>&1; then
		script -qec "$as '$package' run --store '$store' one.$mark terminal" \
			/dev/null </dev/null >out 2>&1
		grep -q foreground out
		ok $? "$who: on a terminal it is in the foreground"
	fi
	if [ -w /proc/sys/user/max_user_namespaces ]; then
		! inside 'unshare --user true' 2>/dev/null
		ok $? "$who: it gets none in a user namespace of its own"
	else
		skip "$who: namespaces in it" "/proc/sys is read only"
	fi
	# shellcheck disable=SC2086 # words of a command
	if command -v ipcrm >/dev/null && $as ./in-package new-memory $$; then
		! run "one.$mark" memory $$ && $as ./in-package memory $$
		ok $? "$who: System V memory of others is not found"
		ipcrm -M $$
	else
		skip "$who: memory of others" "no ipcrm"
	fi
	# TIOCSTI, TIOCLINUX and, with what the kernel ignores above, TIOCSTI.
	for request in 0x5412 0x541c 0x7700005412; do
		run "one.$mark" type $request </dev/null
	done >out
	[ "$(sort -u out)" = refused ]
	ok $? "$who: it cannot type into a terminal for the user"
	[ "$(run "one.$mark" type 0x5413 </dev/null)" = "no terminal" ]
	ok $? "$who: but ask for its size"
	refused 4 'stage start, COMPAT' "$who: a loader that is not here is told" \
		run bad-one
	refused 4 'stage start, COMPAT' "$who: so is what is no program" \
		run no-one
	steady "$who: nothing is left of all this"
}

who_sees_what()
{
	hold
	other=$waiter
	run "two.$mark" shell 'cat /package/data/own; ls -A /user-data' >out
	[ "$(cat out)" = two ] && [ "$(inside 'cat /package/data/own')" = one ]
	ok $? "$who: two packages at once see themselves only"
	[ ! -e /package ] && [ ! -e /user-data ] &&
		! grep -q "$mark" /proc/self/mountinfo
	ok $? "$who: a process beside them sees neither"
	"$epk" mount --check "$work/one.epk" >/dev/null
	kill -TERM "$other"
	ended 143 "$who: SIGTERM ends it"
	steady "$who: and nothing is left"
}

what_a_lock_of_others_is()
{
	command -v flock >/dev/null || {
		skip "$who: locks of others" "no flock"
		return
	}
	file=$(echo "$store"/one.*)
	mkfifo locked
	flock -x "$file" sh -c 'echo >locked; exec sleep 10' &
	read -r _ <locked
	timeout 20 $as "$package" run --store "$store" "one.$mark" exit 43
	[ $? -eq 43 ]
	ok $? "$who: who may read a package cannot keep others from running it"
	kill $! && wait $!
	rm locked
}

what_stays_when_killed()
{
	for victim in waiter keeper server program; do
		hold
		eval "kill -KILL \$$victim"
		wait "$waiter" 2>/dev/null
		status=$?
		case $victim in
		server) [ $status -eq 5 ] && grep -q 'stage read, IO' err ;;
		*) [ $status -eq 137 ] ;;
		esac
		ok $? "$who: SIGKILL of the $victim ends the run: $status"
		steady "$who: and leaves nothing"
	done
	run "one.$mark" leave
	steady "$who: what it left running is ended with it"
	delay=0
	while [ $delay -lt 40 ]; do
		# shellcheck disable=SC2086 # words of a command
		$as "$package" run --store "$store" "one.$mark" hold \
			>/dev/null 2>&1 &
		sleep 0.0$((delay / 10))$((delay % 10))
		kill -KILL $!
		wait $! 2>/dev/null
		delay=$((delay + 2))
	done
	steady "$who: killed at 20 moments of its start it leaves nothing"
	good=0
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		run "one.$mark" exit $i & pid=$!
		run "two.$mark" exit $i
		[ $? -eq $i ] || good=1
		wait $pid
		[ $? -eq $i ] || good=1
	done
	ok $good "$who: 50 runs, two at a time, end as they should"
	steady "$who: and leave nothing"
}

what_a_bad_block_is()
{
	[ "$(run "bad.$mark" shell 'cat /package/data/own')" = bad ]
	ok $? "$who: what is beside a bad block is read"
	run "bad.$mark" shell 'cat /package/data/deep/large >/user-data/read
		test $? -ne 0 && test "$(head -c 4096 /package/data/deep/large |
			wc -c)" -eq 4096' 2>err
	ok $? "$who: the block is not"
	grep -q 'Input/output error' err && grep -q 'BLOCK_DIGEST.*data/deep/large' err
	ok $? "$who: it is an input/output error, and one line tells which"
	run "bad.$mark" shell 'rm -f /user-data/read'
}

all()
{
	store=$work/store$who
	rm -rf "$HOME"
	mkdir "$HOME"
	chmod 755 "$work" "$HOME"
	[ -z "$as" ] || chown "$who" "$HOME" tmp
	"$package" add -q --store "$store" one.epk two.epk bad.epk || exit 99
	# A byte of the middle of data/deep/large, in the store itself.
	file=$(grep -lr "name = \"bad" "$store")
	at=$(LC_ALL=C grep -obUaF "$(head -c 64 bad/data/deep/large)" "$file" |
		head -n 1 | cut -d : -f 1)
	chmod u+w "$file"
	flip "$file" $((at + 3 * 4096 + 5))
	if ! LC_ALL=C run "one.$mark" exit 0 2>err; then
		sed 's/^/# /' err
		return 1
	fi
	run "two.$mark" exit 0
	run "bad.$mark" exit 0
	before=$(counts)
	echo "# $who: $before"
	what_is_seen
	inside 'rm -f /user-data/*'
	how_it_is_started
	who_sees_what
	what_a_lock_of_others_is
	what_stays_when_killed
	what_a_bad_block_is
}

# Every call of the system that package, keeper, server and the process that
# is to become the program make on the way, made to fail in turn.
all_faults()
{
	$cc -O2 -fPIC -shared -o fault.so "$top_srcdir/tests/tools/fault.c" || {
		skip "faults" "no compiler for a shared object"
		return
	}
	real=$(dirname "$package")/.libs/$(basename "$package")
	[ -x "$real" ] || real=$package
	libraries=$(dirname "$package")/../../libepk/.libs
	dd if=/dev/zero of=calls bs=32 count=1 2>/dev/null
	LD_LIBRARY_PATH=$libraries FAULT_FILE=$work/calls FAULT_AT=0 \
		LD_PRELOAD=$work/fault.so \
		"$real" run --store "$store" "one.$mark" exit 43
	[ $? -eq 43 ]
	ok $? "counted, it runs as ever"
	calls=$(od -An -tu4 -N 4 calls | tr -d ' ')
	at=1 failed=0 passed=0 silent=0 left=0
	: >all_errors
	while [ "$at" -le "$calls" ]; do
		dd if=/dev/zero of=calls bs=32 count=1 2>/dev/null
		LD_LIBRARY_PATH=$libraries FAULT_FILE=$work/calls FAULT_AT=$at \
			LD_PRELOAD=$work/fault.so timeout 20 \
			"$real" run --store "$store" "one.$mark" exit 43 2>err
		case $? in
		43) passed=$((passed + 1))
			tail -c +5 calls | tr -d '\0' >>without
			echo >>without ;;
		124) silent=$((silent + 1)) ;;
		*) failed=$((failed + 1))
			[ -s err ] || {
				silent=$((silent + 1))
				echo "# call $at: not a word"
			} ;;
		esac
		cat err >>all_errors
		[ "$(processes) $(mounts)" = "0 0" ] || sleep 0.2
		[ "$(processes) $(mounts)" = "0 0" ] || {
			left=$((left + 1))
			echo "# call $at: $(cat err)"
		}
		at=$((at + 1))
	done
	echo "# of $calls calls $failed were fatal, $passed were not:"
	sort without | uniq -c | sed 's/^/# /'
	[ $failed -gt 100 ] && [ $silent -eq 0 ]
	ok $? "each call that fails is told, or done without"
	ok $left "and leaves neither process nor mount"
	good=0
	for stage in 'stage 1,' 'stage mount' 'stage start'; do
		grep -q "$stage" all_errors || good=1
	done
	ok $good "on the way from open to start"
	steady "nothing is left of any"
}

who=$(id -un)
all || skip_all "$(head -n 1 err)"
if [ "${SANITIZE:+yes}" = yes ]; then
	skip "faults" "a sanitizer wants to be loaded first"
else
	all_faults
fi

# A store that lies where the runtime does: a folder is put there for us only.
if [ "$(id -u)" -eq 0 ] && [ -d /usr/share/man ] &&
	unshare -m mount --bind "$store" /usr/share/man 2>/dev/null; then
	cat >below <<-EOF
		mount --bind "$store" /usr/share/man &&
		exec "$package" run --store /usr/share/man "one.$mark" shell \
			'echo "[\$(ls -A /usr/share/man)]"'
	EOF
	[ "$(unshare -m sh below)" = '[]' ]
	ok $? "a store below /usr looks empty"
else
	skip "a store below /usr" "it takes root to put one there"
fi

# Somebody else: root gives them a /dev/fuse that they may open.
if [ "$(id -u)" -eq 0 ]; then
	who=nobody
	group=$(id -g nobody)
	mknod fuse c 10 229 && chmod 666 fuse
	cat >as <<-EOF
		#!/bin/sh
		exec unshare -m sh -c 'mount --bind $work/fuse /dev/fuse &&
			exec setpriv --reuid=$who --regid=$group --clear-groups \
			"\$@"' sh "\$@"
	EOF
	chmod 755 as
	as=$work/as
	$as "$package" --version >/dev/null 2>err && all ||
		skip "as $who" "$(head -n 1 err)"
	as=
else
	skip "as somebody else" "only root can become nobody"
fi
finish
