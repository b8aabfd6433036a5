#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: build-aux/run-qemu.sh says what happened to the machine, shown with a
# machine that does as it is told.
set -u
runner=${top_srcdir:?}/build-aux/run-qemu.sh
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' 0
: >"$work/kernel"
: >"$work/boot.epk"
NEXUS_KERNEL=$work/kernel QEMU=$work/qemu QEMU_TIMEOUT=2 FAKE=
export NEXUS_KERNEL QEMU QEMU_TIMEOUT FAKE

# Where the serial line goes, and the nonce of the boot, as the real one
# would see them; then what $FAKE says.
cat >"$work/qemu" <<'END'
#!/bin/sh
serial=/dev/stdout nonce=
while [ $# -gt 0 ]; do
	case $1 in
	-serial) case $2 in file:*) serial=${2#file:} ;; esac ;;
	-append) nonce=${2#nonce=}; nonce=${nonce%% *} ;;
	esac
	shift
done
eval "$FAKE" >>"$serial"
END
chmod +x "$work/qemu"

n=0
# run SENTENCE PATTERN [OPTION...]: a line of the report matches PATTERN.
run()
{
	sentence=$1 pattern=$2
	shift 2
	n=$((n + 1))
	sh "$runner" "$@" "$work/boot.epk" >"$work/out" 2>&1
	if ! grep -qE -- "$pattern" "$work/out"; then
		sed 's/^/# /' "$work/out"
		printf 'not '
	fi
	echo "ok $n - $sentence"
}
# And none does.
never()
{
	n=$((n + 1))
	if grep -qE -- "$2" "$work/out"; then
		sed 's/^/# /' "$work/out"
		printf 'not '
	fi
	echo "ok $n - $1"
}
echo 1..13
FAKE='printf "boot\r\n1..1\r\nok 1 - x\r\n"'
run "a line of the machine is a line of the report" '^ok 1 - x$'
never "a good run is not bailed out" '^Bail out!'
n=$((n + 1))
grep -q '^# boot$' "$work/out" || printf 'not '
echo "ok $n - what is no TAP becomes a remark"
FAKE='echo 1..1; echo "ok 1 - x"; exit 3'
run "a bad end is told" '^Bail out! .*status 3'
FAKE='echo 1..1; sleep 30'
run "a machine that hangs is stopped and told" '^Bail out! no shutdown within 1s' -t 1
FAKE='echo panic'
run "a run without a plan is told" '^Bail out! .*no plan'
FAKE='echo 1..1; echo "# nonce $nonce"; echo "ok 1 - x"'
run "the machine can say the nonce of this boot" '^# nonce [0-9a-f]{16}$'
never "the right nonce is accepted" '^Bail out!'
FAKE='echo 1..1; echo "# nonce 0123456789abcdef"; echo "ok 1 - x"'
run "a nonce of another boot is told" '^Bail out! .*nonce'
printf 'WAIT > \nTYPE hello @NONCE@\n' >"$work/input"
FAKE='echo 1..1; printf "> "; line=$(head -c 22);
	[ "$line" = "hello $nonce" ] && echo; echo "ok 1 - $line"'
run "text is typed after the prompt that it waits for" \
	'^ok 1 - hello [0-9a-f]{16}' -i "$work/input"
never "typing leaves no complaint" '^Bail out!|unknown'
NEXUS_KERNEL=$work/none
run "no kernel is a skip" '^1\.\.0 # SKIP no kernel'
NEXUS_KERNEL=$work/kernel QEMU=$work/none
run "no machine is a skip" '^1\.\.0 # SKIP no '
