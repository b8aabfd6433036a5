#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What system.c reads: pack-data.sh -e EPK -v VERSION.H -o OUT ENTRY=FILE...
# Three files of 16 MiB of words: text is compressed, stored and lent are
# MAPPED. The words come from a generator, so the package is the same
# everywhere.
. "$(dirname "$0")/../../build-aux/pack.sh"
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
words 1 >"$tree/text"
words 2 >"$tree/stored"
words 3 >"$tree/lent"
add "$@"
pack bench riscv64 --map stored --map lent --map 'binary/*'
