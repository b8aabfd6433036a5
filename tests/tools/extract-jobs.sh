#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The number of threads changes neither what extract makes nor what it says.
. "${top_srcdir:?}/tests/tools/support.sh"

mkdir t t/a t/b t/a/deep
manifest >t/manifest.toml
digits 1400000 1 >t/a/big
cp t/a/big t/b/copy
digits 900000 2 >t/b/large
digits 300000 3 >t/b/middle
digits 65536 4 >t/b/block
digits 40000 5 >t/mapped
i=0
while [ $i -lt 60 ]; do
	echo "$i" >"t/a/deep/f$i"
	: >"t/b/e$i"
	i=$((i + 1))
done
for block in 12 16 20; do
	"$epk" pack t -q -o t$block.epk --block-log2 $block --map mapped
	good=0
	for jobs in 1 2 3 8; do
		rm -rf x
		"$epk" extract -q -j $jobs t$block.epk x && diff -r t x || good=1
	done
	ok $good "blocks of 2^$block bytes: all of it by 1, 2, 3 and 8 threads"
done
"$epk" extract -q --json -j 1 t16.epk j1 >one
"$epk" extract -q --json -j 8 t16.epk j1x >eight
sed 's/j1x/j1/' eight | cmp -s one -
ok $? "and the same is said about it"

# same SENTENCE EXIT IMAGE ARGUMENT...: one ending for any number of threads.
same()
{
	sentence=$1 wanted=$2 image=$3
	shift 3
	good=0
	for jobs in 1 2 8; do
		rm -rf x
		"$epk" extract -j $jobs "$@" "$image" x >/dev/null 2>err.$jobs
		[ $? -eq "$wanted" ] || good=1
		(cd x && find . -type f -exec sha256sum {} + | LC_ALL=C sort) \
			>left.$jobs
		cmp -s err.1 err.$jobs && cmp -s left.1 left.$jobs || good=1
	done
	ok $good "$sentence"
	[ $good -eq 0 ] || sed 's/^/# /' err.1 err.8
}
left()
{
	[ -e "x/$1" ]
}
cp t16.epk h.epk
data=$(field data_offset h.epk)
size=$(wc -c <h.epk)
flip h.epk $((data + (size - data) / 2))
same "a changed block ends it with the same words and the same files left" \
	2 h.epk
grep -q "stage read, BLOCK_DIGEST" err.1
ok $? "which name the block"
# The second flip comes first in the image, so it is the one that counts.
flip h.epk $((data + 40000 + 300000))
flip h.epk $((data + 40000 + 100000))
same "of several changed blocks the first counts" 2 h.epk
! left a/big && ! left b/large
ok $? "and a file of several parts is not left without its end"

"$epk" pack t -q -o s.epk --meta-codec store
# swap FILE FILE: the digest of the first becomes that of the second.
swap()
{
	"$reseal" h.epk "$(sha256sum <"$1" | cut -c 1-64 |
		sed 's/../\\x&/g')" "$(sha256sum <"$2" | cut -c 1-64 |
		sed 's/../\\x&/g')" || exit 99
}
cp s.epk h.epk
swap t/b/large t/b/middle
same "a wrong digest of a file of several parts is told the same way" 2 h.epk
grep -q "FILE_DIGEST.*b/large" err.1 && ! left b/large
ok $? "and the file is not left"
cp s.epk h.epk
swap t/a/deep/f7 t/a/deep/f9
same "so is one of a small file" 2 h.epk
grep -q "FILE_DIGEST.*f7" err.1 && ! left a/deep/f7
ok $? "which is not left either"

mkdir m m/a m/b
manifest >m/manifest.toml
digits 70000 1 >m/a/same
digits 80000 2 >m/b/same
digits 90000 3 >m/b/other
"$epk" pack m -q -o m.epk
same "two files that --strip gives one name are told the same way" 5 \
	m.epk --strip 1
grep -q "b/same" err.1
ok $? "by the second of them"
same "where all is in one folder --strip loses nothing" 0 m.epk --strip 1 \
	--include b
left same && left other
ok $? "and every file is there"

if [ -x /usr/bin/time ]; then
	digits 40000000 9 >t/a/huge
	"$epk" pack t -q -o t.epk
	rm -rf x
	/usr/bin/time -o kib -f %M "$epk" extract -q -j 4 t.epk x
	[ "$(tail -1 kib)" -le 20000 ]
	ok $? "40 MB are extracted in less than 20 MB of memory"
	echo "# $(tail -1 kib) KiB"
else
	skip "memory" "no /usr/bin/time"
fi
finish
