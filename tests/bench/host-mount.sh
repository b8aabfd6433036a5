#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": epk mount beside squashfuse_ll on one tree.
#   host-mount.sh [TREE]   default: $BENCH_TREE, or /usr/share/doc
# Medians of five rounds in which the two take turns; each measurement has a
# mount of its own, so nothing is kept from the one before. The copy of the
# tree, and a file of its files' bytes one after another (at most 256 MB),
# lie in $TMPDIR or /tmp, best on a tmpfs.
set -eu
epk=${EPK:-${top_builddir:?}/utils/epk/epk}
tree=${1:-${BENCH_TREE:-/usr/share/doc}}
# The program itself, not libtool's script in front of it.
if [ -x "${epk%/*}/.libs/${epk##*/}" ]; then
	LD_LIBRARY_PATH=${top_builddir:?}/libepk/.libs
	export LD_LIBRARY_PATH
	epk=${epk%/*}/.libs/${epk##*/}
fi
if ! [ -w /dev/fuse ]; then
	echo "# host-mount: no /dev/fuse" >&2
	exit 0
fi
peer=squashfuse_ll
command -v $peer >/dev/null 2>&1 && command -v mksquashfs >/dev/null 2>&1 || {
	echo "# host-mount: no squashfuse_ll or mksquashfs to compare with" >&2
	peer=
}
work=$(mktemp -d)
leave()
{
	"$epk" umount --lazy "$work/at" 2>/dev/null ||
		fusermount3 -u -q -z "$work/at" 2>/dev/null || :
	rm -rf "$work"
}
trap leave 0
trap 'exit 1' 1 2 15
mkdir "$work/tree" "$work/at"
(cd "$tree" && find . \( -type f -readable -o -type d \) -print |
	LC_ALL=C grep -v '^\./manifest\.toml$' |
	tar -cf - --no-recursion -T -) | tar -xf - -C "$work/tree"
find "$work/tree" -type f -exec cat {} + 2>/dev/null |
	head -c 256000000 >"$work/all"
mv "$work/all" "$work/tree/all.bytes"
printf 'name = "bench"\nversion = "1.0.0"\narch = "any"\nkernel_api = "0.1"\n' \
	>"$work/manifest"
"$epk" pack "$work/tree" -q -m "$work/manifest" -o "$work/image.epk"
[ -z "$peer" ] || mksquashfs "$work/tree" "$work/image.sqfs" -comp gzip \
	-no-progress -quiet >/dev/null
${CC:-cc} -O2 -o "$work/random" "${top_srcdir:?}/tests/bench/random.c"
size=$(wc -c <"$work/tree/all.bytes")

# seconds COMMAND...: wall time of one run.
seconds()
{
	from=$(date +%s.%N)
	"$@" >/dev/null
	to=$(date +%s.%N)
	echo "$from $to" | awk '{ printf "%.6f\n", $2 - $1 }'
}
begin()
{
	if [ "$1" = epk ]; then
		"$epk" mount "$work/image.epk" "$work/at"
	else
		$peer "$work/image.sqfs" "$work/at"
	fi
}
end()
{
	fusermount3 -u "$work/at" 2>/dev/null || umount "$work/at"
}
# measured KIND NAME COMMAND...: in a fresh mount.
measured()
{
	kind=$1 name=$2
	shift 2
	begin "$kind"
	"$@" >>"$work/$kind.$name"
	end
}
for _ in 1 2 3 4 5; do
	for kind in epk $peer; do
		seconds begin "$kind" >>"$work/$kind.ready"
		end
		measured "$kind" sequential seconds cat "$work/at/all.bytes"
		measured "$kind" walk seconds find "$work/at" -printf '%s %m\n'
		measured "$kind" files seconds find "$work/at" -type f \
			! -name all.bytes -exec cat {} +
		measured "$kind" random "$work/random" "$work/at/all.bytes" 2000
	done
done
# median KIND NAME [COLUMN]
median()
{
	awk -v c="${3:-1}" '{ print $c }' "$work/$1.$2" | sort -n | sed -n 3p
}
show()
{
	awk -v name="$1" -v a="$2" -v b="$3" -v unit="$4" \
		'BEGIN { printf "%s %.4g %s\n", name, a / b, unit }'
}
for kind in epk $peer; do
	label=host.mount
	[ "$kind" = epk ] || label=host.squashfuse
	show $label.ready "$(median "$kind" ready)" 0.001 ms
	show $label.sequential "$size" \
		"$(median "$kind" sequential | awk '{ print $1 * 1e6 }')" MB/s
	show $label.walk "$(median "$kind" walk)" 0.001 ms
	show $label.all_files "$(median "$kind" files)" 1 s
	show $label.random_p50 "$(median "$kind" random 1)" 1 us
	show $label.random_p99 "$(median "$kind" random 2)" 1 us
done
[ -n "$peer" ] || exit 0
show host.mount.sequential_ratio "$(median $peer sequential)" \
	"$(median epk sequential)" x
for name in walk files; do
	show host.mount.${name}_ratio "$(median epk $name)" \
		"$(median $peer $name)" x
done
show host.mount.random_p50_ratio "$(median epk random 1)" \
	"$(median $peer random 1)" x
show host.mount.random_p99_ratio "$(median epk random 2)" \
	"$(median $peer random 2)" x
