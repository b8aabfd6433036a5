# SPDX-License-Identifier: BSD-2-Clause
# Sourced behind support.sh by the scripts about package.
HOME=$work/home
XDG_DATA_HOME=$work/data
XDG_CONFIG_HOME=$work/config
export HOME XDG_DATA_HOME XDG_CONFIG_HOME
store=$work/store

# p COMMAND [OPTION...] ...: package, on the store of the test.
p()
{
	verb=$1
	shift
	"$package" "$verb" --store "$store" "$@"
}

# make_package NAME VERSION [COMMAND]...: NAME-VERSION.epk
#   body    what its program holds; default: nothing much
#   arch, kernel_api, entry  of its manifest
make_package()
{
	name=$1 version=$2
	shift 2
	rm -rf tree && mkdir -p tree/bin
	printf '#!/bin/sh\necho %s\n' "${body:-$name}" >tree/bin/tool
	chmod 755 tree/bin/tool
	{
		printf 'name = "%s"\nversion = "%s"\n' "$name" "$version"
		printf 'arch = "%s"\n' "${arch:-any}"
		printf 'kernel_api = "%s"\n' "${kernel_api:-linux-3.2}"
		[ "${entry-yes}" = no ] || printf 'entry = "/bin/tool"\n'
		[ $# -eq 0 ] || printf '[commands]\n'
		for command in "$@"; do
			printf '"%s" = "/bin/tool"\n' "$command"
		done
	} >tree/manifest.toml
	"$epk" pack --quiet --output "$name-$version.epk" tree
}

# has TEXT SENTENCE: the store lists exactly these, "NAME@VERSION ...".
has()
{
	p list --json >.list 2>.err
	status=$?
	found=$(sed 's/.*"name":"\([^"]*\)","version":"\([^"]*\)".*/\1@\2/' .list |
		tr '\n' ' ')
	[ $status -eq 0 ] && [ "$found" = "${1:+$1 }" ]
	ok $? "$2"
	[ "$found" = "${1:+$1 }" ] || echo "# $found (exit $status)"
}
