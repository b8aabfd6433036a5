#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Memcheck over the unit tests of the three libraries and over the commands
# of epk: no byte is used before it is set, none behind its end, none is lost.
# Not in builds with ASan, which valgrind cannot run and which see the same.
. "${top_srcdir:?}/tests/tools/support.sh"

command -v valgrind >/dev/null || {
	echo "1..0 # SKIP no valgrind"
	exit 0
}
[ -z "${SANITIZE:-}" ] || {
	echo "1..0 # SKIP this build has sanitizers"
	exit 0
}
# --track-origins would say more, at twice the time: run it by hand.
check="${top_builddir:?}/libtool --mode=execute valgrind --quiet
	--error-exitcode=99 --leak-check=full
	--errors-for-leak-kinds=definite,possible --num-callers=40
	--suppressions=$top_srcdir/tests/tools/valgrind.supp"

input=/dev/null
# clean SENTENCE COMMAND...: memcheck has nothing to say, whatever the
# command's own exit status is.
clean()
{
	sentence=$1
	shift
	# shellcheck disable=SC2086 # a command and its words
	$check "$@" >out 2>err <"$input"
	status=$?
	[ $status -ne 99 ] && ! grep -q '^==[0-9]*== ' err
	ok $? "$sentence"
	[ $status -ne 99 ] && ! grep -q '^==[0-9]*== ' err ||
		grep '^==' err | head -n 40 | sed 's/^/# /'
}

# Threads and millions of rounds are for the other campaigns.
unset NEXUS_LONG
tests_of=$top_builddir/tests/unit
for library in libnexusabi libvmo libepk; do
	for source in "$top_srcdir/tests/unit/$library"/*.c; do
		name=$(basename "$source" .c)
		[ -x "$tests_of/$library/$name" ] || continue
		[ "$name" != bounds ] || continue # an allocator of its own
		clean "$library/$name" "$tests_of/$library/$name"
	done
done

tree t
manifest /bin/tool >t/manifest.toml
"$epk" keygen key >/dev/null
"$epk" trust add key.pub --prefix demo --trust store >/dev/null
clean "epk pack" "$epk" pack -q t -o t.epk -j 2
clean "epk pack, stored" "$epk" pack -q t -o s.epk --codec store \
	--meta-codec store
cmp -s t.epk s.epk
[ $? -eq 1 ]
ok $? "both images are there"
clean "epk verify" "$epk" verify t.epk
clean "epk verify --deep" "$epk" verify --deep -j 2 t.epk
clean "epk list" "$epk" list -l t.epk
clean "epk info" "$epk" info --json t.epk
clean "epk cat" "$epk" cat t.epk data/large
clean "epk extract" "$epk" extract -q -j 2 t.epk x
[ -e x/data/large ]
ok $? "the tree is there"
clean "epk diff" "$epk" diff t.epk s.epk
clean "epk repack" "$epk" repack -q t.epk -o r.epk --codec store
clean "epk check-manifest" "$epk" check-manifest t/manifest.toml
clean "epk keygen" "$epk" keygen other
clean "epk sign" "$epk" sign -q -k key.key t.epk
clean "epk verify, signed" "$epk" verify --policy required --trust store t.epk
clean "epk trust" "$epk" trust list --trust store
input=t.epk
clean "epk verify, by standard input" "$epk" verify -
input=/dev/null
# Refusals take other ways out.
for at in 9 40 300 5000; do
	cp s.epk h.epk
	flip h.epk $at
	clean "epk verify, damaged at $at" "$epk" verify --deep h.epk
	clean "epk extract, damaged at $at" "$epk" extract -q h.epk "h$at"
done
head -c 5000 t.epk >short.epk
clean "epk verify, cut off" "$epk" verify short.epk
clean "epk extract, cut off" "$epk" extract short.epk y
finish
