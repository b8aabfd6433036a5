/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects: counted references. What dies is queued among the steps of the
 * current thread, so that a chain of objects that hold each other, however
 * long, is freed by one loop on one stack frame that can be left. */
#include <kernel/counters.h>
#include <kernel/hart.h>
#include <kernel/job.h>
#include <kernel/object.h>
#include <kernel/slab.h>
#include <kernel/steps.h>
#include <kernel/trace.h>

static uint64_t last_id GUARDED;

HELD static void object_start(struct object *object, struct job *job,
			      uint32_t kind)
{
	object->kind = kind;
	object->reference_count = 1;
	object->id = ++last_id;
	object->job = job;
	count(NX_COUNTER_OBJECTS, 1);
}

void object_create_first(struct object *job)
{
	last_id = 0;
	object_start(job, NULL, NX_KIND_JOB);
}

nx_status_t object_create(struct job *job, uint32_t kind,
			  void *out_object_pointer)
{
	size_t size_bytes = object_hooks[kind].size_bytes;
	struct object *object;
	nx_status_t status;

	KASSERT(size_bytes >= sizeof(struct object));
	if (job->dying)
		return NX_ERR_BAD_STATE;
	status = slab_alloc(job, size_bytes, &object);
	if (status != NX_OK)
		return status;
	object_ref(&job->object);
	object_start(object, job, kind);
	trace(NX_TRACE_CREATED, kind, object->id, 0);
	*(any_pointer *)out_object_pointer = object;
	return NX_OK;
}

void object_ref(struct object *object)
{
	KASSERT(object->reference_count > 0 &&
		object->reference_count < UINT32_MAX);
	object->reference_count++;
}

bool object_free(struct object *object)
{
	struct job *job = object->job;

	if (!object_hooks[object->kind].destroy(object))
		return false;
	slab_free(job, object, object_hooks[object->kind].size_bytes);
	count(NX_COUNTER_OBJECTS, -1);
	object_unref(&job->object);
	return true;
}

void object_unref_last(struct object *object)
{
	KASSERT(object->reference_count == 1 && object->job != NULL);
	object->reference_count = 0;
	if (object_hooks[object->kind].last != NULL &&
	    object_hooks[object->kind].last(object))
		return;
	steps_add_dead(object);
}
