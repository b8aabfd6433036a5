# SPDX-License-Identifier: BSD-2-Clause
# The aims of rows.tsv: "N" is at most N, "N..M" from N to M.

# meets(have, aim): is the aim met?
function meets(have, aim,	bound)
{
	if (split(aim, bound, /[.][.]/) == 2)
		return have + 0 >= bound[1] + 0 && have + 0 <= bound[2] + 0
	return have + 0 <= aim + 0
}
