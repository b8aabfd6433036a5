/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of the model: counted references and who pays. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

struct model model;

void model_reset(void)
{
	while (model.objects) {
		struct model_object *object = model.objects;

		model.objects = object->next;
		free(object);
	}
	memset(&model, 0, sizeof(model));
}

void model_sweep(void)
{
	struct model_object **at = &model.objects;

	while (*at) {
		struct model_object *object = *at;

		if (object->alive) {
			at = &object->next;
			continue;
		}
		*at = object->next;
		free(object);
	}
	while (model.node_high > 0 &&
	       model.nodes[model.node_high - 1].type == NODE_FREE)
		model.node_high--;
}

void *model_create(uint32_t kind, size_t size_bytes, struct model_job *job)
{
	struct model_object *object = calloc(1, size_bytes);

	if (!object)
		abort();
	object->kind = kind;
	object->references = 1;
	object->alive = true;
	object->job = job;
	if (job)
		model_ref(job);
	object->next = model.objects;
	model.objects = object;
	model.alive_count++;
	return object;
}

void model_ref(void *pointer)
{
	struct model_object *object = pointer;

	if (!object->alive)
		abort();
	object->references++;
}

static void filter_unref(struct model_filter *filter)
{
	if (filter)
		model_unref(filter);
}

static void job_gone(struct model_job *job)
{
	for (unsigned r = 0; r < MODEL_RESOURCES; r++)
		model_uncharge(job->parent, r, job->max[r]);
	filter_unref(job->filter);
}

static void process_gone(struct model_process *process)
{
	if (process->state <= NX_PROCESS_RUNNING)
		model_process_end(process, NX_PROCESS_KILLED, 0);
	filter_unref(process->filter);
}

static void filter_gone(struct model_filter *filter)
{
	for (unsigned i = 0; i < filter->rated_count; i++)
		model_unref(filter->rated[i]);
}

static void gone(struct model_object *object)
{
	struct model_vmo *vmo;
	struct model_reply *reply;

	switch (object->kind) {
	case NX_KIND_JOB:
		job_gone((struct model_job *)object);
		break;
	case NX_KIND_PROCESS:
		process_gone((struct model_process *)object);
		break;
	case NX_KIND_BUDGET:
		model_uncharge(object->job, MODEL_SHARES,
			       ((struct model_budget *)object)->share);
		break;
	case NX_KIND_THREAD:
		filter_unref(((struct model_thread *)object)->filter);
		break;
	case NX_KIND_VMO:
		vmo = (struct model_vmo *)object;
		if (vmo->root != vmo)
			model_unref(vmo->root);
		break;
	case NX_KIND_REPLY:
		reply = (struct model_reply *)object;
		if (reply->caller)
			model_wake_closed(reply->caller, reply->generation);
		break;
	case NX_KIND_EVENT:
		model_event_gone((struct model_event *)object);
		break;
	case NX_KIND_DMA:
		model_dma_gone((struct model_dma *)object);
		break;
	case NX_KIND_FILTER:
		filter_gone((struct model_filter *)object);
		break;
	default:
		break;
	}
}

void model_unref(void *pointer)
{
	struct model_object *object = pointer;

	if (!object->alive || object->references == 0)
		abort();
	if (--object->references > 0)
		return;
	/* What its end does may still look at it. */
	object->references = 1;
	gone(object);
	object->references = 0;
	object->alive = false;
	model.alive_count--;
	if (object->job)
		model_unref(object->job);
}

nx_status_t model_charge(struct model_job *job, unsigned resource,
			 uint64_t count)
{
	static const nx_status_t errors[MODEL_RESOURCES] = {
		[MODEL_HANDLES] = NX_ERR_QUOTA_HANDLES,
		[MODEL_THREADS] = NX_ERR_QUOTA_THREADS,
		[MODEL_SHARES] = NX_ERR_QUOTA_SHARES,
	};

	if (count > job->max[resource] - job->used[resource])
		return errors[resource];
	job->used[resource] += count;
	return NX_OK;
}

/* What a dying job gives back goes on to its parent. */
void model_uncharge(struct model_job *job, unsigned resource, uint64_t count)
{
	for (; job; job = job->parent) {
		if (job->used[resource] < count)
			abort();
		job->used[resource] -= count;
		if (!job->dying || !job->parent)
			return;
		job->max[resource] -= count;
	}
}

bool is_memory_status(nx_status_t status)
{
	return status == NX_ERR_QUOTA_PAGES || status == NX_ERR_NO_MEMORY;
}

bool model_no_memory(void)
{
	return is_memory_status(model.told);
}
