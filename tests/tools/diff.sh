#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree a
"$epk" pack a -q -o a.epk --alias run=bin
cp -a a b
"$epk" pack b -q -o same.epk --alias run=bin --codec store --block-log2 14
"$epk" diff a.epk same.epk >out
ok $? "two ways to store one tree can be compared"
[ "$(wc -l <out)" -eq 1 ] && grep -q '^0 added, 0 removed, 0 changed;' out
ok $? "and do not differ"
"$epk" diff a.epk a.epk | grep -q 'fetches 0 of '
ok $? "from an image to itself nothing is fetched"

printf 'more\n' >>b/data/one
rm -r b/data/deep
mkdir -p b/new/inner
printf 'x' >b/new/inner/file
chmod 644 b/bin/tool
ln -sf elsewhere b/dangling
rm b/empty
mkdir b/empty
manifest >b/manifest.toml
"$epk" pack b -q -o b.epk --alias run=data
"$epk" diff a.epk b.epk >out
ok $? "differences are no failure"
sed '$d' out | LC_ALL=C sort >got
LC_ALL=C sort >wanted <<'END'
- data/deep
- data/deep/copy
- empty
+ empty
+ new
+ new/inner
+ new/inner/file
~ bin/tool  exec
~ dangling  target
~ data/one  content
~ manifest.toml  manifest
~ run  folder
END
cmp -s got wanted
ok $? "each is told, and of a changed name in what"
cmp -s got wanted || diff got wanted | sed 's/^/# /'
grep -q '^4 added, 3 removed, 5 changed;' out
ok $? "and counted"

# data/large has its own blocks, which both images have.
fetched=$("$epk" diff --json a.epk b.epk | sed -n 's/.*"fetch_bytes":\([0-9]*\).*/\1/p')
[ "$fetched" -gt 4096 ] && [ "$fetched" -lt "$(wc -c <b.epk)" ]
ok $? "an update fetches less than all"
"$epk" diff --json a.epk b.epk | grep -q '{"change":"added","path":"new/inner","what":""}'
ok $? "JSON has a line for each"
"$epk" diff -q a.epk b.epk | wc -l | grep -qx 1
ok $? "--quiet leaves the sum"
flip b.epk 100
refused 2 "HEADER_CRC" "a damaged image is refused" "$epk" diff a.epk b.epk
refused 1 "takes OLD NEW" "two images are compared" "$epk" diff a.epk

manifest >good.toml
holds "check-manifest accepts a sound manifest" "$epk" check-manifest good.toml
sed 's/^version.*/version = "1"/' good.toml >bad.toml
refused 2 "MANIFEST.*line 2" "and says where another is wrong" \
	"$epk" check-manifest bad.toml
"$epk" check-manifest --json good.toml bad.toml 2>err | wc -l | grep -qx 2
ok $? "each file is judged"
finish
