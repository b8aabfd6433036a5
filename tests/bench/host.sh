#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": epk beside its peers on two trees of this host, many small
# files and a few large ones. Medians of five rounds in which the tools take
# turns; a peer that is not installed is left out.
#   host.sh [SMALL BIG]   trees of one's own
# All files lie below $BENCH_DIR, or /dev/shm if that has room, or $TMPDIR.
#   ROUNDS   instead of 5
#   LARGE=0  without the image of 3 GB
# Every measurement of a mount has a mount of its own: nothing is kept from the
# one before but the image, which the host has in memory for either tool.
set -eu
epk=${EPK:-${top_builddir:?}/utils/epk/epk}
# The program itself, not libtool's script in front of it.
if [ -x "${epk%/*}/.libs/${epk##*/}" ]; then
	LD_LIBRARY_PATH=$(cd "${top_builddir:?}/libepk/.libs" && pwd)
	export LD_LIBRARY_PATH
	epk=${epk%/*}/.libs/${epk##*/}
fi
epk=$(cd "${epk%/*}" && pwd)/${epk##*/}
bench=$(cd "${top_srcdir:?}/tests/bench" && pwd)
rounds=${ROUNDS:-5}
room=$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')
if [ -z "${BENCH_DIR:-}" ]; then
	BENCH_DIR=${TMPDIR:-/tmp}
	[ "$room" -lt 3000000 ] || BENCH_DIR=/dev/shm
fi
work=$(mktemp -d "$BENCH_DIR/epk-bench.XXXXXX")
leave()
{
	"$epk" umount --lazy "$work/at" 2>/dev/null ||
		fusermount3 -u -q -z "$work/at" 2>/dev/null || :
	rm -rf "$work"
}
trap leave 0
trap 'exit 1' 1 2 15
cd "$work"
mkdir at
printf 'name = "bench"\nversion = "1.0.0"\narch = "any"\nkernel_api = "0.1"\n' \
	>manifest
for program in random ready; do
	${CC:-cc} -O2 -o $program "$bench/$program.c"
done

# pick SIZE-TEST BYTES FOLDER...: files to standard output until BYTES are had.
pick()
{
	test=$1 bytes=$2
	shift 2
	find "$@" -xdev -type f -readable -size "$test" \
		! -name manifest.toml -printf '%s %p\n' 2>/dev/null |
		LC_ALL=C sort -k 2 -u | awk -v most="$bytes" '{
			if (sum >= most) exit
			sum += $1
			sub(/^[0-9]* /, "")
			print
		}'
}
take()
{
	mkdir "$1"
	tar -cPf - -T - | tar -xf - -C "$1" 2>/dev/null
}
if [ $# -eq 2 ]; then
	cp -a "$1" small
	cp -a "$2" big
else
	pick -65k 250000000 /usr/share /usr/include /usr/lib/python3* |
		take small
	pick +512k 310000000 /usr/lib/gcc /usr/bin /usr/lib | take big
fi

# timed FILE COMMAND...: wall and processor seconds, and KiB at the most.
timed()
{
	file=$1
	shift
	if [ -x /usr/bin/time ]; then
		/usr/bin/time -a -o "$file" -f '%e %U %S %M' "$@" >/dev/null
	else
		from=$(date +%s.%N)
		"$@" >/dev/null
		to=$(date +%s.%N)
		echo "$from $to" | awk '{ print $2 - $1, 0, 0, 0 }' >>"$file"
	fi
}
# seconds FILE COMMAND...: wall seconds to the microsecond.
seconds()
{
	file=$1
	shift
	from=$(date +%s.%N)
	"$@" >/dev/null
	to=$(date +%s.%N)
	echo "$from $to" | awk '{ printf "%.6f\n", $2 - $1 }' >>"$file"
}
has()
{
	command -v "$1" >/dev/null 2>&1
}
packed()
{
	t=$1
	timed $t.pack "$epk" pack $t -q -m manifest -o $t.epk
	timed $t.pack1 "$epk" pack $t -q -j 1 -m manifest -o $t.one.epk
	if has mksquashfs; then
		rm -f $t.squashfs
		timed $t.mksquashfs mksquashfs $t $t.squashfs -comp gzip \
			-no-progress -quiet
	fi
	if has pigz; then
		timed $t.pigz sh -c "tar -cf - $t | pigz >$t.tgz"
		rm -f $t.tgz
	fi
	if has gensquashfs; then
		timed $t.gensquashfs gensquashfs -q -f -c gzip \
			--pack-dir $t $t.gensquashfs.image
	fi
}
checked()
{
	t=$1
	seconds $t.verify "$epk" verify -q $t.epk
	timed $t.deep "$epk" verify -q --deep $t.epk
	timed $t.sha256sum sh -c "find $t -type f -print0 |
		xargs -0 sha256sum"
	timed $t.extract "$epk" extract -q $t.epk out
	rm -rf out
	if has unsquashfs && [ -f $t.squashfs ]; then
		timed $t.unsquashfs unsquashfs -n -q -d out $t.squashfs
		rm -rf out
	fi
}
begin()
{
	if [ "$1" = epk ]; then
		"$epk" mount "$2.epk" at
	else
		squashfuse_ll "$2.squashfs" at
	fi
}
end()
{
	fusermount3 -u at 2>/dev/null || umount at
}
# server TREE: KiB at the most of the process that serves it.
server()
{
	for p in /proc/[0-9]*; do
		if tr '\0' ' ' 2>/dev/null <"$p/cmdline" |
			grep -q "epk mount $1.epk at"; then
			awk '$1 == "VmHWM:" { print $2 }' "$p/status"
		fi
	done
}
mounted()
{
	t=$1
	for kind in epk $peer; do
		begin "$kind" $t
		seconds $t.$kind.sequential find at -type f -exec cat {} +
		[ "$kind" != epk ] || server $t >>$t.server
		end
		begin "$kind" $t
		seconds $t.$kind.walk find at -printf '%s %m\n'
		end
		begin "$kind" $t
		./random at 4000 $n >>$t.$kind.random
		[ "$kind" != epk ] || server $t >>$t.server
		end
	done
	./ready at "$epk" mount $t.epk at >>$t.epk.ready
	end
	if [ -n "$peer" ]; then
		./ready at squashfuse_ll $t.squashfs at >>$t.$peer.ready
		end
	fi
}
# median FILE COLUMN
median()
{
	awk -v c="$2" '{ print $c }' "$1" | sort -n |
		sed -n "$((($(wc -l <"$1") + 1) / 2))p"
}
most()
{
	awk -v c="$2" '{ print $c }' "$1" | sort -n | tail -n 1
}
show()
{
	awk -v name="$1" -v a="$2" -v b="$3" -v unit="$4" \
		'BEGIN { printf "%s %.4g %s\n", name, a / b, unit }'
}
# ratio NAME FILE FILE [COLUMN]: of two medians, if both tools ran.
ratio()
{
	[ ! -f "$2" ] || [ ! -f "$3" ] || show "$1" "$(median "$2" "${4:-1}")" \
		"$(median "$3" "${4:-1}")" x
}
bytes()
{
	wc -c <"$1"
}
# over NAME FILE COLUMN: MiB at the most, above 100 bytes for each entry.
over()
{
	[ ! -s "$2" ] || show "$1" \
		"$(($(most "$2" "$3") - entries * 100 / 1024))" 1024 MiB
}
tool_figures()
{
	for tool in pack pack1 mksquashfs pigz gensquashfs deep sha256sum \
		extract unsquashfs; do
		[ -f $t.$tool ] || continue
		show host.$t.$tool.wall "$(median $t.$tool 1)" 1 s
		show host.$t.$tool.least "$(sort -n $t.$tool | awk 'NR == 1 {
			print $1 }')" 1 s
		show host.$t.$tool.most "$(most $t.$tool 1)" 1 s
		show host.$t.$tool.user "$(median $t.$tool 2)" 1 s
		show host.$t.$tool.system "$(median $t.$tool 3)" 1 s
		show host.$t.$tool.memory "$(most $t.$tool 4)" 1024 MiB
	done
}
pack_figures()
{
	ratio host.$t.pack.against_mksquashfs $t.pack $t.mksquashfs
	ratio host.$t.pack.against_pigz $t.pack $t.pigz
	ratio host.$t.pack.two_threads $t.pack1 $t.pack
	over host.$t.pack.over_memory $t.pack 4
	"$epk" pack $t -q -j 8 -m manifest -o $t.eight.epk
	different=0
	for one in $t.one.epk $t.eight.epk; do
		cmp -s $one $t.epk || different=1
	done
	show host.$t.pack.same $different 1 differences
	rm -f $t.one.epk $t.eight.epk
}
size_figures()
{
	show host.$t.epk.size "$(bytes $t.epk)" 1000000 MB
	"$epk" pack $t -q --best -m manifest -o $t.best.epk
	show host.$t.best.size "$(bytes $t.best.epk)" 1000000 MB
	least=
	for other in squashfs gensquashfs.image erofs; do
		[ -f $t.$other ] || continue
		size=$(bytes $t.$other)
		show host.$t.$other.size "$size" 1000000 MB
		[ -n "$least" ] && [ "$size" -gt "$least" ] || least=$size
	done
	[ ! -f $t.squashfs ] || show host.$t.size.against_mksquashfs \
		"$(bytes $t.epk)" "$(bytes $t.squashfs)" x
	[ -z "$least" ] || show host.$t.best.against_smallest \
		"$(bytes $t.best.epk)" "$least" x
}
check_figures()
{
	show host.$t.verify.ms "$(median $t.verify 1)" 0.001 ms
	ratio host.$t.deep.against_sha256sum $t.deep $t.sha256sum
	ratio host.$t.extract.against_unsquashfs $t.extract $t.unsquashfs
	over host.$t.deep.over_memory $t.deep 4
	has strace || return 0
	# Bytes of the image that are read, and where its data begins.
	strace -f -y -e trace=read,pread64 -o calls "$epk" verify -q $t.epk
	show host.$t.verify.read_beyond "$(awk -v most="$("$epk" info $t.epk |
		awk '$1 == "data_offset" { print $2 }')" -v name="/$t.epk>" '
		index($0, name) { sum += $NF }
		END { print sum > most ? sum - most : 0 }' calls)" 1 bytes
}
mount_figures()
{
	[ -f $t.epk.ready ] || return 0
	for kind in epk $peer; do
		label=host.$t.mount
		[ "$kind" = epk ] || label=host.$t.squashfuse
		show $label.sequential "$plain" \
			"$(median $t.$kind.sequential 1 |
				awk '{ print $1 * 1e6 }')" MB/s
		show $label.walk "$(median $t.$kind.walk 1)" 0.001 ms
		show $label.random_p50 "$(median $t.$kind.random 1)" 1 us
		show $label.random_p99 "$(median $t.$kind.random 2)" 1 us
		show $label.random_mean "$(median $t.$kind.random 3)" 1 us
		show $label.ready_ms "$(median $t.$kind.ready 1)" 1 ms
	done
	over host.$t.mount.over_memory $t.server 1
	[ -n "$peer" ] || return 0
	ratio host.$t.mount.sequential_ratio $t.$peer.sequential \
		$t.epk.sequential
	ratio host.$t.mount.walk_ratio $t.epk.walk $t.$peer.walk
	ratio host.$t.mount.random_p50_ratio $t.epk.random $t.$peer.random
	ratio host.$t.mount.random_p99_ratio $t.epk.random $t.$peer.random 2
}
figures()
{
	t=$1
	plain=$(find $t -type f -printf '%s\n' |
		awk '{ s += $1 } END { printf "%.0f\n", s }')
	entries=$(find $t | wc -l)
	show host.$t.files "$(find $t -type f | wc -l)" 1 files
	show host.$t.plain "$plain" 1000000 MB
	tool_figures
	pack_figures
	if has mkfs.erofs; then
		mkfs.erofs -zdeflate,9 -C65536 $t.erofs $t >/dev/null 2>&1 ||
			rm -f $t.erofs
	fi
	size_figures
	check_figures
	mount_figures
}
# An image of 3 GB: three files, nearly all of them holes.
large()
{
	mkdir large
	for i in 1 2 3; do
		truncate -s 1000000000 large/hole$i
		echo $i >>large/hole$i
	done
	"$epk" pack large -q --codec store -m manifest -o large.epk
	rm -rf large
	for _ in 1 2 3 4 5; do
		./ready at "$epk" mount large.epk at >>large.ready
		end
	done
	show host.big.large.size "$(bytes large.epk)" 1000000 MB
	show host.big.large.ready_ms "$(median large.ready 1)" 1 ms
	rm -f large.epk
}
load()
{
	[ ! -r /proc/loadavg ] || awk -v when="$1" \
		'{ print "# load " when ": " $1, $2, $3 }' /proc/loadavg
}
peer=squashfuse_ll
has $peer && has mksquashfs || {
	echo "# host: no squashfuse_ll or mksquashfs to compare with" >&2
	peer=
}
fuse=1
[ -w /dev/fuse ] || {
	echo "# host: no /dev/fuse" >&2
	fuse=
}
"$epk" --version | sed 's/^/# /'
load "at the beginning, $rounds rounds"
n=0
while [ $n -lt "$rounds" ]; do
	n=$((n + 1))
	for tree in small big; do
		packed $tree
		checked $tree
		[ -z "$fuse" ] || mounted $tree
	done
done
figures small
figures big
[ -z "$fuse" ] || [ "${LARGE:-1}" -eq 0 ] || large
load "at the end"
