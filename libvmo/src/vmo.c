/* SPDX-License-Identifier: BSD-2-Clause
 * What memory objects do alike on every system. */
#include <vmo/vmo.h>

vmo_name_t vmo_release(struct vmo *vmo)
{
	vmo_name_t name = vmo->name;

	vmo->name = VMO_NAME_NONE;
	return name;
}
