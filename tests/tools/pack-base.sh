#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pack --base: blocks of an older image, copied and never trusted.
. "${top_srcdir:?}/tests/tools/support.sh"

# reused JSON: the number of blocks.
reused()
{
	sed 's/.*"blocks_reused": *\([0-9]*\).*/\1/' "$1"
}
mkdir t
manifest >t/manifest.toml
digits 1000000 1 >t/one
digits 700000 2 >t/two
digits 300000 3 >t/mapped
i=0
while [ $i -lt 40 ]; do
	digits 9000 $((i + 4)) >"t/small$(printf %02d $i)"
	i=$((i + 1))
done
"$epk" pack t -q --map mapped -o old.epk
cp -r t new
digits 200000 99 >>new/two
"$epk" pack new -q --map mapped -o plain.epk
for jobs in 1 2 8; do
	"$epk" pack new --json --map mapped -j $jobs -o b$jobs.epk \
		--base old.epk >json 2>err
	cmp -s plain.epk b$jobs.epk
	ok $? "with --base and $jobs threads the bytes are the same"
done
[ "$(reused json)" -ge 12 ]
ok $? "and many blocks are copied: $(reused json)"
"$epk" pack t --json --map mapped -o same.epk --base old.epk >json
cmp -s old.epk same.epk && ! grep -q '"blocks_reused": 0,' json
ok $? "of the same tree all of them"
"$epk" pack new --map mapped -o said.epk --base old.epk >out
grep -q "copied from old.epk" out
ok $? "which people are told too"
"$epk" pack new -q --map mapped -o old2.epk && cp old.epk old2.epk &&
	"$epk" pack new -q --map mapped -o old2.epk --base old2.epk &&
	cmp -s old2.epk plain.epk
ok $? "the base may be what is replaced"
"$epk" pack new --json --map mapped --block-log2 16 -o other.epk \
	--base old.epk >json
"$epk" pack new -q --map mapped --block-log2 16 -o other2.epk
cmp -s other.epk other2.epk && "$epk" verify -q --deep other.epk
ok $? "blocks of another size do no harm"
"$epk" pack new --json --codec store -o stored.epk --base old.epk >json
[ "$(reused json)" -eq 0 ] && "$epk" verify -q --deep stored.epk
ok $? "where nothing is compressed nothing is copied"

# A base that lies.
cp old.epk bad.epk
data=$(field data_offset bad.epk)
size=$(wc -c <bad.epk)
i=1
while [ $i -lt 8 ]; do
	flip bad.epk $((data + (size - data) * i / 8))
	i=$((i + 1))
done
"$epk" pack new --json --map mapped -o b.epk --base bad.epk >json 2>err
cmp -s b.epk plain.epk && [ ! -s err ]
ok $? "damaged blocks of the base are not used: $(reused json) are"
flip bad.epk 200
refused 2 bad.epk "a base that fails the mount checks is refused" \
	"$epk" pack new -q -o none.epk --base bad.epk
[ ! -e none.epk ]
ok $? "and nothing is written"
refused 5 IO "so is one that is not there" \
	"$epk" pack new -q -o none.epk --base none
"$epk" pack t -q --map mapped --level 1 -o fast.epk
"$epk" pack new -q --map mapped -o b.epk --base fast.epk &&
	"$epk" extract -q b.epk x && diff -r new x
ok $? "blocks of another level are what they were, and decode to the same"
finish
