# SPDX-License-Identifier: BSD-2-Clause
# Sourced by the scripts here. A script calls `holds` and `refused` beside
# what support/tap.sh gives.
#   top_srcdir, top_builddir  of the tree
#   EPK, PACKAGE              other tools to test
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
epk=${EPK:-${top_builddir:?}/utils/epk/epk}
package=${PACKAGE:-${top_builddir:?}/utils/package/package}
reseal=${RESEAL:-${top_builddir:?}/tests/tools/reseal}
[ -x "$epk" ] || skip_all "$epk is not built"
cd "$work" || exit 99
unset SOURCE_DATE_EPOCH

# holds SENTENCE COMMAND...: passed when the command succeeds.
holds()
{
	sentence=$1
	shift
	"$@" >"$work/.out" 2>"$work/.err"
	status=$?
	ok $status "$sentence"
	[ $status -eq 0 ] || sed 's/^/# /' "$work/.out" "$work/.err"
}

# refused EXIT CODE SENTENCE COMMAND...: passed when the command ends with
# this exit status and names this code in its one line of complaint.
refused()
{
	wanted=$1 code=$2 sentence=$3
	shift 3
	"$@" >"$work/.out" 2>"$work/.err"
	status=$?
	if [ $status -eq "$wanted" ] && grep -q "$code" "$work/.err" &&
		[ "$(wc -l <"$work/.err")" -eq 1 ]; then
		ok 0 "$sentence"
	else
		ok 1 "$sentence"
		echo "# exit $status, wanted $wanted and $code"
		sed 's/^/# /' "$work/.err"
	fi
}

# manifest ENTRY-OR-NOTHING: a sound manifest on standard output.
manifest()
{
	printf 'name = "demo.tools"\nversion = "1.0.0"\narch = "any"\n'
	printf 'kernel_api = "0.1"\n'
	[ $# -eq 0 ] || printf 'entry = "%s"\n' "$1"
}

# digits COUNT SEED: that many at least, which become small when compressed.
digits()
{
	LC_ALL=C awk -v n="$1" -v s="$2" 'BEGIN {
		for (; n > 0; n -= 8) {
			s = s * 16807 % 2147483647
			printf "%07d\n", s % 10000000
		}
	}'
}

# bytes COUNT SEED: that many bytes, always the same.
bytes()
{
	LC_ALL=C awk -v n="$1" -v s="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			s = (s * 75 + 74) % 65537
			printf "%c", 97 + s % 26
		}
	}'
}

# tree FOLDER: every kind of entry that can be packed.
tree()
{
	mkdir -p "$1/bin" "$1/data/deep" "$1/hollow"
	printf '#!tool\n' >"$1/bin/tool"
	chmod 755 "$1/bin/tool"
	printf 'same\n' >"$1/data/one"
	printf 'same\n' >"$1/data/two"
	bytes 300000 1 >"$1/data/large"
	cp "$1/data/large" "$1/data/deep/copy"
	bytes 4096 2 >"$1/data/page"
	: >"$1/empty"
	ln -s ../data/one "$1/bin/link"
	ln -s nowhere "$1/dangling"
	manifest /bin/tool >"$1/manifest.toml"
}

# flip FILE OFFSET: another byte there.
flip()
{
	old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf "\\$(printf %03o $(((old + 1) % 256)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# field NAME IMAGE: a row of info.
field()
{
	"$epk" info "$2" | awk -v n="$1" '$1 == n { print $2 }'
}
