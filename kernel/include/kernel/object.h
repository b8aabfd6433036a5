/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_OBJECT_H
#define KERNEL_OBJECT_H
/** @file object.h
 * What all kernel objects share. An object lives while somebody holds a
 * reference: each handle, each message in flight and each pointer kept in
 * another object is one. What a kind does when its last reference goes, or
 * when a handle to it opens or closes, stands in one table of hooks. */
#include <kernel/kernel.h>
#include <kernel/lock.h>

struct job;

struct object GUARDED_FIELDS {
	uint32_t kind; /* NX_KIND_* */
	uint32_t reference_count GUARDED;
	union {
		uint64_t id; /* never used again */
		struct object *next_dead;
	};
	struct job *job; /* who pays: a reference; NULL for the first job */
} GUARDED_END;

/** The last reference has gone, and the object is about to be queued for its
 * end: let nobody find it any more who does not have one. True: it was given a
 * reference again, to be ended in steps of its own. */
typedef bool object_last_hook(struct object *object);
/** Its end: undo what the object holds, or a part of it (a step, see steps.h)
 * and say false. The memory is freed by the caller. */
typedef bool object_destroy_hook(struct object *object);
/** A handle with these rights exists from now on. */
typedef void object_opened_hook(struct object *object, nx_rights_t rights);
/** It is closed; `death` when its process ended. */
typedef void object_closed_hook(struct object *object, nx_rights_t rights,
				bool death);
/** The two values of handle_info. */
typedef void object_info_hook(const struct object *object, uint64_t *state,
			      uint64_t *value);

/** All but the end may be NULL: nothing is done, and both values are 0. */
struct object_hooks {
	size_t size_bytes;
	object_last_hook *last;
	object_destroy_hook *destroy;
	object_opened_hook *handle_opened;
	object_closed_hook *handle_closed;
	object_info_hook *info;
};

/** Hooks by kind; rows with size 0 are kinds without objects. Defined in
 * object/hooks.c; each row's functions are in the file of the kind. */
extern const struct object_hooks object_hooks[];
#define OBJECT_KIND_COUNT (NX_KIND_REPLY + 1)
/** All rights that a handle to this kind can carry. */
extern const nx_rights_t object_rights[];

/** Make the first job, which nobody pays for, the first object. */
HELD void object_create_first(struct object *job);
/** Allocate a zeroed object of a kind from the job's slabs, with one
 * reference. The pointer has the type of the kind. BAD_STATE when the job is
 * dying. */
HELD nx_status_t object_create(struct job *job, uint32_t kind,
			       void *out_object_pointer);
HELD void object_ref(struct object *object);
/** Drop a reference; NULL is fine. Destroys without recursion: objects
 * that die inside a destroy are queued, and what takes long is left to the
 * steps of the current thread. */
HELD void object_unref_last(struct object *object);
HELD static inline void object_unref(struct object *object)
{
	kernel_lock_assert();
	if (object == NULL)
		return;
	if (object->reference_count > 1)
		object->reference_count--;
	else
		object_unref_last(object);
}
/** A step of the end of an object without references; true: it is gone. */
HELD bool object_free(struct object *object);
#endif /* KERNEL_OBJECT_H */
