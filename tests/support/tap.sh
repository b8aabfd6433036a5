# SPDX-License-Identifier: BSD-2-Clause
# Sourced by scripts that print TAP. Gives $work, a folder that goes when the
# script ends, and these; $tests and $failures count.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
trap 'exit 99' 1 2 15
tests=0
failures=0
# What make around us says about its jobs is not for a make of the script.
unset MAKEFLAGS MFLAGS MAKELEVEL

# ok STATUS SENTENCE: passed when the status is 0; if not, $work/log says why.
ok()
{
	tests=$((tests + 1))
	if [ "$1" -ne 0 ]; then
		failures=$((failures + 1))
		[ ! -f "$work/log" ] || grep -v '^ok ' "$work/log" | sed 's/^/# /'
		printf 'not '
	fi
	echo "ok $tests - $2"
}

# none SENTENCE: passed when nothing that is wrong is in $work/wrong.
none()
{
	tests=$((tests + 1))
	if [ -s "$work/wrong" ]; then
		failures=$((failures + 1))
		sed 's/^/# /' "$work/wrong"
		printf 'not '
	fi
	echo "ok $tests - $1"
}

# skip WHAT [REASON]
skip()
{
	tests=$((tests + 1))
	echo "ok $tests # SKIP $1${2:+: $2}"
}

# finish: the plan, and an exit status that says whether all passed.
finish()
{
	echo "1..$tests"
	[ $failures -eq 0 ]
	exit $?
}

# skip_all REASON
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}
