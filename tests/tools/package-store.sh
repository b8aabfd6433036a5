#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# All verbs on a store that package made.
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/package-support.sh"

make_package demo.one 1.0.0 tool shared
make_package demo.one 1.1.0 tool shared
make_package demo.one 1.9.0
make_package demo.one 1.10.0 tool shared
make_package demo.two 2.0.0 shared only.two
entry=no make_package demo.data 1.0.0

# ---- add and list ----
refused 6 "NOT_FOUND" "a store that --store names must be there" p list
"$package" list >out 2>err
[ $? -eq 0 ] && [ ! -s out ] && [ ! -s err ]
ok $? "one that nobody made is empty"
holds "add makes the store" p add demo.one-1.0.0.epk
has "demo.one@1.0.0" "and the package is in it"
[ "$(ls -A "$store" | tr '\n' ' ')" = "demo.one@1.0.0.epk lock " ]
ok $? "under its name, beside the lock"
cmp -s demo.one-1.0.0.epk "$store/demo.one@1.0.0.epk"
ok $? "byte by byte"
[ "$(ls -l "$store/demo.one@1.0.0.epk" | cut -c1-10)" = -r--r--r-- ]
ok $? "for everybody to read and nobody to write"
p add demo.one-1.0.0.epk >out
[ $? -eq 0 ] && grep -q "there already" out
ok $? "adding it again is fine and changes nothing"
p add --json demo.one-1.0.0.epk | grep -q '"ok":true.*"added":false'
ok $? "which JSON says too"
p add --json demo.two-2.0.0.epk >out
grep -q '^{"command":"add","ok":true,"file":"demo.two-2.0.0.epk","name":"demo.two","version":"2.0.0","package_id":"[0-9a-f]\{64\}",.*"added":true.*}$' out
ok $? "add tells in JSON what it added"
holds "several at once" p add demo.one-1.1.0.epk demo.data-1.0.0.epk
has "demo.data@1.0.0 demo.one@1.0.0 demo.one@1.1.0 demo.two@2.0.0" \
	"list is by name and version"
holds "versions are numbers" p add demo.one-1.9.0.epk demo.one-1.10.0.epk
p list demo.one | awk 'END { exit $2 != "1.10.0" || /older/ }'
ok $? "1.10.0 comes behind 1.9.0 and is what the name means"
[ "$(p list demo.one | grep -c older)" -eq 3 ]
ok $? "the others are marked"
refused 6 "NOT_FOUND" "list NAME wants the name" p list demo.none
[ "$(p list --json demo.one@1.0.0 | grep -c '"current":false')" -eq 1 ]
ok $? "one version can be listed"
p add --quiet - <demo.two-2.0.0.epk && cat demo.two-2.0.0.epk |
	p add --quiet -
ok $? "a package comes from standard input too"

# ---- downgrade ----
make_package demo.one 1.5.0
refused 3 "DOWNGRADE" "an older version is refused" p add demo.one-1.5.0.epk
p add --json demo.one-1.5.0.epk 2>/dev/null |
	grep -q '"ok":false.*"code":"DOWNGRADE".*"exit":3'
ok $? "in JSON with its code"
holds "one that is still there may be added again" p add demo.one-1.1.0.epk
cp demo.two-2.0.0.epk first.epk
body=other make_package demo.two 2.0.0
refused 3 "OTHER_PACKAGE" "so is another package of the same version" \
	p add demo.two-2.0.0.epk
cmp -s first.epk "$store/demo.two@2.0.0.epk"
ok $? "which changes nothing"
holds "--allow-downgrade says it on purpose" \
	p add --allow-downgrade demo.one-1.5.0.epk demo.two-2.0.0.epk
cmp -s demo.two-2.0.0.epk "$store/demo.two@2.0.0.epk"
ok $? "and replaces"
make_package demo.one 1.6.0
refused 3 "DOWNGRADE" "the highest version stays remembered" \
	p add demo.one-1.6.0.epk

# ---- remove ----
refused 6 "AMBIGUOUS" "remove wants a version if there are several" \
	p remove demo.one
grep -q "1.0.0, 1.1.0, 1.5.0, 1.9.0, 1.10.0" .err
ok $? "and tells which"
holds "remove NAME@VERSION" p remove demo.one@1.10.0
holds "remove NAME --all" p remove --all demo.one
has "demo.data@1.0.0 demo.two@2.0.0" "they are gone"
refused 6 "NOT_FOUND" "what is not there cannot be removed" p remove demo.one
refused 3 "DOWNGRADE" "what was removed is remembered" \
	p add demo.one-1.9.0.epk
holds "the very same may come back" p add demo.one-1.10.0.epk
p remove --quiet demo.one
cp demo.one-1.10.0.epk was.epk
body=forged make_package demo.one 1.10.0
refused 3 "OTHER_PACKAGE" "another one of its version may not" \
	p add demo.one-1.10.0.epk
p remove --json demo.two demo.data >out
[ "$(grep -c '"command":"remove","ok":true' out)" -eq 2 ]
ok $? "remove tells in JSON what it removed"
has "" "an empty store is a store"
grep -q '^demo.one 1.10.0 [0-9a-f]\{64\}$' "$store/versions" &&
	[ "$(wc -l <"$store/versions")" -eq 4 ]
ok $? "the memory is lines that can be read"

# ---- which ----
mv was.epk demo.one-1.10.0.epk
cp first.epk demo.two-2.0.0.epk
rm -rf "$store"
p add --quiet demo.one-1.0.0.epk demo.one-1.9.0.epk demo.two-2.0.0.epk
[ "$(p which only.two)" = "demo.two@2.0.0 /bin/tool" ]
ok $? "which names package and program"
p which --json only.two | grep -q '"name":"demo.two","version":"2.0.0","program":"/bin/tool"'
ok $? "in JSON too"
[ "$(p which shared)" = "demo.two@2.0.0 /bin/tool" ]
ok $? "an older version offers nothing"
p add --quiet demo.one-1.10.0.epk
refused 6 "AMBIGUOUS" "a command of two packages is an error" p which shared
grep -q "demo.one@1.10.0, demo.two@2.0.0" .err
ok $? "that lists both"
refused 6 "AMBIGUOUS" "for run as well" p run shared
refused 6 "NOT_FOUND" "a command that nobody offers is not found" p which none
refused 6 "NOT_FOUND" "nor can it be run" p run none

# ---- two stores ----
mkdir -p "$XDG_DATA_HOME/nexus"
cp -r "$store" "$XDG_DATA_HOME/nexus/packages"
[ "$("$package" which only.two)" = "demo.two@2.0.0 /bin/tool" ]
ok $? "without --store the user's is looked into"

# ---- verify, report, inspect ----
[ "$(p verify | grep -c sound)" -eq 4 ]
ok $? "verify checks all there is"
[ "$(p verify demo.one demo.one@1.0.0 ./demo.two-2.0.0.epk | wc -l)" -eq 3 ]
ok $? "or what it is told: names and files"
p verify --json demo.one | grep -q '"command":"verify","ok":true.*"policy":"disabled"'
ok $? "in JSON"
refused 6 "NOT_FOUND" "verify wants the name" p verify demo.none
p inspect demo.one >out
grep -q '^name  *demo.one$' out && grep -q '^version  *1.10.0$' out &&
	grep -q '^commands  *shared: /bin/tool$' out
ok $? "inspect shows the manifest"
p inspect --json demo.two-2.0.0.epk | grep -q '"name":"demo.two".*"package_id"'
ok $? "of a file too, in JSON"
make_package demo.two 2.1.0
p report demo.two-2.1.0.epk >out
[ $? -eq 0 ] && grep -q "highest so far is demo.two@2.0.0" out
ok $? "report tells what add would do"
[ ! -e "$store/demo.two@2.1.0.epk" ]
ok $? "and does not do it"
make_package demo.two 1.0.0
refused 3 "DOWNGRADE" "or would refuse" p report demo.two-1.0.0.epk
kernel_api=0.1 make_package demo.nexus 1.0.0
refused 4 "COMPAT" "report tells that run would refuse" \
	p report demo.nexus-1.0.0.epk
holds "add takes packages for others" p add demo.nexus-1.0.0.epk
refused 4 "COMPAT" "but run does not run them" p run demo.nexus
grep -q "kernel_api 0.1; this is .*, linux-" .err
ok $? "and says what it is for and what is here"
kernel_api=linux-99.0 make_package demo.late 1.0.0
arch=$(uname -m | grep -q x86_64 && echo aarch64 || echo x86-64) \
	make_package demo.arch 1.0.0
p add --quiet demo.late-1.0.0.epk demo.arch-1.0.0.epk
refused 4 "COMPAT" "a newer kernel is wanted" p run demo.late
refused 4 "COMPAT" "another machine is wanted" p run demo.arch
entry=no make_package demo.data 1.0.0
p add --quiet demo.data-1.0.0.epk
refused 6 "no entry" "data cannot be run" p run demo.data

# ---- policy ----
"$epk" keygen alice >/dev/null
make_package demo.signed 1.0.0
refused 3 "SIGPOLICY" "unsigned is refused where signatures are required" \
	p add --key alice.pub demo.signed-1.0.0.epk
[ ! -e "$store/demo.signed@1.0.0.epk" ]
ok $? "and does not come in"
"$epk" sign --quiet --key alice.key demo.signed-1.0.0.epk
p add --key alice.pub demo.signed-1.0.0.epk | grep -q "signed by [0-9a-f]*"
ok $? "signed it is added"
holds "and passes later" p verify --key alice.pub demo.signed
refused 3 "SIGPOLICY" "which others do not" p verify --key alice.pub demo.one
[ "$(p which --key alice.pub tool 2>/dev/null)" = "" ]
ok $? "a package that fails the policy offers no command"
mkdir keys
"$epk" trust add --quiet --trust keys --prefix other alice.pub
refused 3 "SIGPOLICY" "a key may be for other names" \
	p verify --trust keys demo.signed

# ---- damage ----
file=$store/demo.one@1.10.0.epk
size=$(wc -c <"$file")
chmod 644 "$file"
flip "$file" $((size - 1))
refused 2 "BLOCK_DIGEST" "a flipped byte is found" p verify demo.one
p verify >out 2>err
[ $? -eq 2 ] && [ "$(grep -c sound out)" -ge 4 ]
ok $? "the others are verified all the same"
p add demo.one-1.10.0.epk | grep -q "is added"
ok $? "adding it again mends it"
holds "so that it is sound" p verify demo.one
flip demo.two-2.1.0.epk $(($(wc -c <demo.two-2.1.0.epk) - 1))
refused 2 "BLOCK_DIGEST" "add verifies every block" p add demo.two-2.1.0.epk
refused 2 "MAGIC\|SIZE" "and wants a package" p add "$epk" 
[ -z "$(ls -A "$store" | grep '^\.new-')" ]
ok $? "nothing unfinished stays"

# ---- running and others ----
exec 9<"$file"
if command -v flock >/dev/null && flock -s 9; then
	refused 7 "BUSY" "what runs cannot be removed" p remove demo.one@1.10.0
	cp demo.one-1.10.0.epk was.epk
	body=new make_package demo.one 1.10.0
	refused 7 "BUSY" "nor replaced" \
		p add --allow-downgrade demo.one-1.10.0.epk
	mv was.epk demo.one-1.10.0.epk
	exec 9<&-
	holds "when it has ended it can" p remove demo.one@1.10.0
	exec 9>"$store/lock"
	flock 9
	refused 7 "BUSY" "one at a time changes the store" \
		p add demo.one-1.10.0.epk
	refused 7 "BUSY" "removing as well" p remove demo.two
	holds "reading goes on" p list
	(sleep 1; exec flock -u 9) &
	holds "--wait waits" p add --wait 20 demo.one-1.10.0.epk
	wait
	exec 9>&-
else
	exec 9<&-
	skip "what runs cannot be removed" "no flock"
fi

# ---- many at once ----
rm -rf "$store"
for i in 1 2 3 4 5 6; do
	make_package demo.n$i 1.0.0
done
for i in 1 2 3 4 5 6; do
	p add --quiet --wait 60 demo.n$i-1.0.0.epk &
	p add --quiet --wait 60 demo.n1-1.0.0.epk &
done
wait
has "demo.n1@1.0.0 demo.n2@1.0.0 demo.n3@1.0.0 demo.n4@1.0.0 demo.n5@1.0.0 demo.n6@1.0.0" \
	"twelve at once end as if one after the other"
for i in 1 2 3 4 5 6; do
	p add --quiet demo.n$i-1.0.0.epk 2>/dev/null
	echo $? >status.$i &
done
wait
[ -z "$(cat status.* | grep -v '^[07]$')" ]
ok $? "who does not wait succeeds or is told to"
finish
