#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Completions load in their shells, if these are here, and know what is known.
. "${top_srcdir:?}/tests/tools/support.sh"
# holds_completions NAME TOOL
holds_completions()
{
	name=$1 tool=$2
	for shell in bash zsh fish; do
		"$tool" --completion $shell >c.$shell
		ok $? "there is a completion of $name for $shell"
		for command in $("$tool" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
			grep -q -e "$command" c.$shell || echo "$command"
			for option in $("$tool" "$command" --help |
				sed -n 's/^  [- ][a-z ][, ] --\([a-z0-9-]*\).*/\1/p'); do
				grep -q -e "-l $option " -e "--$option" c.$shell ||
					echo "$command --$option"
			done
		done >missing
		[ ! -s missing ]
		ok $? "with every command and option"
		sed 's/^/# /' missing
		if command -v $shell >/dev/null 2>&1; then
			holds "that $shell can read" $shell -n c.$shell
		else
			skip "that $shell can read" "no $shell"
		fi
	done
}
holds_completions package "$package"
holds_completions epk "$epk"
"$epk" --completion csh >out 2>err
[ $? -eq 1 ]
ok $? "there is none for another shell"
if command -v bash >/dev/null 2>&1; then
	# completed WORD...: what bash offers for the last of them.
	completed()
	{
		bash -c '. ./c.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_epk
		printf "%s " "${COMPREPLY[@]}"' _ "$@" 2>/dev/null
	}
	[ "$(completed epk ver)" = "verify " ]
	ok $? "bash completes commands"
	[ "$(completed epk pack --block)" = "--block-log2 " ]
	ok $? "and options of the command"
	[ "$(completed epk pack --codec s)" = "store " ]
	ok $? "and their choices"
	: >file.epk
	[ "$(completed epk list file)" = "file.epk " ]
	ok $? "and files"
else
	skip "bash completes" "no bash"
fi
finish
