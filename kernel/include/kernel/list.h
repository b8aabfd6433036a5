/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H
/** @file list.h
 * Circular doubly linked lists with the links inside the members. A node
 * that is in no list points to itself, so removing is always allowed. */
#include <kernel/lock.h>

struct list GUARDED_FIELDS {
	struct list *next;
	struct list *prev;
} GUARDED_END;

HELD static inline void list_init(struct list *list)
{
	list->next = list;
	list->prev = list;
}

HELD static inline bool list_is_empty(const struct list *list)
{
	return list->next == list;
}

/** Put a node that is in no list behind `position`. */
HELD static inline void list_insert_after(struct list *position,
					  struct list *node)
{
	struct list *next = position->next;

	node->next = next;
	node->prev = position;
	next->prev = node;
	position->next = node;
}

HELD static inline void list_push_back(struct list *list, struct list *node)
{
	list_insert_after(list->prev, node);
}

HELD static inline void list_push_front(struct list *list, struct list *node)
{
	list_insert_after(list, node);
}

/** Take out a node that is in a list and will be put in the next one before
 * anybody could remove it: its own links mean nothing then. */
HELD static inline void list_take(struct list *node)
{
	struct list *next = node->next, *prev = node->prev;

	prev->next = next;
	next->prev = prev;
}

HELD static inline void list_remove(struct list *node)
{
	list_take(node);
	list_init(node);
}

/** Put all of one list behind those of another, however many. */
HELD static inline void list_move_all(struct list *from, struct list *to)
{
	struct list *last = from->prev;

	/* The two rings become one, and the head of the first leaves it. */
	to->prev->next = from;
	from->prev = to->prev;
	last->next = to;
	to->prev = last;
	list_remove(from);
}

#define LIST_ENTRY(node, type, member) CONTAINER_OF(node, type, member)
/** Walk over the members of a type; the body must not remove anything. */
#define LIST_FOR_EACH(type, entry, list, member)                               \
	for (type *entry = LIST_ENTRY((list)->next, type, member);             \
	     &entry->member != (list);                                         \
	     entry = LIST_ENTRY(entry->member.next, type, member))
#endif /* KERNEL_LIST_H */
