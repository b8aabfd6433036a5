#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What system.c reads: pack-data.sh -e EPK -v VERSION.H -o OUT ENTRY=FILE...
# Three files of 16 MiB of words: text is compressed, stored and lent are
# MAPPED. The words come from a generator, so the package is the same
# everywhere.
set -eu
epk= out= header=
while getopts e:o:v: option; do
	case $option in
	e) epk=$OPTARG ;;
	o) out=$OPTARG ;;
	v) header=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
: "${epk:?}" "${out:?}" "${header:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
mkdir "$work/tree"
# words SEED: other words for each file, for equal ones are stored once.
words()
{
	LC_ALL=C awk -v seed="$1" 'BEGIN {
		count = split("ba co di fu ga ho ki lu ma no pe qui ro sa ti ve",
			part)
		for (; written < 16777216; written += length(line) + 1) {
			line = ""
			while (length(line) < 60) {
				word = ""
				do {
					seed = seed * 16807 % 2147483647
					word = word part[seed % count + 1]
				} while (seed % 7 < 4)
				line = line word " "
			}
			print line
		}
	}' >"$work/words"
	head -c 16777216 "$work/words"
}
words 1 >"$work/tree/text"
words 2 >"$work/tree/stored"
words 3 >"$work/tree/lent"
for pair; do
	entry=${pair%%=*}
	mkdir -p "$(dirname "$work/tree/$entry")"
	cp "${pair#*=}" "$work/tree/$entry"
done
api=$(awk '$2 == "NX_ABI_MAJOR" { major = $3 }
	$2 == "NX_ABI_MINOR" { minor = $3 }
	END { print major "." minor }' "$header")
cat >"$work/manifest" <<END
name = "bench"
version = "0.1.0"
arch = "riscv64"
kernel_api = "$api"
END
"$epk" pack --quiet --manifest "$work/manifest" --map stored --map lent \
	--map 'binary/*' --output "$out.new" "$work/tree"
mv "$out.new" "$out"
