#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/page.sh"
commands="pack list cat extract verify info keygen sign trust mount umount"
commands="$commands diff repack import export convert check-manifest"
holds_page epk "$epk" "$commands" 17

"$epk" --version | grep -q '^epk [0-9][0-9.]* (format 1, encoder [a-z]* [0-9.]*)$'
ok $? "--version names version, format and encoder"
refused 1 "no option" "so is one of another command" "$epk" list --deep x
refused 1 "takes no argument" "so is an argument for a flag" \
	"$epk" list --long=2 x
refused 1 "needs FILE" "so is a missing argument" "$epk" pack x -o
refused 1 "takes IMAGE" "so is a missing operand" "$epk" list
refused 1 "takes IMAGE" "so is one too many" "$epk" info a b
refused 1 "name the image" "pack wants --output" "$epk" pack x
for wrong in "--level 0" "--level 13" "--level x" "--jobs 0" "--jobs 65" \
	"--align-log2 13" "--align-log2 17" "--block-log2 11" \
	"--block-log2 21" "--epoch -1" "--epoch 253402300800" "--codec gzip" \
	"--meta-codec no" "--jobs 18446744073709551617"; do
	refused 1 "is not" "$wrong is refused" "$epk" pack x -o y $wrong
done
for wrong in "--encoder gzip" "--encoder zlib --level 10" "--best --level 2"; do
	tree t
	refused 1 "epk pack --help" "$wrong is refused" "$epk" pack t -o y $wrong
	rm -rf t
done
tree t
refused 1 "block-log2" "a block smaller than the alignment is refused" \
	"$epk" pack t -o y --align-log2 16 --block-log2 14
holds "letters may stand together, arguments behind them" \
	"$epk" pack -qj2 -oy.epk t
holds "-- ends the options" "$epk" list -- y.epk
"$epk" list --json --frob x 2>err | grep -q '"code":"USAGE"'
ok $? "a usage error is JSON too when --json came before it"
finish
