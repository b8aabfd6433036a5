#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same package with other signatures: which file a store keeps.
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/package-support.sh"
make_package demo.one 1.0.0 tool
for name in alice bob; do
	"$epk" keygen $name >/dev/null
	cp demo.one-1.0.0.epk $name.epk
	"$epk" sign --quiet --key $name.key $name.epk
done
cp alice.epk both.epk
"$epk" sign --quiet --key bob.key both.epk
one=$store/demo.one@1.0.0.epk

[ "$(p report demo.one-1.0.0.epk | sed -n 's/^store *//p')" = \
	"add would put it in; the name is new there" ] && [ ! -e "$store" ]
ok $? "report asks a store that add would make, and makes none"
p add --quiet demo.one-1.0.0.epk
refused 3 SIGPOLICY "what came in unsigned does not meet a policy" \
	p run --key alice.pub demo.one
[ "$(p report --key alice.pub alice.epk | sed -n 's/^store *//p')" = \
	"add would put it in place of one that lacks its signatures" ]
ok $? "report tells of the one that does"
holds "it is added" p add --key alice.pub alice.epk
grep -q 'has its signatures now; signed by' .out
ok $? "which is told"
cmp -s "$one" alice.epk
ok $? "and takes the place of the unsigned"
holds "so that it can be used with the policy" p list --key alice.pub
p add --json alice.epk | grep -q '"added":false'
ok $? "a second time nothing happens"

p add --quiet demo.one-1.0.0.epk && cmp -s "$one" alice.epk
ok $? "signatures are not given up for none"
p add --quiet bob.epk && cmp -s "$one" alice.epk
ok $? "nor for others, without a policy"
p add --quiet --key bob.pub bob.epk && cmp -s "$one" bob.epk
ok $? "but for those that the policy asks for"
p add --quiet both.epk && cmp -s "$one" both.epk
ok $? "more signatures come in without a policy"
p add --quiet --key alice.pub alice.epk && cmp -s "$one" both.epk
ok $? "and stay when some of them are enough"
holds "a threshold of two is met" \
	p list --key alice.pub --key bob.pub --threshold 2

# ---- a key that is revoked between add and the next use ----
alice=$("$epk" info --json alice.epk |
	sed -n 's/.*"signature_keys":\["\([0-9a-f]*\).*/\1/p')
"$epk" trust add --quiet alice.pub --prefix demo --trust trust
holds "a trusted key is as good" p list --trust trust
"$epk" trust revoke --quiet "$alice" --trust trust
refused 3 "is revoked" "a revoked key is found at every use" \
	p list --trust trust
p run --trust trust demo.one >/dev/null 2>&1
[ $? -eq 3 ]
ok $? "run does not start what it signed"

# ---- names of files are shown, not obeyed ----
odd=$(printf 'a\033[31m.epk')
cp alice.epk "$odd"
p add "$odd" >out && ! grep -q "$(printf '\033')" out
ok $? "add shows the name of a file without what a terminal obeys"
p verify "$odd" >out && ! grep -q "$(printf '\033')" out
ok $? "and so does verify"
"$epk" verify "$odd" >out && ! grep -q "$(printf '\033')" out
ok $? "and epk verify"
"$epk" sign --key bob.key "$odd" >out && ! grep -q "$(printf '\033')" out
ok $? "and epk sign"
finish
