#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Parts of a tree: --include, --exclude, --strip.
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
"$epk" pack t -q -o t.epk --alias data/run=bin
# holds_exactly SENTENCE NAMES: what is in x now.
holds_exactly()
{
	(cd x && find . -mindepth 1 | sed 's,^\./,,' | LC_ALL=C sort) >got
	printf '%s\n' $2 | sed '/^$/d' | LC_ALL=C sort >wanted
	cmp -s got wanted
	ok $? "$1"
	cmp -s got wanted || diff got wanted | sed 's/^/# /'
	rm -rf x
}
"$epk" extract -q t.epk x --include data/deep
holds_exactly "--include of a folder brings all of it and what is above" \
	"data data/deep data/deep/copy"
"$epk" extract -q t.epk x --include '*o*' --exclude 'data/*'
holds_exactly "--exclude takes out of that" "bin bin/tool hollow manifest.toml"
"$epk" extract -q t.epk x --exclude data --exclude bin --exclude '*.toml'
holds_exactly "--exclude alone leaves the rest" "hollow empty dangling"
"$epk" extract -q t.epk x --include none
holds_exactly "what matches nothing makes nothing" ""
"$epk" extract t.epk x --include data/one | grep -q '^x: 1 files, 5 bytes'
ok $? "the summary counts what was copied"
cmp -s x/data/one t/data/one
ok $? "and it is right"
rm -rf x

"$epk" extract -q t.epk x --strip 1 --exclude bin/link
holds_exactly "--strip takes a folder off each path" \
	"tool one two large page deep deep/copy run"
"$epk" extract -q t.epk x --strip 1 --exclude bin/link
[ "$(readlink x/run)" = . ]
ok $? "an alias of a folder that is gone leads to the top"
cmp -s x/deep/copy t/data/deep/copy
ok $? "files are whole"
rm -rf x
refused 2 "LINK" "a link that would lead out then is refused" \
	"$epk" extract -q t.epk x --strip 1
[ ! -L x/link ]
ok $? "and not made"
rm -rf x
"$epk" extract -q t.epk x --strip 2
holds_exactly "two folders off" "copy"
"$epk" extract -q t.epk x --strip 9
holds_exactly "more than there are leave nothing" ""

mkdir -p u/a/s u/b/s
echo 1 >u/a/s/one
echo 2 >u/b/s/two
manifest >u/manifest.toml
"$epk" pack u -q -o u.epk
"$epk" extract -q u.epk x --strip 1
holds_exactly "folders that become one are one" "s s/one s/two"
echo 3 >u/b/s/one
"$epk" pack u -q -o u.epk
refused 5 "File exists" "files are not" "$epk" extract -q u.epk x --strip 1
refused 1 "is not N" "a strip is a number" "$epk" extract t.epk y --strip x
finish
