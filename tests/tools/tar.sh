#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"
make_tar="python3 $top_srcdir/tests/tools/make_tar.py"
$make_tar >hostile || {
	echo "1..0 # SKIP no python3"
	exit 0
}
if "$epk" import hostile -o x.epk 2>&1 | grep -q UNSUPPORTED; then
	for command in import convert; do
		refused 5 "built with libarchive" "$command says what it lacks" \
			"$epk" $command hostile -o x.epk
	done
	refused 5 "built with libarchive" "export says what it lacks" \
		"$epk" export hostile
	finish
fi

# There and back.
tree t
ln t/data/large t/data/again
seq 9000 >t/data/numbers
mkdir "t/$(printf '%0200d' 1)"
echo é >"t/$(printf '%0200d' 1)/$(printf '%0240d' 1)é"
"$epk" pack t -q -o t.epk --alias data/alias=bin --alias root= --epoch 99
holds "an image is exported" "$epk" export t.epk -o t.tar
holds "and imported" "$epk" import t.tar -o back.epk --epoch 99
cmp -s t.epk back.epk
ok $? "import of export is the same image, aliases and all"
"$epk" export back.epk >back.tar 2>err
cmp -s t.tar back.tar && [ ! -s err ]
ok $? "export of import is the same archive, also to standard output"
(
	umask 077
	cd / && LC_ALL=C TZ=Asia/Tokyo "$epk" export "$work/t.epk"
) >other.tar
(LC_ALL=C.UTF-8 "$epk" export - <t.epk) >third.tar
cmp -s t.tar other.tar && cmp -s t.tar third.tar
ok $? "it depends on no locale, umask, zone, folder or name"
mkdir g1
printf '#!init\n' >g1/init
chmod 755 g1/init
manifest /init >g1/manifest.toml
"$epk" pack g1 -q -o g1.epk
[ "$("$epk" export g1.epk | sha256sum)" = "c45e91d7317a53d3e6d3cb29e2ab04549b80f00b2a345179ba41e6e9933fe561  -" ]
ok $? "a small one comes out byte for byte"
mkdir out
holds "tar extracts it" tar -C out -xf t.tar
rm out/root out/data/alias
diff -r --no-dereference t out >/dev/null 2>&1
ok $? "and has what was packed"
cat >check.py <<'END'
import sys, tarfile
names = []
for e in tarfile.open(sys.argv[1]):
    names.append(e.name)
    assert (e.uid, e.gid, e.uname, e.gname, e.mtime) == (0, 0, '', '', 99), e
    assert e.mode == {b'5': 0o755, b'2': 0o777}.get(
        e.type, 0o755 if e.name == 'bin/tool' else 0o644), e
assert names[0] == 'manifest.toml'
keys = [name.encode().split(b'/') for name in names[1:]]
assert keys == sorted(keys), names
END
holds "owners, modes and times are fixed, names ascend" python3 check.py t.tar
if command -v bsdtar >/dev/null; then
	[ "$(LC_ALL=C.UTF-8 bsdtar tf t.tar | wc -l)" -eq \
		"$(tar tf t.tar | wc -l)" ]
	ok $? "bsdtar lists it"
else
	skip "bsdtar lists it" "no bsdtar"
fi
tar -C t --sort=none --owner=5 --mtime=@7 -czf t.tgz .
rm -r out
holds "what tar wrote is imported, gzip and all" \
	"$epk" import - -o tgz.epk -q <t.tgz
"$epk" pack t -q -o plain.epk
cmp -s plain.epk tgz.epk
ok $? "and is the image that pack makes"
tar -C t --format=posix -cf posix.tar .
tar -C t --format=gnu -cf gnu.tar .
"$epk" import posix.tar -q -o posix.epk && cmp -s plain.epk posix.epk &&
	"$epk" import gnu.tar -q -o gnu.epk -j1 && cmp -s plain.epk gnu.epk
ok $? "pax and GNU dialects are the same"
"$epk" import t.tgz -o - >piped.epk 2>err && cmp -s plain.epk piped.epk &&
	[ ! -s err ]
ok $? "an image goes to standard output, and nothing else does"
"$epk" pack t -o - | cmp -s - plain.epk
ok $? "also from pack"
"$epk" repack plain.epk --codec store -o - | "$epk" verify --deep - >/dev/null
ok $? "also from repack, into a pipe"
[ ! -e - ] && [ ! -e ./- ]
ok $? "no file is named -"
refused 1 "name a file" "but not together with --json" \
	"$epk" pack t -o - --json
refused 1 "name a file" "nor does an archive" "$epk" export t.epk --json
"$epk" pack t -q -o - >/dev/full 2>err
[ $? -eq 5 ] && grep -q 'standard output: IO' err
ok $? "an output that is full is an error"
"$epk" export t.epk >/dev/full 2>err
[ $? -eq 5 ] && grep -q 'standard output: IO' err
ok $? "for an archive too"

cp t.epk bad.epk
flip bad.epk $(($(stat -c %s bad.epk) - 2000))
"$epk" export bad.epk >bad.tar 2>err
[ $? -eq 2 ] && grep -q BLOCK_DIGEST err && ! tar tf bad.tar >/dev/null 2>&1
ok $? "a bad block leaves an archive that no reader takes for whole"
refused 2 BLOCK_DIGEST "or none" "$epk" export bad.epk -o bad2.tar
[ ! -e bad2.tar ]
ok $? "in the place of a file"

# The archive's manifest, or another.
sed 's/demo.tools/demo.other/' t/manifest.toml >other.toml
sed -i '/^entry/d' other.toml
$make_tar no-manifest >bare.tar
refused 2 "give one with --manifest" "without a manifest there is no image" \
	"$epk" import bare.tar -o x.epk
holds "which may be given" "$epk" import bare.tar -m other.toml \
	-o bare.epk -q --json
refused 2 "leave --manifest out" "but not beside another in the archive" \
	"$epk" import t.tar -m other.toml -o x.epk
$make_tar hard-manifest >x.tar
"$epk" import x.tar -q -o x.epk && "$epk" cat x.epk copy >copy &&
	"$epk" cat x.epk manifest.toml | cmp -s - copy
ok $? "a hard link to the manifest is a file"

# What is taken.
$make_tar dialects >x.tar
"$epk" import x.tar -q -o x.epk && "$epk" list -l x.epk >list
awk '{ print $1, $3, substr($4, 1, 7) }' list | LC_ALL=C sort >has
LC_ALL=C sort >wants <<'END'
-r--r--r-- 1 Case
-r--r--r-- 1 case
dr-xr-xr-x 0 d
dr-xr-xr-x 0 deep
-r--r--r-- 3 ggggggg
-r-xr-xr-x 2 hard
-r--r--r-- 300000 holes
lrwxrwxrwx 121 l
-r--r--r-- 2 old
-r-xr-xr-x 2 d/run
dr-xr-xr-x 0 deep/er
-r--r--r-- 7 deep/er
END
sed -i '/^.r-.r-.r-. [0-9]* [^A-Za-z]/d' has
cmp -s has wants
ok $? "dialects, long names, hard links, folders that nobody named"
"$epk" cat x.epk holes >holes
{
	head -c 4096 /dev/zero
	head -c 512 /dev/zero | tr '\0' x
	head -c 195392 /dev/zero
	head -c 512 /dev/zero | tr '\0' y
	head -c 99488 /dev/zero
} | cmp -s - holes
ok $? "a sparse file has its holes"
"$epk" cat x.epk "$(awk '/deep.er.est/ { print $NF }' list)" | grep -q implied
ok $? "and contents are those of their names"
$make_tar two-archives >x.tar
"$epk" import x.tar -q -o x.epk && [ "$("$epk" list x.epk | tr '\n' ' ')" = "a b " ]
ok $? "what stands behind an end mark is not dropped"
$make_tar gzip-members >x.tgz
holds "gzip may have members" "$epk" import x.tgz -q -o x.epk
truncate -s 70G hole
cp t/manifest.toml .
sed -i '/^entry/d' manifest.toml
tar -cSf hole.tar manifest.toml hole
refused 5 "max-size" "a hole counts as much as bytes" \
	"$epk" import hole.tar -o x.epk
truncate -s 3M hole
tar -cSf hole.tar manifest.toml hole
refused 5 "max-size" "the limit is the user's" \
	"$epk" import hole.tar -o x.epk --max-size 3145797
holds "to the byte" "$epk" import hole.tar -o x.epk --max-size 3145798 -q

# What is not.
rm -f x.epk
while read -r name status offset sentence; do
	$make_tar "$name" >x.tar
	"$epk" import x.tar -o x.epk --json >out 2>err
	[ $? -eq "$status" ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -e x.epk ] &&
		LC_ALL=C grep -aqF -e "$sentence" err && grep -q '"ok":false' out &&
		grep -q '"stage":"tar"' out && grep -q '"advice":"' out &&
		{ [ "$offset" -lt 0 ] || grep -q "\"offset\":$offset," out; }
	ok $? "refused: $name"
done <hostile
sed -n 's/^TAR_ERROR([A-Z_]*, "[A-Z_]*", [0-9], "\(.*\)",.*/\1/p' \
	"$top_srcdir/utils/epk/tar_errors.def" >sentences
sed 's/^[^ ]* [^ ]* [^ ]* //' hostile >seen
while read -r sentence; do
	while read -r part; do
		case $(echo "$sentence" | tr -d '\\') in *"$part"*) continue 2 ;; esac
	done <seen
	echo "$sentence"
done <sentences | grep -v 'cannot be read\|cannot be kept\|memory is short' >unseen
[ "$(wc -l <sentences)" -ge 20 ] && [ ! -s unseen ]
ok $? "and nothing refuses that was not tried"
sed 's/^/# /' unseen
[ -z "$(find . -name '.epk*' -o -name '.*.epk.*')" ]
ok $? "no spool is left"
refused 5 IO "a folder is no archive" "$epk" import t -o x.epk
(
	ulimit -f 1
	refused 5 IO "contents that find no room are told" \
		"$epk" import t.tar -o x.epk
	[ $failures -eq 0 ]
)
tests=$((tests + 1))

# Memory does not grow with bytes or entries. Sanitizers want it all.
if [ -n "${SANITIZE:-}" ]; then
	skip "a hundred megabytes pass through little memory" "sanitizers"
else
	head -c 100000000 /dev/zero | tr '\0' z >hole
	tar -cf hole.tar manifest.toml hole
	(
		ulimit -v 400000
		"$epk" import hole.tar -o x.epk -q -j 2 --block-log2 20
	)
	ok $? "a hundred megabytes pass through little memory"
fi
$make_tar many 30000 >many.tar
holds "thirty thousand entries" "$epk" import many.tar -o x.epk -q
[ "$("$epk" info x.epk | awk '$1 == "files" { print $2 }')" -eq 30000 ]
ok $? "are all there"
if [ -x /usr/bin/time ] && [ -z "${SANITIZE:-}" ]; then
	/usr/bin/time -f %M "$epk" import many.tar -o x.epk -q 2>kib
	[ "$(tail -n1 kib)" -le $((32 * 1024 + 3400)) ]
	ok $? "in $(tail -n1 kib) KiB"
else
	skip "in 32 MiB and 100 bytes an entry" "no time, or sanitizers"
fi

# squashfs
cp -rs /usr/bin none
rm -f none/sqfs2tar
refused 5 "squashfs-tools-ng" "convert says what it needs" \
	env PATH="$work/none" "$epk" convert t.tar -o x.epk
mkdir fake
printf '#!/bin/sh\nhead -c 3000 "$4"\nkill -9 $$\n' >fake/sqfs2tar
chmod 755 fake/sqfs2tar
rm -f x.epk
PATH=$work/fake:$PATH "$epk" convert t.tar -o x.epk 2>err
[ $? -ne 0 ] && [ ! -e x.epk ]
ok $? "a helper that dies leaves no image"
printf '#!/bin/sh\ncat "$4"\nexit 3\n' >fake/sqfs2tar
refused 5 "status 3" "nor one that ends badly behind a whole archive" \
	env PATH="$work/fake:$PATH" "$epk" convert t.tar -o x.epk
[ ! -e x.epk ]
ok $? "and no image is left"
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >words\ncat -- "$4"\n' >fake/sqfs2tar
cp -- t.tar '--x;$(touch pwned) y'
PATH=$work/fake:$PATH "$epk" convert -q -o x.epk -- '--x;$(touch pwned) y'
[ "$(tail -n1 words)" = '--x;$(touch pwned) y' ] && [ ! -e pwned ] &&
	[ "$(tail -n2 words | head -n1)" = -- ]
ok $? "no shell and no option parser sees the file's name"
if command -v gensquashfs >/dev/null && command -v sqfs2tar >/dev/null; then
	gensquashfs -q -f --pack-dir t t.sqfs
	holds "a squashfs image is converted" "$epk" convert t.sqfs -o sq.epk -q
	cmp -s plain.epk sq.epk
	ok $? "into the image that pack makes"
	mkfifo t/pipe
	gensquashfs -q -f --pack-dir t t.sqfs
	refused 2 NODE "a pipe in it is refused" "$epk" convert t.sqfs -o x2.epk
	"$epk" convert t.tar -o x2.epk 2>err
	[ $? -eq 5 ] && grep -q 'sqfs2tar ended with status' err &&
		! grep -q 'stage tar' err && [ ! -e x2.epk ]
	ok $? "what is no squashfs image is told"
else
	skip "a squashfs image is converted" "no gensquashfs"
fi
finish
