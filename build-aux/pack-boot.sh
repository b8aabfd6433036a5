#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Pack a boot package:
#   pack-boot.sh -e EPK -v VERSION.H [-s OBJCOPY] -o OUT ENTRY=FILE...
# Everything is stored as it is and mapped: the kernel has no decompressor,
# and /init is taken from the image without a copy. A file that may be
# executed on the host is a program in the package; -s takes its symbols out,
# which a debugger reads from FILE and the machine would only hash.
set -eu
epk= out= header= objcopy= name=boot
while getopts e:o:v:n:s: option; do
	case $option in
	e) epk=$OPTARG ;;
	o) out=$OPTARG ;;
	v) header=$OPTARG ;;
	n) name=$OPTARG ;;
	s) objcopy=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
: "${epk:?-e is missing}" "${out:?-o is missing}" "${header:?-v is missing}"
work=$(mktemp -d)
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
mkdir "$work/tree"
for pair; do
	entry=${pair%%=*}
	mkdir -p "$(dirname "$work/tree/$entry")"
	cp "${pair#*=}" "$work/tree/$entry"
	case $objcopy,${pair#*=} in
	?*,*.elf) "$objcopy" --strip-all "$work/tree/$entry" ;;
	esac
done
# The contract that the programs were compiled with.
api=$(awk '$2 == "NX_ABI_MAJOR" { major = $3 }
	$2 == "NX_ABI_MINOR" { minor = $3 }
	END { print major "." minor }' "$header")
cat >"$work/manifest" <<END
name = "$name"
version = "0.1.0"
arch = "riscv64"
kernel_api = "$api"
END
"$epk" pack --quiet --codec store --meta-codec store --map '*' \
	--manifest "$work/manifest" --output "$out.new" "$work/tree"
mv "$out.new" "$out"
