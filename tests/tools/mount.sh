#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# epk mount and umount against the kernel.
. "${top_srcdir:?}/tests/tools/support.sh"

why=
if "$epk" mount x y 2>&1 | grep -q UNSUPPORTED; then
	why="epk was built without libfuse"
elif ! [ -e /dev/fuse ]; then
	why="no /dev/fuse"
elif [ "$(id -u)" -ne 0 ] && ! command -v fusermount3 >/dev/null 2>&1; then
	why="no fusermount3"
fi
[ -z "$why" ] || {
	echo "1..0 # SKIP $why"
	exit 0
}
mkdir m
trap '"$epk" umount --lazy "$work/m" 2>/dev/null; rm -rf "$work"' 0

# mounted: is m one now?
mounted()
{
	grep -q " $work/m .* fuse\.epk " /proc/self/mountinfo
}

# gone: is no server of $1 left, soon?
gone()
{
	tries=0
	while [ $tries -lt 50 ]; do
		[ -d "/proc/$1" ] || return 0
		sleep 0.2
		tries=$((tries + 1))
	done
	return 1
}

# server: the process that serves m.
server()
{
	for p in /proc/[0-9]*; do
		tr '\0' ' ' 2>/dev/null <"$p/cmdline" |
			grep -q "epk mount .*$work/$1 $work/m " &&
			echo "${p#/proc/}"
	done
}

# serve IMAGE [OPTION...]: mounts at m by absolute names.
serve()
{
	image=$1
	shift
	"$epk" mount "$@" "$work/$image" "$work/m"
}

tree t
mkdir t/many
(cd t/many && seq -f '%05g' 1 3000 | xargs touch)
printf 'x' >"t/many/ last"
i=0
while [ $i -lt 40 ]; do
	bytes $((i * 97 + 1)) $i >"t/data/small$i"
	i=$((i + 1))
done
"$epk" pack t -q -o t.epk --alias data/deep/up=data --alias top=bin

if ! serve t.epk 2>err; then
	# A container may have the device and not the right to use it.
	grep -qiE 'permitted|permission' err && {
		echo "1..0 # SKIP $(cat err)"
		exit 0
	}
fi
mounted
ok $? "mount returns when the image is mounted"
sed 's/^/# /' err
pid=$(server t.epk)
[ -n "$pid" ] && [ "$(echo "$pid" | wc -w)" -eq 1 ]
ok $? "one process serves it"
diff -r --no-dereference -x up -x top t m >out
ok $? "every file, link and folder is as it was packed, the manifest too"
sed 's/^/# /' out
[ "$(readlink m/top)" = bin ] && [ "$(readlink m/data/deep/up)" = ../../data ] &&
	cmp -s m/top/tool t/bin/tool && [ -e m/data/deep/up/one ]
ok $? "aliases are links that lead where they should"
[ "$(stat -c %A m m/data m/data/one m/bin/tool m/bin/link m/top |
	tr '\n' ' ')" = "dr-xr-xr-x dr-xr-xr-x -r--r--r-- -r-xr-xr-x lrwxrwxrwx lrwxrwxrwx " ]
ok $? "modes are those of the format"
[ "$(stat -c '%Y %U' m/data/one)" = "0 $(id -un)" ]
ok $? "the time is the image's, the owner who mounted it"
[ "$(find m/many -type f | wc -l)" -eq 3001 ] &&
	[ "$(find m/many | LC_ALL=C sort | uniq -d | wc -l)" -eq 0 ]
ok $? "a folder of 3,001 files is listed, each once"
[ "$(stat -f -c '%S %b %f %l' m)" = \
	"4096 $((($(wc -c <t.epk) + 4095) / 4096)) 0 255" ]
ok $? "statfs tells the image's size, nothing free and the longest name"
[ "$(awk '$5 == "'"$work/m"'" { print $(NF - 1) }' /proc/self/mountinfo)" = \
	"$work/t.epk" ]
ok $? "the mount table names the image"
if command -v getfattr >/dev/null 2>&1; then
	! getfattr -n user.none m/data/one >/dev/null 2>&1
	ok $? "there are no extended attributes"
fi
[ ! -e m/nothing ] && [ ! -e m/data/nothing ] && [ ! -e m/empty/x ]
ok $? "what is not there is not found, asked twice"
for wrong in "touch m/new" "rm -f m/data/one" "mkdir m/folder" \
	"truncate -s 0 m/data/one" "mv m/data/one m/data/uno"; do
	LC_ALL=C $wrong 2>err
	[ $? -ne 0 ] && grep -q 'Read-only' err
	ok $? "$wrong fails: it is read only"
done
tail -c 10 m/data/large | cmp -s - t/data/large -i 0:299990
ok $? "the end of a file is read"
[ "$(dd if=m/data/large bs=1 skip=400000 count=1 2>/dev/null | wc -c)" -eq 0 ]
ok $? "behind its end is nothing"

# Six readers at once, each through all of it.
for r in 1 2 3 4 5 6; do
	(cd m && find . -type f -exec sha256sum {} + | LC_ALL=C sort) \
		>"sums$r" 2>&1 &
	readers="${readers:-} $!"
done
# shellcheck disable=SC2086 # a list of processes
wait $readers
(cd t && find . -type f -exec sha256sum {} + | LC_ALL=C sort) >sums
good=0
for r in 1 2 3 4 5 6; do
	cmp -s sums sums$r || good=1
done
ok $good "six readers at once read the right bytes"
peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
entries=$("$epk" list t.epk | wc -l)
[ "${SANITIZE:+yes}" = yes ] || [ "$peak" -le $((16384 + entries / 10)) ]
ok $? "in no more than 16 MiB and 100 bytes an entry: $peak kB"

exec 4<m/data/large
refused 7 BUSY "umount of what is in use is refused" "$epk" umount m
mounted
ok $? "and leaves it mounted"
exec 4<&-
holds "umount when nothing is open" "$epk" umount m
! mounted && gone "$pid"
ok $? "leaves neither mount nor process"
refused 6 NOT_FOUND "umount of what is no mount is refused" "$epk" umount m
refused 5 IO "umount of what is not there is refused" "$epk" umount none

serve t.epk
exec 4<m/data/large
holds "umount --lazy takes away what is in use" "$epk" umount --lazy m
! mounted && cmp -s - t/data/large <&4
ok $? "and what is open can still be read"
exec 4<&-

serve t.epk
pid=$(server t.epk)
kill -TERM "$pid"
gone "$pid" && ! mounted
ok $? "SIGTERM ends it cleanly"

# Opened at once: to look for the server can take longer than the timeout.
serve t.epk --idle-timeout 2
exec 4<m/data/large
pid=$(server t.epk)
sleep 5
mounted
ok $? "--idle-timeout spares what is open"
exec 4<&-
gone "$pid" && ! mounted
ok $? "and ends an idle mount"

# Blocks as large as can be.
mkdir large
manifest >large/manifest.toml
bytes 2500000 7 >large/own
i=0
while [ $i -lt 30 ]; do
	bytes $((5000 + i)) $i >"large/f$(printf %02d $i)"
	i=$((i + 1))
done
"$epk" pack large -q -o l.epk --block-log2 20
serve l.epk
pid=$(server l.epk)
(cd m && find . -type f -exec sha256sum {} + | LC_ALL=C sort) >sums1
(cd large && find . -type f -exec sha256sum {} + | LC_ALL=C sort) >sums
cmp -s sums sums1
ok $? "blocks of 1 MiB are read"
peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
[ "${SANITIZE:+yes}" = yes ] || [ "$peak" -le 16384 ]
ok $? "in no more than 16 MiB: $peak kB"
"$epk" umount m

# A block that is not what it was: the first of data/large, 4 KiB each.
"$epk" pack t -q -o s.epk --codec store --meta-codec store --block-log2 12 \
	--map data/large
at=$(LC_ALL=C grep -obUaF "$(head -c 64 t/data/large)" s.epk |
	head -n 1 | cut -d : -f 1)
flip s.epk $((at + 3 * 4096 + 5))
sly=$(printf 's\033[31m.epk')
ln s.epk "$sly"
serve "$sly" --foreground 2>log &
front=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	mounted && break
	sleep 0.2
done
mounted
ok $? "--foreground serves it too"
LC_ALL=C cat m/data/large >out 2>err
[ $? -ne 0 ] && grep -q 'Input/output' err
ok $? "a flipped byte is an input/output error"
good=0
for block in 0 1 2 4 5 40 73; do
	dd if=m/data/large bs=4096 skip=$block count=1 2>/dev/null |
		cmp -s - t/data/large -i "0:$((block * 4096))" -n 4096 ||
		good=1
done
ok $good "the blocks around it are read as they are"
LC_ALL=C dd if=m/data/large of=out bs=4096 skip=3 count=1 2>err
[ $? -ne 0 ] && grep -q 'Input/output' err && [ ! -s out ]
ok $? "its own range is refused, again and again"
cmp -s m/data/one t/data/one
ok $? "other files are read"
[ "$(grep -c 'BLOCK_DIGEST.*data/large' log)" -eq 1 ] &&
	[ "$(wc -l <log)" -eq 1 ]
ok $? "one line says which block of which file"
grep -qF 's?[31m.epk: ' log
ok $? "and shows the image's name"
sed 's/^/# /' log
"$epk" umount m
wait $front
ok $? "the foreground ends with status 0"

flip s.epk 100
refused 2 "stage 4, HEADER_CRC" "an image that fails the mount checks is not mounted" \
	"$epk" mount s.epk m
! mounted
ok $? "nothing is mounted"
refused 2 "stage 4, HEADER_CRC" "--check says the same" \
	"$epk" mount --check s.epk
"$epk" mount --check t.epk >out && grep -q 'may be mounted' out && ! mounted
ok $? "--check mounts nothing"
"$epk" keygen k >/dev/null
refused 3 SIGPOLICY "an image that policy refuses is not mounted" \
	"$epk" mount --key k.pub t.epk m
! mounted
ok $? "and nothing is mounted then"
refused 3 SIGPOLICY "--check says so without mounting" \
	"$epk" mount --check --policy required --key k.pub t.epk
"$epk" sign -q --key k.key t.epk && serve t.epk --key k.pub && mounted &&
	cmp -s m/data/one t/data/one
ok $? "signed with that key it is mounted"
"$epk" umount m
"$epk" mount --check --json t.epk | grep -q '"ok":true'
ok $? "--json says so to programs"
refused 1 "name the folder" "without a folder nothing is mounted" \
	"$epk" mount t.epk
refused 5 IO "a folder that is not there is refused" "$epk" mount t.epk none
refused 5 IO "so is a file" "$epk" mount t.epk t.epk
refused 1 "cannot be written" "-o rw is refused" "$epk" mount -o rw t.epk m
refused 1 "no mount option" "so is a word nobody knows" \
	"$epk" mount -o ro,frob t.epk m
! mounted
ok $? "and nothing is mounted"
cp t.epk 'odd, name.epk'
"$epk" mount -o ro,noexec -o nofail,x-a.b 'odd, name.epk' m && mounted &&
	grep -q "$work/m .*noexec" /proc/self/mountinfo && ! m/bin/tool 2>err
ok $? "-o options are those of the mount, and commas in names do no harm"
"$epk" umount m

from=$(date +%s%N)
serve t.epk
to=$(date +%s%N)
echo "# mounted in $(((to - from) / 1000)) us, the shell's part included"
"$epk" umount m
finish
