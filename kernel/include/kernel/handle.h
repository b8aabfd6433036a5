/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HANDLE_H
#define KERNEL_HANDLE_H
/** @file handle.h
 * Capabilities. A process has a table of handles; each handle knows its
 * object, rights and identity word, and its place in the derivation tree.
 *
 * The tree joins everything that was made from a capability: handles
 * (duplicated or received), capabilities in a queued message, and mappings.
 * Revoke removes exactly what is below a node, whatever it is. When a node
 * is closed its children go to its parent, so that a revoke further up
 * still finds them.
 *
 * A slot's generation changes whenever it is freed; a slot whose generation
 * would wrap is retired. A fast path finds a handle without asking anybody:
 * the place in its number selects a page, the slot an entry, both cut to
 * the sizes of these, and then number and rights must be equal. */
#include <kernel/list.h>
#include <kernel/lock.h>
#include <kernel/object.h>

struct process;

enum derivation_type {
	DERIVED_HANDLE = 1,  /* struct handle, in a table */
	DERIVED_TRANSIT = 2, /* struct handle, in a queued message */
	DERIVED_MAPPING = 3  /* struct mapping */
};

/** A node of the derivation tree; embedded, never alone. 40 bytes. The tree
 * is written as brackets in a ring: what stands between the two of a node was
 * made from it. So a node leaves, and what is inside it falls to the node
 * around it, in the same few instructions however much that is. */
struct derivation GUARDED_FIELDS {
	struct list open;
	struct list close;
	uint8_t type; /* enum derivation_type */
	uint8_t kind; /* NX_KIND_* */
	uint16_t rights;
	uint32_t number; /* nx_handle_t, in a table */
} GUARDED_END;

/** Make a node that has no links a child of parent; NULL: a first one. */
HELD static inline void derivation_attach(struct derivation *parent,
					  struct derivation *node)
{
	if (parent != NULL)
		list_insert_after(&parent->open, &node->open);
	else
		list_init(&node->open);
	list_insert_after(&node->open, &node->close);
}

/** Take a node out; its children go to its parent. Its links mean nothing
 * then. */
HELD static inline void derivation_detach(struct derivation *node)
{
	list_take(&node->open);
	list_take(&node->close);
}

/** Put `to` in the place of `from`: same parent, children, neighbours. */
HELD static inline void derivation_move(struct derivation *from,
					struct derivation *to)
{
	list_insert_after(&from->open, &to->open);
	list_take(&from->open);
	list_insert_after(&from->close, &to->close);
	list_take(&from->close);
}

/** The child made last, or NULL. */
HELD static inline struct derivation *
derivation_child(const struct derivation *node)
{
	if (node->open.next == &node->close)
		return NULL;
	return LIST_ENTRY(node->open.next, struct derivation, open);
}

/** 64 bytes. Free slot: object NULL, no kind or right, next_free in identity.
 */
struct handle GUARDED_FIELDS {
	struct derivation link;
	struct object *object; /* a reference, but to its own process none */
	uint64_t identity;     /* service id of the owner, and badge */
	struct process *owner; /* NULL in transit */
} GUARDED_END;

#define HANDLES_PER_PAGE ((uint32_t)(NX_PAGE_SIZE / sizeof(struct handle)))
#define HANDLE_PAGES_MAX 256 /* 16,384 handles in a process at a time */
/** How often the page of one place can be replaced once all its slots are
 * retired: 2^20 slots in the life of a process. */
#define HANDLE_EPOCHS                                                          \
	((1U << NX_HANDLE_INDEX_BITS) / (HANDLE_PAGES_MAX * HANDLES_PER_PAGE))

struct handle_table GUARDED_FIELDS {
	struct process *owner;
	/** HANDLE_PAGES_MAX pages; where none is, one whose slots are free for
	 * ever. */
	struct handle **pages;
	uint32_t free_head; /* index of the first free slot, or none */
	uint32_t free_count;
	uint16_t used_count;
	uint16_t reserved_count; /* of the free ones */
	uint16_t closing;	 /* where handle_table_fini() is */
	uint16_t vacant;	 /* no place below it can have another page */
	uint8_t epochs[HANDLE_PAGES_MAX];
} GUARDED_END;

/** The place of a number's page, and its slot there. */
static inline uint32_t handle_place(nx_handle_t number)
{
	return number / HANDLES_PER_PAGE % HANDLE_PAGES_MAX;
}

static inline uint32_t handle_page_slot(nx_handle_t number)
{
	return number % HANDLES_PER_PAGE;
}

void handle_table_init(struct handle_table *table, struct process *owner);
/** Close everything (as a death) and free the pages, or do a step of that
 * and say false; empty afterwards. No reservation is open, and nothing is
 * installed meanwhile. */
HELD bool handle_table_fini(struct handle_table *table);

/** Look a handle up: BAD_HANDLE for a stale or wild number, WRONG_KIND,
 * ACCESS_DENIED in this order. kind NX_KIND_NONE takes any. The pointer is
 * good until the table changes. */
HELD static inline nx_status_t handle_find(const struct handle_table *table,
					   nx_handle_t number, uint32_t kind,
					   nx_rights_t rights,
					   struct handle **out_handle)
{
	struct handle *handle =
		&table->pages[handle_place(number)][handle_page_slot(number)];

	if (handle->link.number != number || handle->object == NULL)
		return NX_ERR_BAD_HANDLE;
	if (kind != NX_KIND_NONE && handle->link.kind != kind)
		return NX_ERR_WRONG_KIND;
	if ((handle->link.rights & rights) != rights)
		return NX_ERR_ACCESS_DENIED;
	*out_handle = handle;
	return NX_OK;
}

/** Make sure `count` handles can be installed without failing; charges the
 * job of the table's process. Undone by handle_unreserve or used up by
 * handle_install*. QUOTA_HANDLES, QUOTA_PAGES, NO_MEMORY, NO_SPACE; nothing
 * is changed then. */
HELD nx_status_t handle_reserve(struct handle_table *table, unsigned count);
/** One, for a call. SYS_AGAIN: the table has grown, or a part of that. */
HELD nx_status_t handle_reserve_one(struct handle_table *table);
HELD void handle_unreserve(struct handle_table *table, unsigned count);
/** Install a handle in a reserved slot; takes its own reference on the
 * object. parent NULL: a first handle. Cannot fail. The identity word is
 * the service id of the table's process and the badge. */
HELD nx_handle_t handle_install(struct handle_table *table,
				struct object *object, nx_rights_t rights,
				uint32_t badge, struct derivation *parent);
/** Move a capability in transit into a reserved slot. Cannot fail; one that
 * was revoked on its way gives the slot back and is NX_HANDLE_NONE. */
HELD nx_handle_t handle_install_transit(struct handle_table *table,
					struct handle *transit);
/** Reserve and install the first handle of a new object with all rights of
 * its kind; on failure the object keeps only the caller's reference. */
HELD nx_status_t handle_install_new(struct handle_table *table,
				    struct object *object,
				    nx_handle_t *out_number);
/** Begin a transit: derive from `source`, rights cut to `rights` (or
 * NX_RIGHTS_SAME); a reference is taken. When it is revoked on its way its
 * object becomes NULL. */
HELD void handle_transit_init(struct handle *transit, struct handle *source,
			      nx_rights_t rights);
/** Drop a capability in transit (message lost or refused); fine if it was
 * revoked or moved. */
HELD void handle_transit_drop(struct handle *transit);
/** Close a handle of a table; `death` when its process ends. */
HELD void handle_close(struct handle *handle, bool death);
/** Remove everything below this node: NX_OK, or SYS_AGAIN with some of it
 * left. */
HELD nx_status_t handle_revoke(struct derivation *node);
#endif /* KERNEL_HANDLE_H */
