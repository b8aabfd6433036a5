# SPDX-License-Identifier: BSD-2-Clause
# Sourced behind support.sh: a tool's page against its tables.

# holds_page NAME TOOL COMMANDS OPTIONS: the page utils/NAME/NAME.1 says of
# commands and options what the tool says, which has at least so many options
# and says so when it is given another word.
holds_page()
{
	name=$1 tool=$2 commands=$3 least=$4
	page=$top_srcdir/utils/$name/$name.1
	for command in $commands; do
		"$tool" $command --help >"help.$command" 2>err
		[ $? -eq 0 ] && [ ! -s err ] && grep -q "^Usage: $name $command" \
			"help.$command" && [ -z "$(awk 'length > 79' "help.$command")" ]
		ok $? "$command --help explains it on 79 columns"
		grep -q "^\.It Cm $command\$" "$page"
		ok $? "the manual page has $command"
	done
	[ "$("$tool" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | tr '\n' ' ')" = \
		"$commands " ]
	ok $? "--help lists these commands and no other"

	# "letter name ARGUMENT" of each option, from the help and from the page.
	cat help.* | sed -n 's/^  \(-\([a-z]\),\|   \) --\([a-z0-9-]*\) *\([A-Z][A-Z=]*[A-Za-z|]*\|[a-z]*|[a-z|]*\)\{0,1\}\( .*\|$\)/\2 \3 \4/p' |
		sed 's/ *$//' | LC_ALL=C sort -u >from-help
	sed -n 's/^\.It \(Fl \([a-z]\) , \)\{0,1\}Fl -\([a-z0-9-]*\)\( Ar \(.*\)\)\{0,1\}$/\2 \3 \5/p' \
		"$page" | sed 's/ *$//' | LC_ALL=C sort -u >from-page
	cmp from-help from-page >/dev/null
	ok $? "the manual page has the options of --help, letter, name and argument"
	cmp -s from-help from-page || diff from-help from-page | sed 's/^/# /'
	[ "$(wc -l <from-help)" -ge "$least" ]
	ok $? "all $(wc -l <from-help) of them"

	# Whose option it is.
	for option in $(awk '{ print $(NF > 1 && $1 ~ /^.$/ ? 2 : 1) }' from-help); do
		for command in $commands; do
			grep -q -e " --$option\( \|\$\)" "help.$command" && echo "$command"
		done | sort | tr '\n' ' ' >has
		awk -v n="-$option" '
		/^\.It Fl/ { on = 0; for (i = 2; i <= NF; i++) if ($i == n) on = 1; next }
		on && /^\.Pq/ { $1 = ""; print; on = 0 }' "$page" >says
		if grep -q 'all but' says; then
			echo $commands | tr ' ' '\n' | grep -vx "$(sed 's/.* //' says)"
		elif grep -q all says; then
			echo $commands | tr ' ' '\n'
		else
			sed 's/Cm//g; s/,//g' says | tr ' ' '\n' | sed '/^$/d'
		fi | sort | tr '\n' ' ' | cmp -s - has ||
			echo "# --$option: the page says$(cat says), help: $(cat has)"
	done >wrong
	[ ! -s wrong ]
	ok $? "and says which command has it"
	cat wrong

	"$tool" >out 2>err
	[ $? -eq 1 ] && grep -q "^Usage: $name" out
	ok $? "without a command the usage is shown, exit status 1"
	refused 1 "no command" "an unknown command is a usage error" \
		"$tool" frobnicate
	refused 1 "no option of $name list" "so is an unknown option" \
		"$tool" list --frobnicate
}
