#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"
HOME=$work/home
XDG_CONFIG_HOME=$work/config
export HOME XDG_CONFIG_HOME
unset EPK_PIN

# id NAME: the key id of NAME.pub.
id()
{
	"$epk" trust add "$1.pub" --prefix x --trust "ids.$1" >/dev/null
	ls "ids.$1" | sed 's/\.trust$//'
}

# ---- keys ----
holds "keygen makes a key" "$epk" keygen alice
[ "$(ls -l alice.key | cut -c1-10)" = -rw------- ]
ok $? "only its owner can read the private part"
grep -q 'BEGIN PRIVATE KEY' alice.key && grep -q 'BEGIN PUBLIC KEY' alice.pub
ok $? "both parts are PEM"
cp alice.key before
refused 5 "alice.key: IO" "keygen replaces nothing" "$epk" keygen alice
cmp -s alice.key before
ok $? "the key that was there stays"
touch carol.pub
refused 5 "carol.pub: IO" "nor a public key" "$epk" keygen carol
[ ! -e carol.key ]
ok $? "and then there is no private one"
rm carol.pub
for name in bob carol dave eve; do
	"$epk" keygen $name >/dev/null
done
alice=$(id alice) bob=$(id bob) carol=$(id carol) dave=$(id dave)
eve=$(id eve)
[ ${#alice} -eq 64 ] && [ "$alice" != "$bob" ]
ok $? "a key id has 64 digits, and two keys have two"

# ---- signatures ----
tree t
"$epk" pack -q t -o plain.epk
cp plain.epk s.epk
package=$(field package_id s.epk)
chmod 640 s.epk
holds "sign puts a signature in" "$epk" sign --key alice.key s.epk
[ "$(field signature_keys s.epk)" = "$alice" ]
ok $? "info shows whose"
[ "$(field package_id s.epk)" = "$package" ]
ok $? "the package id stays"
[ "$(ls -l s.epk | cut -c1-10)" = -rw-r----- ]
ok $? "so do the permissions"
cmp -l s.epk plain.epk | awk '$1 <= 256 || $1 > 4096 { bad = 1 } END { exit bad }'
ok $? "nothing but the signature area changes"
cp s.epk once.epk
inode=$(ls -i s.epk | awk '{ print $1 }')
"$epk" sign -q -k alice.key s.epk
cmp -s s.epk once.epk && [ "$(ls -i s.epk | awk '{ print $1 }')" = "$inode" ]
ok $? "to sign again changes nothing and writes nothing"
"$epk" sign -q -k bob.key -k carol.key s.epk
[ "$("$epk" info s.epk | awk '$1 == "signature_keys" { print $2 }')" = \
	"$(printf '%s\n' "$alice" "$bob" "$carol" | LC_ALL=C sort)" ]
ok $? "several keys sign; they ascend"
holds "and verify --deep accepts the image" "$epk" verify --deep s.epk
"$epk" sign -q --remove "$bob" s.epk
"$epk" sign -q --remove "$(echo "$carol" | cut -c1-12)" s.epk
cmp -s s.epk once.epk
ok $? "remove takes signatures out, by the beginning of a key id too"
refused 6 "no signature of key $bob" "what is not there cannot be removed" \
	"$epk" sign --remove "$bob" s.epk
refused 1 "no key id" "seven digits are no key id" \
	"$epk" sign --remove "$(echo "$alice" | cut -c1-7)" s.epk
"$epk" sign -q --remove all s.epk
cmp -s s.epk plain.epk
ok $? "without signatures the image is as it was packed"

"$epk" sign -q -k alice.key -k bob.key plain.epk --detached a.sig
cp plain.epk d.epk
"$epk" sign -q -k carol.key plain.epk --detached b.sig
cmp -s plain.epk d.epk
ok $? "--detached leaves the image alone"
holds "--attach puts in what it wrote" \
	"$epk" sign --attach a.sig --attach b.sig d.epk
"$epk" sign -q -k alice.key -k bob.key -k carol.key s.epk
cmp -s d.epk s.epk
ok $? "and the image is the same as if signed directly"
head -c 150 a.sig >half.sig
cat a.sig b.sig >both.sig
printf '\0' | cat b.sig - >zero.sig
for bad in half both zero; do
	refused 2 SIGAREA "$bad.sig is no file of signatures" \
		"$epk" sign --attach $bad.sig d.epk
done
echo more >>t/data/one
echo more >>t/data/two
"$epk" pack -q t -o other.epk
refused 3 "it is for package $package" "signatures of another package are" \
	"$epk" sign --attach a.sig other.epk
refused 1 "say what to do" "sign wants to know what to do" "$epk" sign s.epk
refused 1 "detached goes with" "--detached wants a key" \
	"$epk" sign --detached x.sig s.epk
refused 1 "alice.pub: KEY" "a public key cannot sign" \
	"$epk" sign -k alice.pub s.epk
refused 1 "pkcs11:token=none: KEY" "nor can a token that is not there" \
	"$epk" sign -k pkcs11:token=none s.epk
refused 5 "nobody.key: IO" "nor a key that is not there" \
	"$epk" sign -k nobody.key s.epk
head -c 5000 plain.epk >short.epk
refused 2 "stage 8, SIZE" "what is no image is not signed" \
	"$epk" sign -k alice.key short.epk
cp plain.epk full.epk
for n in 1 2 3 4 5 6 7 8 9; do "$epk" keygen n$n >/dev/null; done
"$epk" sign -q -k n1.key -k n2.key -k n3.key -k n4.key -k n5.key \
	-k n6.key -k n7.key -k n8.key full.epk
cp full.epk before
refused 2 "LIMIT" "a ninth signature is refused" \
	"$epk" sign -k n9.key full.epk
cmp -s full.epk before
ok $? "and the image stays as it was"
cp plain.epk before
(
	ulimit -f 8
	trap '' XFSZ
	"$epk" sign -k alice.key plain.epk 2>err
)
[ $? -eq 5 ] && grep -q 'plain.epk: IO' err && cmp -s plain.epk before
ok $? "a write that fails in the middle leaves the old image"
if command -v python3 >/dev/null 2>&1; then
	refused 7 "plain.epk: BUSY" "two do not sign one image at once" \
		python3 -c 'import fcntl, subprocess, sys
image = open("plain.epk", "r+b")
fcntl.lockf(image, fcntl.LOCK_EX)
sys.exit(subprocess.call(sys.argv[1:]))' "$epk" sign -k alice.key plain.epk
else
	skip "two do not sign one image at once" "no python3"
fi
[ -z "$(find . -maxdepth 1 -name '.*epk*')" ]
ok $? "no temporary file is left"
if command -v openssl >/dev/null 2>&1 &&
	openssl genpkey -algorithm ed25519 -out o.key 2>/dev/null; then
	holds "a key of another program signs" "$epk" sign -k o.key d.epk
	openssl pkcs8 -topk8 -in o.key -out e.key -v2 aes-256-cbc \
		-passout pass:sesame 2>err
	"$epk" sign -q --remove all d.epk
	EPK_PIN=sesame "$epk" sign -q -k e.key d.epk
	[ $? -eq 0 ] && [ -n "$(field signature_keys d.epk)" ]
	ok $? "so does an encrypted one, with its password"
	EPK_PIN=wrong
	export EPK_PIN
	refused 1 "e.key: SECRET" "and not with another" \
		"$epk" sign -k e.key d.epk
	unset EPK_PIN
else
	skip "a key of another program signs" "no openssl"
fi

# ---- policy ----
# state NAME KEY...: NAME.epk signed by these.
state()
{
	cp plain.epk "$1.epk"
	name=$1
	shift
	for key in "$@"; do
		"$epk" sign -q -k "$key.key" "$name.epk"
	done
}
trust="--trust store"
"$epk" trust add -q alice.pub --prefix demo --prefix other $trust
"$epk" trust add -q bob.pub --prefix '*' --not-after 2200-01-01 $trust
"$epk" trust add -q carol.pub --prefix '*' $trust
"$epk" trust revoke -q "$carol" $trust
"$epk" trust add -q dave.pub --prefix '*' --not-after 2020-12-31 $trust
state unsigned
state good alice
state two alice bob
state stranger eve
state revoked carol
state expired dave
state mixed alice eve carol dave
# The last byte but one of S of the first slot; the first slot is alice's.
state bad alice
flip bad.epk $((272 + 40 + 40))

# decides EXIT NAME OPTIONS: what verify says.
decides()
{
	wanted=$1 name=$2
	shift 2
	"$epk" verify "$name.epk" "$@" >out 2>err
	status=$?
	[ $status -eq "$wanted" ]
	ok $? "$name with $*: exit $wanted"
	[ $status -eq "$wanted" ] || sed 's/^/# /' err
}
for name in unsigned good two stranger revoked expired mixed bad; do
	decides 0 $name --policy disabled
	[ $name = bad ] && wanted=3 || wanted=0
	decides $wanted $name --policy optional $trust
	case $name in good|two|mixed) wanted=0 ;; *) wanted=3 ;; esac
	decides $wanted $name --policy required $trust
	decides $wanted $name $trust
	[ $name = two ] && wanted=0 || wanted=3
	decides $wanted $name --threshold 2 $trust
	decides 3 $name --threshold 3 $trust
done

refused 3 "stage 11, SIGPOLICY.*no signature.*epk sign" \
	"an image without a signature says so" "$epk" verify unsigned.epk $trust
refused 3 "key $eve is not trusted.*trust add.*looked in store" \
	"an unknown key is named, and where it was looked for" \
	"$epk" verify stranger.epk $trust
refused 3 "key $carol is revoked" "so is a revoked one" \
	"$epk" verify revoked.epk $trust
refused 3 "key $dave has expired.*--not-after" "so is an expired one" \
	"$epk" verify expired.epk $trust
refused 3 "key $alice made no good signature" "so is a bad signature" \
	"$epk" verify bad.epk $trust
"$epk" trust add -q eve.pub --prefix demo.tool $trust
refused 3 "stage 17, SIGPOLICY.*key $eve may not sign this name" \
	"a key that may not sign this name is told apart" \
	"$epk" verify stranger.epk $trust
"$epk" trust add -q eve.pub --prefix demo.tools $trust
decides 0 stranger $trust
"$epk" verify two.epk $trust | grep -q "signed by .*$alice" &&
	"$epk" verify two.epk $trust | grep -q "$bob"
ok $? "verify says who signed"
"$epk" verify two.epk | grep -q 'signatures not checked'
ok $? "and that it did not look, when it did not"
decides 0 good --key alice.pub
decides 3 good --key bob.pub
refused 1 "alice.key: KEY" "a private key is no trust" \
	"$epk" verify good.epk --key alice.key
refused 1 "disabled" "disabled and a trust store do not go together" \
	"$epk" verify good.epk --policy disabled $trust
refused 1 "threshold" "nor optional and a threshold" \
	"$epk" verify good.epk --policy optional --threshold 1
refused 1 "is not" "a threshold of 9 is refused" \
	"$epk" verify good.epk --threshold 9
refused 1 "is not" "so is another policy" "$epk" verify good.epk --policy maybe
for command in "list stranger.epk" "cat stranger.epk data/one" "info bad.epk" \
	"extract bad.epk out.d"; do
	refused 3 SIGPOLICY "$command obeys the policy too" \
		"$epk" $command --key bob.pub --policy required
done
[ ! -e out.d ]
ok $? "nothing was extracted"

# ---- trust stores ----
"$epk" trust list $trust >list
[ "$(grep -c '^[0-9a-f]\{64\}  ' list)" -eq 5 ] &&
	grep -q "^$carol  revoked" list && grep -q "^$dave  expired" list &&
	grep -q "^$alice  good" list && grep -q 'not after  2200-01-01T23:59:59Z' list
ok $? "trust list shows every entry, its state and its end"
refused 1 "needs --prefix" "trust add wants to know for which names" \
	"$epk" trust add alice.pub $trust
refused 1 "is no name" "and takes names only" \
	"$epk" trust add alice.pub --prefix Demo $trust
refused 1 "is not TIME" "and a day that exists" \
	"$epk" trust add alice.pub --prefix a --not-after 2030-02-29 $trust
refused 3 "this key is revoked" "a revoked key is not added again" \
	"$epk" trust add carol.pub --prefix a $trust
refused 6 "no such key in store" "an unknown key id is not found" \
	"$epk" trust revoke 0123456789abcdef $trust
refused 1 "no key id" "what is no key id is refused" \
	"$epk" trust remove alice $trust
refused 6 "nowhere: NOT_FOUND" "a trust store that is not there is told" \
	"$epk" verify good.epk --trust nowhere
cp alice.pub store/alice.pem
refused 3 "store/alice.pem: TRUST.*nothing is trusted" \
	"a file that is no entry closes the store" "$epk" verify good.epk $trust
rm store/alice.pem
sed 's/^prefix demo$/prefix demo /' "store/$alice.trust" >x
cp "store/$alice.trust" y
cp x "store/$alice.trust"
refused 3 "$alice.trust: TRUST.*line 3" "so does a malformed one, by its line" \
	"$epk" verify good.epk $trust
cp y "store/$alice.trust"
holds "trust remove forgets a key" "$epk" trust remove "$carol" $trust
"$epk" trust list $trust | grep -q "$carol"
[ $? -ne 0 ]
ok $? "it is gone"
mkdir second
holds "a key of one store is revoked in another" \
	"$epk" trust revoke "$alice" --trust second --trust store
refused 3 "key $alice is revoked" "a revocation in any of them counts" \
	"$epk" verify good.epk --trust store --trust second
decides 0 good --trust store
refused 6 "another trust store" "a key of another store is not removed" \
	"$epk" trust remove "$bob" --trust second --trust store
# The user's own; root's are the system's, which a test leaves alone.
mkdir -p config/epk
cp -R store config/epk/trust
decides 0 good --policy required
rm -r config/epk/trust
refused 3 "$work/config/epk/trust" \
	"without a store the places it looked at are told" \
	"$epk" verify good.epk --policy required

if command -v python3 >/dev/null 2>&1; then
	{
		"$epk" keygen --json z
		"$epk" sign --json -k z.key plain.epk --detached z.sig
		"$epk" sign --json --attach z.sig plain.epk
		"$epk" trust add --json z.pub --prefix '*' $trust
		"$epk" trust list --json $trust
		"$epk" verify --json plain.epk $trust
		"$epk" verify --json unsigned.epk $trust 2>err
	} >json
	python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert rows[-1]["code"] == "SIGPOLICY" and rows[-1]["exit"] == 3
assert rows[-1]["stage"] == "11"
assert rows[-2]["policy"] == "required"
assert rows[-2]["verified_keys"] == [rows[0]["key_id"]]' <json
	ok $? "JSON says the same to programs"
else
	skip "JSON says the same to programs" "no python3"
fi
finish
