#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Signing with a key that never leaves its token: SoftHSM in a folder of this
# test, through GnuTLS and p11-kit as with any other token.
#   SOFTHSM_MODULE  where the library is, if not where Debian has it
. "${top_srcdir:?}/tests/tools/support.sh"

skip_token()
{
	echo "1..0 # SKIP $1"
	exit 0
}
for tool in softhsm2-util pkcs11-tool; do
	command -v $tool >/dev/null || skip_token "no $tool"
done
module=${SOFTHSM_MODULE:-}
for file in /usr/lib/softhsm/libsofthsm2.so /usr/lib*/softhsm/libsofthsm2.so \
	/usr/lib*/pkcs11/libsofthsm2.so; do
	[ -n "$module" ] || [ ! -e "$file" ] || module=$file
done
[ -n "$module" ] || skip_token "no libsofthsm2.so where it is looked for"

mkdir tokens
SOFTHSM2_CONF=$work/softhsm2.conf
HOME=$work/home
# What the module leaves behind at exit is not ours to look for.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export SOFTHSM2_CONF HOME ASAN_OPTIONS
unset EPK_PIN
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = %s\n' \
	"$work/tokens" ERROR >softhsm2.conf
softhsm2-util --init-token --free --label nexus --so-pin 12345678 \
	--pin 4711 >out 2>&1 || skip_token "softhsm2-util makes no token"
token="timeout 60 pkcs11-tool --module $module --token-label nexus
	--login --pin 4711"
# shellcheck disable=SC2086 # a command and its words
$token --keypairgen --key-type EC:edwards25519 --label release --id 01 \
	>out 2>&1 || skip_token "this SoftHSM or OpenSC has no Ed25519"
# shellcheck disable=SC2086
$token --keypairgen --key-type EC:prime256v1 --label other --id 02 >out 2>&1
# p11-kit finds the module by the system's own description of it.
key='pkcs11:token=nexus;object=release;type=private'

tree t
"$epk" pack -q t -o plain.epk
cp plain.epk s.epk
EPK_PIN=4711
export EPK_PIN
"$epk" sign -q -k "$key" s.epk 2>err
if [ $? -ne 0 ] && grep -q "not available" err; then
	skip_token "p11-kit does not know SoftHSM"
fi
sed 's,^,# ,' err
id=$(field signature_keys s.epk)
[ ${#id} -eq 64 ]
ok $? "a key in a token signs"

# shellcheck disable=SC2086
$token --read-object --type pubkey --id 01 -o key.pub >out 2>&1
holds "its public key, as other programs read it, can be trusted" \
	"$epk" trust add key.pub --prefix demo --trust store
[ -e "store/$id.trust" ]
ok $? "and is the key that signed"
holds "the signature holds where it is required" \
	"$epk" verify -q --policy required --trust store s.epk
refused 3 SIGPOLICY "which a package without one does not" \
	"$epk" verify -q --policy required --trust store plain.epk
cp s.epk h.epk
flip h.epk 330
refused 3 SIGPOLICY "nor does one with a bit of it changed" \
	"$epk" verify -q --policy required --trust store h.epk

cp s.epk once.epk
"$epk" sign -q -k "$key" s.epk
cmp -s s.epk once.epk
ok $? "a token signs the same way again"
"$epk" keygen alice >/dev/null
cp plain.epk both.epk
holds "a token and a file sign together" \
	"$epk" sign -q -k "$key" -k alice.key both.epk
[ "$(field signature_keys both.epk | tr ' ' '\n' | grep -c "$id")" -eq 1 ]
ok $? "with both keys"
"$epk" trust add alice.pub --prefix demo --trust store >/dev/null
holds "two are enough for a threshold of two" \
	"$epk" verify -q --policy required --threshold 2 --trust store both.epk
holds "a token signs into a file of its own" \
	"$epk" sign -q -k "$key" --detached s.sig plain.epk
cp plain.epk a.epk
"$epk" sign -q --attach s.sig a.epk
cmp -s a.epk s.epk
ok $? "that can be attached later"

cp plain.epk p.epk
unset EPK_PIN
holds "the PIN may be in the URI" \
	"$epk" sign -q -k "$key?pin-value=4711" p.epk
cmp -s p.epk s.epk
ok $? "with the same result"
cp plain.epk p.epk
refused 1 SECRET "without a PIN nothing is signed" \
	"$epk" sign -k "$key" p.epk
EPK_PIN=1
export EPK_PIN
for n in 1 2 3 4 5; do
	refused 1 SECRET "nor with a wrong one, time $n" \
		"$epk" sign -k "$key" p.epk
done
EPK_PIN=4711
cmp -s p.epk plain.epk
ok $? "and the image is as it was"
holds "wrong ones have not locked the token" "$epk" sign -q -k "$key" p.epk
refused 1 "none.*KEY" "a key that is not there is told" \
	"$epk" sign -k 'pkcs11:token=nexus;object=none;type=private' p.epk
refused 1 "other.*KEY" "a key of another kind is refused" \
	"$epk" sign -k 'pkcs11:token=nexus;object=other;type=private' p.epk
refused 1 "KEY" "so is half a URI" "$epk" sign -k 'pkcs11:%' p.epk
finish
