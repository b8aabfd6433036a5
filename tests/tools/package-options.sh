#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"
. "${top_srcdir:?}/tests/tools/page.sh"
commands="list add remove verify run which report inspect"
holds_page package "$package" "$commands" 15

"$package" --version | grep -q '^package [0-9][0-9.]* (format 1, store 1)$'
ok $? "--version names version, format and store"
refused 1 "takes FILE" "a missing operand is a usage error" "$package" add
refused 1 "takes COMMAND" "so is one too many" "$package" which a b
mkdir store
for word in Demo demo@1 demo@1.0.0.0 demo@01.0.0 demo@1.0.4294967296 a..b \
	demo@ @1.0.0 "$(bytes 65 1)"; do
	refused 1 "NAME" "\"$word\" is no name" \
		"$package" list --store store -- "$word"
done
refused 1 "is not SECONDS" "nor is x a time" \
	"$package" add --wait x --store store y
refused 1 "needs --policy required" "policies are as epk has them" \
	"$package" list --store store --policy optional --threshold 1
"$package" list --json --frob x 2>err | grep -q '"code":"USAGE"'
ok $? "a usage error is JSON too when --json came before it"
(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	"$package" frobnicate &
done; wait) 2>err
[ "$(grep -cx 'package: there is no command "frobnicate".*' err)" -eq 20 ]
ok $? "complaints of many are lines of their own"
finish
