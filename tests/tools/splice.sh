#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# examples/splice, built as a user would, run as two processes.
. "${top_srcdir:?}/tests/tools/support.sh"

cp "$top_srcdir"/examples/splice/*.[ch] "$top_srcdir"/examples/splice/*.mk .
chmod u+w ./*
LD_LIBRARY_PATH=$top_builddir/libepk/.libs
export LD_LIBRARY_PATH
holds "the example builds without a warning" \
	"${MAKE:-make}" -f splice.mk CC="${CC:-cc}" \
	CFLAGS="-O2 -Wall -Wextra -Werror ${SANITIZE:-}" \
	EPK_CFLAGS="-I$top_srcdir/libepk/include" \
	EPK_LIBS="-L$LD_LIBRARY_PATH -lepk"

tree t
bytes 3000000 7 >t/data/film
echo plain >t/plain
"$epk" pack t -q -o t.epk --map 'data/*' --map exec
mkfifo stop said
./server t.epk socket <stop >said 2>err &
server=$!
exec 3>stop
read -r ready <said
[ "$ready" = ready ]
ok $? "the server waits"

# line PATH COPIED: what the client is to say.
line()
{
	echo "$(sha256sum <"t/$1" | cut -d ' ' -f 1) $1 $2"
}
{
	line data/film 3002368
	line data/film 0
	line data/large 303104
	line data/deep/copy 0
	line bin/tool 4096
} >wanted
./client socket data/film data/film data/large data/deep/copy bin/tool >out
ok $? "the client gets five files, each sealed"
cmp -s wanted out
ok $? "computes their digests, and a second request costs no copy"
cmp -s wanted out || diff wanted out | sed 's/^/# /'
refused 1 NO_ZEROCOPY "a file that is not mapped has to be read" \
	./client socket plain
refused 1 NOT_FOUND "a file that is not there is not found" \
	./client socket data/none

# The package's own file is overwritten where its blocks lie.
dd if=/dev/zero of=t.epk bs=4096 seek=$(($(field data_offset t.epk) / 4096)) \
	count=900 conv=notrunc 2>/dev/null
[ "$(./client socket data/film)" = "$(line data/film 0)" ]
ok $? "memory that was handed out does not change with the package"
refused 1 BLOCK_DIGEST "and what was not yet handed out is refused" \
	./client socket data/page
exec 3>&-
wait $server
ok $? "the server ends and held nothing"
[ ! -e socket ] && [ ! -s err ]
ok $? "and leaves nothing behind"
finish
