#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TAP: the tree keeps its own rules.
#   top_srcdir  the source; a git checkout or an unpacked tarball
set -u
. "${top_srcdir:?}/tests/support/tap.sh"
cd "$top_srcdir" || exit 99
if [ -e .git ] && git ls-files >"$work/files" 2>/dev/null; then
	tracked=yes
else
	tracked=no
	find . \( -name _build -o -name _inst -o -name build \) -prune -o \
		-type f -print | sed 's,^\./,,' >"$work/files"
fi

# Written by hand: by the end of the name, or by the #! line.
grep -E '\.(c|h|S|ld|def|sh|awk|py|m4|am|ac|map|in|1)$|^(bootstrap|quickstart|\.ci/run)$' \
	"$work/files" |
	grep -vE '(^|/)(build-aux/auto|aclocal\.m4|Makefile\.in|config\.h\.in|m4/(lt|libtool))|^lib[a-z]*/build-aux/|\.pc\.in$' |
	while read -r f; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
			echo "$f"
	done >"$work/wrong"
none "every source file names its licence in its first lines"

# A folder of a library, or of a kind of package, is told by the page above it.
sed -n 's,/[^/]*$,,p' "$work/files" | LC_ALL=C sort -u |
	grep -vE '^\.|^[^/]*/[^/]*/|/(include|src|target|abi|build-aux|m4|debian|rpm|autom4te\.cache)$|^build|^autom4te|^lib[a-z]*/m4' |
	while read -r d; do
		[ -f "$d/README.md" ] || echo "$d"
	done >"$work/wrong"
none "every folder says in README.md what it is"

# Between backquotes, with a slash or a source's ending, and no pattern in it.
# Tables name files below the folder that their row is about.
if [ -f ARCHITECTURE.md ]; then
	grep -o '`[^`]*`' ARCHITECTURE.md | tr -d '`' |
		grep -E '^[A-Za-z_.][A-Za-z0-9_./-]*$' |
		grep -E '/|\.(c|h|def|md|S|sh|am)$' |
		grep -vE '^build/' | LC_ALL=C sort -u | while read -r path; do
		[ -e "$path" ] || awk -v path="/${path%/}" '
			{ at = index("/" $0 "/", path "/") }
			at { found = 1; exit }
			END { exit !found }' "$work/files" || echo "$path"
	done >"$work/wrong"
	none "every path that ARCHITECTURE.md names exists"
else
	skip "no ARCHITECTURE.md yet"
fi

for main in utils/*/main.c; do
	[ -f "$main" ] || continue
	tool=${main%/main.c}
	[ -f "$tool/${tool##*/}.1" ] || echo "$tool"
done >"$work/wrong"
none "every tool has a man page"

if [ $tracked = yes ]; then
	grep -E '\.(o|lo|la|a|so|elf|log|trs|gcno|gcda)$|(^|/)(Makefile\.in|configure|config\.status|aclocal\.m4)$' \
		"$work/files" >"$work/wrong"
	none "no product of a build is tracked"
else
	skip "not a git checkout"
fi

# A test of the kernel runs in the simulator and on the machine: two lists.
for f in tests/system/*.c; do
	grep -q '^const struct system_case system_cases' "$f" || continue
	name=$(basename "$f" .c)
	grep -q "^	system/$name\( \|\$\)" tests/system.am &&
		grep -q -e "^	qemu/system-$name\.epk\( \|\$\)" \
			-e "^	qemu/$name\.sh\( \|\$\)" tests/qemu.am ||
		echo "$name"
done >"$work/wrong"
none "every test of the kernel runs on both machines"

# The number, the file, the sentence and the state of each decision.
sed -n 's/^| \[\([0-9]*\)\](\([^)]*\)) | \(.*\) | \(.*\) |$/\2: \1: \3, \4/p' \
	docs/adr/README.md >"$work/index"
for page in docs/adr/0*.md; do
	sed -n "/^# /{ s,^# ,${page##*/}: ,; h; }
		/^Status: /{ s/^Status: \([^,.]*\).*/, \1/; H; g; s/\n//p; q; }" \
		"$page"
done | LC_ALL=C sort | diff - "$work/index" >"$work/wrong"
none "the index of decisions says what each page says"

sed -n '5,$s/^| \([^|]*\) |.*/\1/p' docs/glossary.md >"$work/words"
[ -s "$work/words" ] && LC_ALL=C sort -cuf "$work/words" 2>"$work/wrong" ||
	echo "the glossary" >>"$work/wrong"
none "the glossary has each word once, in order"

# "| promise | `test` | sentence |": the test has the sentence, on one line.
tab=$(printf '\t')
sed -n 's/^| .* | `\(tests[^`]*\)` | \(.*\) |$/\1\t\2/p' docs/promises.md \
	>"$work/promises"
while IFS=$tab read -r test sentence; do
	grep -qF -e "$sentence" "$test" || echo "$test: $sentence"
done <"$work/promises" >"$work/wrong"
[ -s "$work/promises" ] || echo "docs/promises.md" >"$work/wrong"
none "each of $(wc -l <"$work/promises") promises has a test that says so"
finish
