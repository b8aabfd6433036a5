#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"
page=$top_srcdir/utils/epk/epk.1
commands="pack list cat extract verify info keygen sign trust mount umount"
commands="$commands diff repack import export convert check-manifest"

for command in $commands; do
	"$epk" $command --help >"help.$command" 2>err
	[ $? -eq 0 ] && [ ! -s err ] && grep -q "^Usage: epk $command" \
		"help.$command" && [ -z "$(awk 'length > 79' "help.$command")" ]
	ok $? "$command --help explains it on 79 columns"
	grep -q "^\.It Cm $command\$" "$page"
	ok $? "the manual page has $command"
done
[ "$("$epk" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | tr '\n' ' ')" = \
	"$commands " ]
ok $? "epk --help lists these commands and no other"

# "letter name ARGUMENT" of each option, from the help and from the page.
cat help.* | sed -n 's/^  \(-\([a-z]\),\|   \) --\([a-z0-9-]*\) *\([A-Z][A-Z=]*[A-Za-z|]*\|[a-z]*|[a-z|]*\)\{0,1\}\( .*\|$\)/\2 \3 \4/p' |
	sed 's/ *$//' | LC_ALL=C sort -u >from-help
sed -n 's/^\.It \(Fl \([a-z]\) , \)\{0,1\}Fl -\([a-z0-9-]*\)\( Ar \(.*\)\)\{0,1\}$/\2 \3 \5/p' \
	"$page" | sed 's/ *$//' | LC_ALL=C sort -u >from-page
cmp from-help from-page >/dev/null
ok $? "the manual page has the options of --help, letter, name and argument"
cmp -s from-help from-page || diff from-help from-page | sed 's/^/# /'
[ "$(wc -l <from-help)" -ge 17 ]
ok $? "all $(wc -l <from-help) of them"

# Whose option it is.
for name in $(awk '{ print $(NF > 1 && $1 ~ /^.$/ ? 2 : 1) }' from-help); do
	for command in $commands; do
		grep -q -e " --$name\( \|\$\)" "help.$command" && echo "$command"
	done | sort | tr '\n' ' ' >has
	awk -v n="-$name" '
	/^\.It Fl/ { on = 0; for (i = 2; i <= NF; i++) if ($i == n) on = 1; next }
	on && /^\.Pq/ { $1 = ""; print; on = 0 }' "$page" >says
	if grep -q 'all but' says; then
		echo $commands | tr ' ' '\n' | grep -vx "$(sed 's/.* //' says)"
	elif grep -q all says; then
		echo $commands | tr ' ' '\n'
	else
		sed 's/Cm//g; s/,//g' says | tr ' ' '\n' | sed '/^$/d'
	fi | sort | tr '\n' ' ' | cmp -s - has ||
		echo "# --$name: the page says$(cat says), help: $(cat has)"
done >wrong
[ ! -s wrong ]
ok $? "and says which command has it"
cat wrong

"$epk" --version | grep -q '^epk [0-9][0-9.]* (format 1, encoder [a-z]* [0-9.]*)$'
ok $? "--version names version, format and encoder"
"$epk" >out 2>err
[ $? -eq 1 ] && grep -q '^Usage' out
ok $? "without a command the usage is shown, exit status 1"
refused 1 "no command" "an unknown command is a usage error" "$epk" frobnicate
refused 1 "no option" "an unknown option is a usage error" \
	"$epk" list --frobnicate x
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
