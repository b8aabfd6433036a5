#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# record.sh FIGURES: baseline.tsv out of what `make bench` printed.
set -eu
echo "# SPDX-License-Identifier: BSD-2-Clause"
cc=${TARGET_CC:-riscv64-unknown-elf-gcc}
echo "# compiler: $("$cc" --version | head -n 1)"
echo "# emulator: $("${QEMU:-qemu-system-riscv64}" --version | head -n 1)"
echo "# packer: $(nproc) processors, $(uname -m)"
awk '!/^#/ && NF == 3 { print $1 "\t" $2 "\t" $3 }' "$1"
