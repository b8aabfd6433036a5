/* SPDX-License-Identifier: BSD-2-Clause
 * From a grant of the plan to a handle that the child begins with. A client
 * gets the port without MANAGE, so that it cannot change its badge.
 */
#include "init.h"

#include <crt/text.h>
#include <lib/roles.h>
#include <nexus/syscalls.h>
#include <proto/system.h>

#define CLIENT_RIGHTS                                                          \
	(NX_RIGHT_CALL | NX_RIGHT_SEND | NX_RIGHT_DUP | NX_RIGHT_TRANSFER |    \
	 NX_RIGHT_INSPECT)
#define PACKAGE_RIGHTS                                                         \
	(NX_RIGHT_READ | NX_RIGHT_EXEC | NX_RIGHT_MAP | NX_RIGHT_SLICE |       \
	 NX_RIGHT_DUP | NX_RIGHT_TRANSFER | NX_RIGHT_INSPECT)

/* A package inside the boot package carries digests of its own, which
 * packagefsd checks; here only its place is looked up. */
static nx_status_t grant_package(struct init *init,
				 const struct plan_grant *grant,
				 struct launch_handle *out_handle,
				 nx_handle_t *out_temporary)
{
	struct epk_node node;
	struct epk_block block;
	nx_vmo_t slice;
	nx_status_t status;
	uint32_t index;

	if (epk_walk(&init->image.epk, 0, grant->word.text, grant->word.size, 0,
		     &index) != EPK_OK ||
	    epk_node_get(&init->image.epk, index, &node) != EPK_OK)
		return NX_ERR_NOT_FOUND;
	if (node.type != EPK_TYPE_FILE || !(node.flags & EPK_FLAG_MAPPED) ||
	    epk_block_get(&init->image.epk, node.first, &block) != EPK_OK)
		return NX_ERR_NO_ZEROCOPY;
	status = nx_vmo_slice(init->package, block.image_offset,
			      node.size_bytes, &slice);
	if (status != NX_OK)
		return status;
	*out_temporary = slice.handle;
	*out_handle = (struct launch_handle){ ROLE_PACKAGE, slice.handle,
					      PACKAGE_RIGHTS, 0 };
	return NX_OK;
}

/* The driver gets what it needs to drive, and nothing to hand on. Who has it
 * already, dead or alive, keeps it until all handles are closed. */
static nx_status_t grant_device(const struct init *init,
				const struct plan_grant *grant,
				struct launch_handle *out_handle,
				nx_handle_t *out_temporary)
{
	struct launch_handle *to = out_handle;
	nx_mmio_t window = { NX_HANDLE_NONE };
	nx_irq_t line = { NX_HANDLE_NONE };
	nx_dma_t device = { NX_HANDLE_NONE };
	nx_status_t status;

	*to = (struct launch_handle){ .rights = NX_RIGHT_INSPECT };
	if (grant->kind == PLAN_WINDOW) {
		status = nx_mmio_narrow(init->windows, grant->number,
					grant->size_bytes, &window);
		to->role = NX_ROLE_MMIO;
		to->rights |= NX_RIGHT_MAP | NX_RIGHT_READ | NX_RIGHT_WRITE;
	} else if (grant->kind == PLAN_LINE) {
		status = nx_irq_narrow(init->lines, (uint32_t)grant->number,
				       &line);
		to->role = NX_ROLE_IRQ;
		to->rights |= NX_RIGHT_WAIT;
	} else {
		status = nx_dma_narrow(init->devices, grant->number,
				       NX_DMA_TRUSTED, &device);
		to->role = NX_ROLE_DMA;
		to->rights |= NX_RIGHT_DMA;
	}
	to->source = window.handle | line.handle | device.handle;
	*out_temporary = to->source;
	return status;
}

nx_status_t init_grant(struct init *init, const struct running_service *service,
		       const struct plan_grant *grant,
		       struct launch_handle *out_handle,
		       nx_handle_t *out_temporary)
{
	const struct running_service *server;

	(void)service;
	switch (grant->kind) {
	case PLAN_DEBUG_LINE:
		*out_handle = (struct launch_handle){
			NX_ROLE_TRACE, init->trace.handle,
			grant->rights | NX_RIGHT_DUP | NX_RIGHT_INSPECT, 0
		};
		return NX_OK;
	case PLAN_BOOT_PACKAGE:
		*out_handle = (struct launch_handle){ NX_ROLE_BOOT_PACKAGE,
						      init->package.handle,
						      PACKAGE_RIGHTS, 0 };
		return NX_OK;
	case PLAN_PACKAGE:
		return grant_package(init, grant, out_handle, out_temporary);
	case PLAN_MACHINE_JOB:
		*out_handle = (struct launch_handle){ ROLE_MACHINE_JOB,
						      init->job.handle,
						      NX_RIGHT_INSPECT, 0 };
		return NX_OK;
	case PLAN_SYSTEM:
		*out_handle =
			(struct launch_handle){ ROLE_SYSTEM,
						init->service.port.handle,
						CLIENT_RIGHTS, grant->rights };
		return NX_OK;
	case PLAN_WINDOW:
	case PLAN_LINE:
	case PLAN_DMA:
		return grant_device(init, grant, out_handle, out_temporary);
	case PLAN_SERVICE:
	default:
		server = &init->services[grant->service];
		*out_handle =
			(struct launch_handle){ role_of(server->plan->name),
						server->port.handle,
						CLIENT_RIGHTS, grant->rights };
		return NX_OK;
	}
}

/* The asker's service in the plan, by its identity. */
static const struct plan_service *asker(const struct init *init,
					uint32_t client)
{
	for (unsigned i = 0; i < init->plan.service_count; i++)
		if (init->plan.services[i].id == client)
			return &init->plan.services[i];
	return NULL;
}

nx_status_t system_serve_lookup(struct init *init,
				struct service_request *request,
				const uint8_t *name, size_t name_bytes,
				nx_client_t *out_service)
{
	const struct plan_service *plan = asker(init, request->client);
	const nx_process_t self = { NX_HANDLE_NONE };

	for (unsigned i = 0; plan && i < plan->grant_count; i++) {
		const struct plan_grant *grant = &plan->grants[i];
		nx_status_t status;

		if (grant->kind != PLAN_SERVICE ||
		    grant->word.size != name_bytes ||
		    memcmp(grant->word.text, name, name_bytes) != 0)
			continue;
		status = nx_handle_dup(
			init->services[grant->service].port.handle,
			CLIENT_RIGHTS, grant->rights, self,
			&out_service->handle);
		if (status == NX_OK)
			request->close_answer_caps = true;
		return status;
	}
	return NX_ERR_POLICY_DENIED;
}

nx_status_t system_serve_reset(struct init *init,
			       struct service_request *request, uint32_t kind,
			       uint32_t code)
{
	init_log(init, "init: %s asked for by service %u\n",
		 kind == NX_RESET_REBOOT ? "reboot" : "shutdown",
		 request->client);
	return nx_job_reset(init->job, kind, code);
}

nx_status_t system_serve_restarts(struct init *init,
				  struct service_request *request,
				  const uint8_t *name, size_t name_bytes,
				  uint64_t *out_count)
{
	unsigned index = plan_find(&init->plan, (const char *)name, name_bytes);

	(void)request;
	if (index == init->plan.service_count)
		return NX_ERR_NOT_FOUND;
	*out_count = init->services[index].restarts;
	return NX_OK;
}
