#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Pack a boot package:
#   pack-boot.sh -e EPK -v VERSION.H [-s OBJCOPY] -o OUT ENTRY=FILE...
# Everything is stored as it is and mapped: the kernel has no decompressor,
# and /init is taken from the image without a copy. A file that may be
# executed on the host is a program in the package; -s takes its symbols out,
# which a debugger reads from FILE and the machine would only hash.
. "$(dirname "$0")/pack.sh"
add "$@"
for pair; do
	case $word,${pair#*=} in
	?*,*.elf) "$word" --strip-all "$tree/${pair%%=*}" ;;
	esac
done
pack "${name:-boot}" riscv64 --codec store --meta-codec store --map '*'
