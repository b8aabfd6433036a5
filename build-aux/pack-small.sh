#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Pack a few files into a package of small blocks, for tests that damage it:
# pack-small.sh -e EPK -v VERSION.H -o OUT TREE
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
: "${epk:?-e is missing}" "${out:?-o is missing}" "${header:?-v is missing}"
manifest=$(mktemp)
trap 'rm -f "$manifest"' 0
trap 'exit 1' 1 2 15
api=$(awk '$2 == "NX_ABI_MAJOR" { major = $3 }
	$2 == "NX_ABI_MINOR" { minor = $3 }
	END { print major "." minor }' "$header")
cat >"$manifest" <<END
name = "small"
version = "0.1.0"
arch = "any"
kernel_api = "$api"
END
"$epk" pack --quiet --block-log2 12 --manifest "$manifest" \
	--output "$out.new" "$1"
mv "$out.new" "$out"
