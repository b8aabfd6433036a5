#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# "name value unit": epk pack and verify beside mksquashfs -comp gzip.
#   host-pack.sh [TREE]   default: $BENCH_TREE, or /usr/share/doc
# Medians of five rounds in which the tools take turns. What either refuses
# (absolute links, special files) is left out of a copy of the tree; the copy
# lies in $TMPDIR or /tmp, best on a tmpfs.
set -eu
epk=${EPK:-${top_builddir:?}/utils/epk/epk}
tree=${1:-${BENCH_TREE:-/usr/share/doc}}
if ! command -v mksquashfs >/dev/null 2>&1; then
	echo "# host-pack: no mksquashfs, nothing to compare with" >&2
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
mkdir "$work/tree"
(cd "$tree" && find . \( -type f -readable -o -type d \) -print |
	LC_ALL=C grep -v '^\./manifest\.toml$' |
	tar -cf - --no-recursion -T -) | tar -xf - -C "$work/tree"
printf 'name = "bench"\nversion = "1.0.0"\narch = "any"\nkernel_api = "0.1"\n' \
	>"$work/manifest"

# seconds COMMAND...: wall time of one run.
seconds()
{
	from=$(date +%s.%N)
	"$@" >/dev/null
	to=$(date +%s.%N)
	echo "$from $to" | awk '{ printf "%.6f\n", $2 - $1 }'
}
for _ in 1 2 3 4 5; do
	seconds "$epk" pack "$work/tree" -q -m "$work/manifest" \
		-o "$work/epk" >>"$work/pack"
	rm -f "$work/squashfs"
	seconds mksquashfs "$work/tree" "$work/squashfs" -comp gzip \
		-no-progress -quiet >>"$work/peer"
	seconds "$epk" verify -q "$work/epk" >>"$work/verify"
	seconds "$epk" verify -q --deep "$work/epk" >>"$work/deep"
done
median()
{
	sort -n "$1" | sed -n 3p
}
show()
{
	awk -v name="$1" -v a="$2" -v b="$3" -v unit="$4" \
		'BEGIN { printf "%s %.4g %s\n", name, a / b, unit }'
}
files=$(find "$work/tree" -type f | wc -l)
plain=$(find "$work/tree" -type f -printf '%s\n' |
	awk '{ s += $1 } END { printf "%.0f\n", s }')
pack=$(median "$work/pack")
peer=$(median "$work/peer")
show host.tree.files "$files" 1 files
show host.tree.size "$plain" 1000000 MB
show host.pack.time "$pack" 1 s
show host.mksquashfs.time "$peer" 1 s
show host.pack.time_ratio "$pack" "$peer" x
show host.pack.size "$(wc -c <"$work/epk")" 1000000 MB
show host.mksquashfs.size "$(wc -c <"$work/squashfs")" 1000000 MB
show host.pack.size_ratio "$(wc -c <"$work/epk")" \
	"$(wc -c <"$work/squashfs")" x
show host.verify.time "$(median "$work/verify")" 0.001 ms
show host.verify_deep.time "$(median "$work/deep")" 1 s
