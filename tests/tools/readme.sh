#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The host commands of README.md, run as they stand there: lines of the form
# "    $ build/utils/...", from the top of the source, writing elsewhere.
. "${top_srcdir:?}/tests/tools/support.sh"
ln -s "$top_builddir" build
ln -s "$top_srcdir/examples" examples
ln -s "$top_srcdir/docs" docs
sed -n 's/^    \$ \(build\/.*\)$/\1/p' "$top_srcdir/README.md" >commands
[ "$(wc -l <commands)" -ge 3 ]
ok $? "README.md has commands to try"
while read -r command; do
	holds "$command" sh -c "$command"
done <commands
finish
