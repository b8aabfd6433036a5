# SPDX-License-Identifier: BSD-2-Clause
# Sourced by what packs a package of the build. Takes these options off its
# arguments, makes $tree, a folder to fill that goes when the script ends, and
# gives add and pack. What -s says is the script's own.
#   -e EPK -v VERSION.H -o OUT [-n NAME] [-s WORD]
set -eu
epk= out= header= name= word=
while getopts e:n:o:s:v: option; do
	case $option in
	e) epk=$OPTARG ;;
	n) name=$OPTARG ;;
	o) out=$OPTARG ;;
	s) word=$OPTARG ;;
	v) header=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
: "${epk:?-e is missing}" "${out:?-o is missing}" "${header:?-v is missing}"
work=$(mktemp -d)
trap 'rm -rf "$work"' 0
trap 'exit 1' 1 2 15
tree=$work/tree
mkdir "$tree"

# add ENTRY=FILE...: copies, in the tree.
add()
{
	for pair; do
		mkdir -p "$(dirname "$tree/${pair%%=*}")"
		cp "${pair#*=}" "$tree/${pair%%=*}"
	done
}

# pack NAME ARCH [OPTION...]: OUT of the tree, for the contract that the
# programs were compiled with.
pack()
{
	{
		printf 'name = "%s"\nversion = "0.1.0"\narch = "%s"\n' "$1" "$2"
		awk '$2 == "NX_ABI_MAJOR" { major = $3 }
			$2 == "NX_ABI_MINOR" { minor = $3 }
			END { printf "kernel_api = \"%s.%s\"\n", major, minor }' \
			"$header"
	} >"$work/manifest"
	shift 2
	"$epk" pack --quiet --manifest "$work/manifest" "$@" \
		--output "$out.new" "$tree"
	mv "$out.new" "$out"
}
