#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
"$epk" pack t -q -o t.epk --alias run=bin --map exec --epoch 1000
"$epk" repack t.epk -q -o same.epk
cmp -s t.epk same.epk
ok $? "repacked without options it is the same image"

# repacked SENTENCE OPTION...: to x.epk, equal in content.
repacked()
{
	sentence=$1
	shift
	"$epk" repack t.epk -q -o x.epk "$@" &&
		"$epk" verify -q --deep x.epk &&
		[ "$(field content_id x.epk)" = "$(field content_id t.epk)" ]
	ok $? "$sentence"
}
repacked "stored, the content is the same" --codec store --meta-codec store
[ "$(field compressed_blocks x.epk)" -eq 0 ]
ok $? "and stored"
repacked "so is it in small blocks" --block-log2 12
[ "$(field block_log2 x.epk)" -eq 12 ] && [ "$(field build_epoch x.epk)" -eq 1000 ]
ok $? "the time stays"
repacked "with another choice of mapped files" --map 'data/large'
"$epk" list -l x.epk | grep -q ' m .* data/large$' &&
	! "$epk" list -l x.epk | grep -q ' m .* bin/tool$'
ok $? "only those are mapped then"
repacked "with another encoder" --encoder zlib --level 1
"$epk" repack x.epk -q -o y.epk --level 6 --encoder zlib
"$epk" repack t.epk -q -o z.epk --level 6 --encoder zlib
cmp -s y.epk z.epk
ok $? "the way to an image does not show in it"
"$epk" keygen k >/dev/null 2>&1 && "$epk" sign -q -k k.key t.epk
"$epk" repack t.epk -o x.epk | grep -q 'sign it again$'
ok $? "that signatures are gone is said"
[ "$("$epk" info x.epk | grep -c '^signature_keys')" -eq 0 ]
ok $? "and true"

"$epk" pack t -q -o s.epk --codec store
cp s.epk bad.epk
flip bad.epk $(($(field data_offset s.epk) + 10))
refused 2 "BLOCK_DIGEST" "a damaged block is refused" \
	"$epk" repack bad.epk -o none.epk
[ ! -e none.epk ] && [ -z "$(ls -A | grep '^\.none')" ]
ok $? "and nothing is left of the attempt"
before=$(field content_id s.epk)
"$epk" repack s.epk -q -o s.epk && [ "$(field content_id s.epk)" = "$before" ]
ok $? "an image can take its own place"
refused 1 "name the image" "repack wants --output" "$epk" repack t.epk
finish
