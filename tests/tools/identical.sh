#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
. "${top_srcdir:?}/tests/tools/support.sh"

tree t
i=0
while [ $i -lt 60 ]; do
	bytes $((i * 1777)) $i >"t/data/deep/f$i"
	i=$((i + 1))
done
"$epk" pack t -q -o one.epk -j 1 --map exec
same()
{
	cmp one.epk other.epk >/dev/null 2>&1
	ok $? "$1"
	rm -f other.epk
}
for jobs in 2 3 8; do
	"$epk" pack t -q -o other.epk -j $jobs --map exec
	same "$jobs threads give the same bytes as one"
done
"$epk" pack t -q -o other.epk --map exec
same "so does the default"
TZ=Asia/Tokyo "$epk" pack t -q -o other.epk --map exec
same "the time zone changes nothing"
LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 "$epk" pack t -q -o other.epk --map exec
same "nor does the locale"
(umask 077 && "$epk" pack t -q -o other.epk --map exec)
same "nor the file mode mask"
(cd t && "$epk" pack . -q -o ../other.epk --map exec)
same "nor the name of the folder"

# Another order of creation, other times, other permissions.
mkdir -p else/where/t
(cd t && find . -type d) | while read -r d; do
	mkdir -p "else/where/t/$d"
done
(cd t && find . ! -type d) | LC_ALL=C sort -r | while read -r f; do
	cp -P "t/$f" "else/where/t/$f"
done
chmod 755 else/where/t/bin/tool
find else/where/t -type f ! -path '*/tool' -exec chmod 600 {} +
touch -d 2001-01-01 else/where/t/data/one
"$epk" pack else/where/t -q -o other.epk --map exec
same "nor the place, the order of creation, times, other permissions"

"$epk" pack t -q -o other.epk --encoder zlib --map exec
[ "$(field content_id other.epk)" = "$(field content_id one.epk)" ]
ok $? "another encoder changes nothing in the content"
holds "and any reader reads it" "$epk" verify --deep other.epk
"$epk" pack t -q -o best.epk --best --map exec
[ "$(wc -c <best.epk)" -le "$(wc -c <other.epk)" ]
ok $? "--best is no larger"
for codec in store zlib; do
	"$epk" pack t -q -o c.epk --codec $codec --meta-codec $codec
	field content_id c.epk
done | uniq | wc -l | grep -qx 1
ok $? "the content id does not depend on compression"
"$epk" extract -q one.epk back
"$epk" pack back -q -o other.epk --map exec
same "unpacked and packed again it is the same image"
finish
