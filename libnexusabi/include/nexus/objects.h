/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEXUS_OBJECTS_H
#define NEXUS_OBJECTS_H
/** @file objects.h
 * The kinds of objects, from objects.def, and one handle type for each.
 * A handle type is a struct of one member, so that a handle of the wrong
 * kind does not compile. Conversions are written out: `nx_vmo_t v = {h}`. */
#include <nexus/rights.h>
#include <nexus/types.h>

enum {
	NX_KIND_NONE = 0,
#define NX_OBJECT(number, upper, lower, rights, text)                          \
	NX_KIND_##upper = (number),
#include <nexus/objects.def>
#undef NX_OBJECT
};

#define NX_OBJECT(number, upper, lower, rights, text)                          \
	typedef struct nx_##lower {                                            \
		nx_handle_t handle;                                            \
	} nx_##lower##_t;
#include <nexus/objects.def>
#undef NX_OBJECT

/** A VMO that its holder may only read: made by nx_vmo_view(). Calls that
 * change a VMO do not take it. */
typedef struct nx_vmo_view {
	nx_handle_t handle;
} nx_vmo_view_t;
/** A port as its clients hold it: to call and send, never to receive. */
typedef struct nx_client {
	nx_handle_t handle;
} nx_client_t;

NX_BEGIN_DECLS
/** Name of a kind, such as "vmo", or NULL if there is none. */
const char *nx_kind_name(uint32_t kind);
NX_END_DECLS

static inline nx_vmo_view_t nx_vmo_view(nx_vmo_t vmo)
{
	nx_vmo_view_t view = { vmo.handle };
	return view;
}

static inline nx_client_t nx_port_client(nx_port_t port)
{
	nx_client_t client = { port.handle };
	return client;
}
#endif /* NEXUS_OBJECTS_H */
