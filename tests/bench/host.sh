#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": epk beside its peers on two trees of this host, many small
# files and a few large ones. Medians of five rounds in which the tools take
# turns; a peer that is not installed is left out.
#   host.sh [SMALL BIG]   trees of one's own
# All files lie below $BENCH_DIR, or /dev/shm if that has room, or $TMPDIR.
#   ROUNDS   instead of 5
set -eu
epk=${EPK:-${top_builddir:?}/utils/epk/epk}
rounds=${ROUNDS:-5}
room=$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')
if [ -z "${BENCH_DIR:-}" ]; then
	BENCH_DIR=${TMPDIR:-/tmp}
	[ "$room" -lt 3000000 ] || BENCH_DIR=/dev/shm
fi
work=$(mktemp -d "$BENCH_DIR/epk-bench.XXXXXX")
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
cd "$work"
printf 'name = "bench"\nversion = "1.0.0"\narch = "any"\nkernel_api = "0.1"\n' \
	>manifest

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
has()
{
	command -v "$1" >/dev/null 2>&1
}
round()
{
	t=$1
	timed $t.pack "$epk" pack $t -q -m manifest -o $t.epk
	timed $t.pack1 "$epk" pack $t -q -j 1 -m manifest -o $t.epk
	if has mksquashfs; then
		rm -f $t.squashfs
		timed $t.mksquashfs mksquashfs $t $t.squashfs -comp gzip \
			-no-progress -quiet
	fi
	if has pigz; then
		timed $t.pigz sh -c "tar -cf - $t | pigz >$t.tgz"
	fi
	if has gensquashfs; then
		timed $t.gensquashfs gensquashfs -q -f -c gzip \
			--pack-dir $t $t.gensquashfs.image
	fi
	timed $t.verify "$epk" verify -q $t.epk
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
# median FILE COLUMN
median()
{
	awk -v c="$2" '{ print $c }' "$1" | sort -n |
		sed -n "$(((rounds + 1) / 2))p"
}
show()
{
	awk -v name="$1" -v a="$2" -v b="$3" -v unit="$4" \
		'BEGIN { printf "%s %.4g %s\n", name, a / b, unit }'
}
# ratio NAME FILE FILE: of two medians, if both tools ran.
ratio()
{
	[ ! -f "$2" ] || [ ! -f "$3" ] ||
		show "$1" "$(median "$2" 1)" "$(median "$3" 1)" x
}
bytes()
{
	wc -c <"$1"
}
figures()
{
	t=$1
	show host.$t.files "$(find $t -type f | wc -l)" 1 files
	show host.$t.plain "$(find $t -type f -printf '%s\n' |
		awk '{ s += $1 } END { printf "%.0f\n", s }')" 1000000 MB
	for tool in pack pack1 mksquashfs pigz gensquashfs verify deep \
		sha256sum extract unsquashfs; do
		[ -f $t.$tool ] || continue
		show host.$t.$tool.wall "$(median $t.$tool 1)" 1 s
		show host.$t.$tool.user "$(median $t.$tool 2)" 1 s
		show host.$t.$tool.memory "$(median $t.$tool 4)" 1024 MiB
	done
	show host.$t.epk.size "$(bytes $t.epk)" 1000000 MB
	ratio host.$t.pack.against_mksquashfs $t.pack $t.mksquashfs
	ratio host.$t.pack.against_pigz $t.pack $t.pigz
	ratio host.$t.pack.two_threads $t.pack1 $t.pack
	ratio host.$t.deep.against_sha256sum $t.deep $t.sha256sum
	ratio host.$t.extract.against_unsquashfs $t.extract $t.unsquashfs
	"$epk" pack $t -q --best -m manifest -o $t.best.epk
	show host.$t.best.size "$(bytes $t.best.epk)" 1000000 MB
	least=
	if [ -f $t.squashfs ]; then
		show host.$t.mksquashfs.size "$(bytes $t.squashfs)" 1000000 MB
		show host.$t.size.against_mksquashfs "$(bytes $t.epk)" \
			"$(bytes $t.squashfs)" x
		least=$(bytes $t.squashfs)
	fi
	if [ -f $t.gensquashfs.image ]; then
		size=$(bytes $t.gensquashfs.image)
		show host.$t.gensquashfs.size "$size" 1000000 MB
		[ "$size" -gt "$least" ] || least=$size
	fi
	if has mkfs.erofs && mkfs.erofs -zdeflate,9 -C65536 $t.erofs $t \
		>/dev/null 2>&1; then
		size=$(bytes $t.erofs)
		show host.$t.erofs.size "$size" 1000000 MB
		[ -n "$least" ] && [ "$size" -gt "$least" ] || least=$size
	fi
	[ -z "$least" ] ||
		show host.$t.best.against_smallest \
			"$(bytes $t.best.epk)" "$least" x
}
"$epk" --version | sed 's/^/# /'
n=0
while [ $n -lt "$rounds" ]; do
	n=$((n + 1))
	round small
	round big
done
figures small
figures big
