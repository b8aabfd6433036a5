/* SPDX-License-Identifier: BSD-2-Clause */
/* The derivation tree against a plain one: random duplicates, transits,
 * mappings, closes and revokes over three processes; after each step
 * exactly the nodes live that the model says, below exactly the parents
 * that it says. */
#include "fake.h"

#include <kernel/space.h>

#define STEPS 150000
#define NODES_MAX 400
#define PROCESSES 3
#define NO_PARENT (-1)

enum node_type { NODE_FREE, NODE_HANDLE, NODE_TRANSIT, NODE_MAPPING };

/* One node of the model, and how to find its real one. */
struct node {
	enum node_type type;
	int parent;
	bool doomed;
	bool is_port;
	nx_rights_t rights;
	unsigned process;
	nx_handle_t number;
	nx_uaddr_t address;
	struct handle transit;
};

static struct node nodes[NODES_MAX];
static struct process *processes[PROCESSES];
static unsigned live_count;

static int node_new(enum node_type type, int parent)
{
	for (int i = 0; i < NODES_MAX; i++) {
		if (nodes[i].type != NODE_FREE)
			continue;
		nodes[i].type = type;
		nodes[i].parent = parent;
		nodes[i].is_port = parent >= 0 && nodes[parent].is_port;
		nodes[i].rights = parent >= 0 ? nodes[parent].rights : 0;
		live_count++;
		return i;
	}
	return -1;
}

static int node_pick(enum node_type type)
{
	int start = (int)fake_random(NODES_MAX);

	for (int i = 0; i < NODES_MAX; i++) {
		int at = (start + i) % NODES_MAX;

		if (nodes[at].type == type)
			return at;
	}
	return -1;
}

static struct mapping *mapping_at(const struct node *node)
{
	LIST_FOR_EACH(struct mapping, mapping,
		      &processes[node->process]->space.mappings, node)
		if (mapping->address == node->address)
			return mapping;
	return NULL;
}

/* The real node of a model's node; NULL if it does not live. */
static struct derivation *link_of(struct node *node)
{
	struct handle *handle;
	struct mapping *mapping;

	if (node->type == NODE_TRANSIT)
		return node->transit.object ? &node->transit.link : NULL;
	if (node->type == NODE_MAPPING) {
		mapping = mapping_at(node);
		return mapping ? &mapping->link : NULL;
	}
	if (handle_find(&processes[node->process]->handles, node->number,
			NX_KIND_NONE, 0, &handle) != NX_OK)
		return NULL;
	return &handle->link;
}

/* The model's close: children go to the parent. */
static void model_close(int closed)
{
	for (int i = 0; i < NODES_MAX; i++)
		if (nodes[i].type != NODE_FREE && nodes[i].parent == closed)
			nodes[i].parent = nodes[closed].parent;
	nodes[closed].type = NODE_FREE;
	live_count--;
}

static bool is_below(int node, int ancestor)
{
	for (node = nodes[node].parent; node != NO_PARENT;
	     node = nodes[node].parent)
		if (node == ancestor)
			return true;
	return false;
}

static void model_revoke(int top)
{
	for (int i = 0; i < NODES_MAX; i++)
		nodes[i].doomed =
			nodes[i].type != NODE_FREE && is_below(i, top);
	for (int i = 0; i < NODES_MAX; i++) {
		if (nodes[i].doomed) {
			nodes[i].type = NODE_FREE;
			live_count--;
		}
	}
}

static bool step_create(void)
{
	struct process *process;
	struct object *object;
	int new = node_new(NODE_HANDLE, NO_PARENT);
	nx_status_t status;

	if (new < 0)
		return true;
	nodes[new].process = (unsigned)fake_random(PROCESSES);
	nodes[new].is_port = fake_random(2) == 0;
	process = processes[nodes[new].process];
	if (nodes[new].is_port) {
		object = &fake_port(root_job)->object;
	} else {
		struct vmo *vmo;

		if (vmo_create(root_job, NX_PAGE_SIZE, &vmo) != NX_OK)
			return false;
		object = &vmo->object;
	}
	nodes[new].rights = object_rights[object->kind];
	status = handle_install_new(&process->handles, object,
				    &nodes[new].number);
	object_unref(object);
	return status == NX_OK;
}

static bool step_dup(int source)
{
	struct handle_table *target;
	struct derivation *parent = link_of(&nodes[source]);
	struct handle *handle = CONTAINER_OF(parent, struct handle, link);
	int new = node_new(NODE_HANDLE, source);

	if (new < 0)
		return true;
	nodes[new].process = (unsigned)fake_random(PROCESSES);
	nodes[new].rights &= (nx_rights_t)fake_random(0x10000);
	target = &processes[nodes[new].process]->handles;
	if (handle_reserve(target, 1) != NX_OK)
		return false;
	nodes[new].number = handle_install(target, handle->object,
					   nodes[new].rights, 0, parent);
	return true;
}

static bool step_send(int source)
{
	struct derivation *parent = link_of(&nodes[source]);
	int new = node_new(NODE_TRANSIT, source);

	if (new < 0)
		return true;
	nodes[new].rights &= 0x0fff;
	handle_transit_init(&nodes[new].transit,
			    CONTAINER_OF(parent, struct handle, link), 0x0fff);
	return true;
}

static bool step_receive(int transit)
{
	struct handle_table *target;

	nodes[transit].process = (unsigned)fake_random(PROCESSES);
	target = &processes[nodes[transit].process]->handles;
	if (handle_reserve(target, 1) != NX_OK)
		return false;
	nodes[transit].number =
		handle_install_transit(target, &nodes[transit].transit);
	nodes[transit].type = NODE_HANDLE;
	return nodes[transit].number != NX_HANDLE_NONE;
}

static bool step_map(int source)
{
	struct derivation *parent = link_of(&nodes[source]);
	struct handle *handle = CONTAINER_OF(parent, struct handle, link);
	struct vmo *vmo = CONTAINER_OF(handle->object, struct vmo, object);
	int new;

	if (nodes[source].is_port)
		return true;
	new = node_new(NODE_MAPPING, source);
	if (new < 0)
		return true;
	nodes[new].process = (unsigned)fake_random(PROCESSES);
	return space_map(&processes[nodes[new].process]->space, vmo, parent, 0,
			 NX_PAGE_SIZE, NX_MAP_READ, 0,
			 &nodes[new].address) == NX_OK;
}

static void step_close(int node)
{
	struct derivation *link = link_of(&nodes[node]);

	if (nodes[node].type == NODE_HANDLE)
		handle_close(CONTAINER_OF(link, struct handle, link), false);
	else if (nodes[node].type == NODE_TRANSIT)
		handle_transit_drop(&nodes[node].transit);
	else
		mapping_destroy(CONTAINER_OF(link, struct mapping, link));
	model_close(node);
}

static bool parents_agree(void)
{
	for (int i = 0; i < NODES_MAX; i++) {
		struct derivation *link;

		if (nodes[i].type == NODE_FREE)
			continue;
		link = link_of(&nodes[i]);
		if (link == NULL)
			return false;
		if (nodes[i].type != NODE_MAPPING &&
		    link->rights != nodes[i].rights)
			return false;
	}
	return true;
}

static int parent_of(const struct derivation *link)
{
	for (int i = 0; i < NODES_MAX; i++)
		if (nodes[i].type != NODE_FREE && link_of(&nodes[i]) == link)
			return nodes[i].parent;
	return NO_PARENT;
}

/* Every child is found between the brackets of its parent, and no other. */
static bool children_agree(void)
{
	unsigned model[NODES_MAX] = { 0 };

	for (int i = 0; i < NODES_MAX; i++)
		if (nodes[i].type != NODE_FREE && nodes[i].parent >= 0)
			model[nodes[i].parent]++;
	for (int i = 0; i < NODES_MAX; i++) {
		struct derivation *link, *child;
		struct list *at;

		if (nodes[i].type == NODE_FREE)
			continue;
		link = link_of(&nodes[i]);
		for (at = link->open.next; at != &link->close;
		     at = child->close.next) {
			child = LIST_ENTRY(at, struct derivation, open);
			if (parent_of(child) != i || at->prev->next != at ||
			    model[i]-- == 0)
				return false;
		}
		if (model[i] != 0)
			return false;
	}
	return true;
}

static bool counts_agree(void)
{
	unsigned of[4] = { 0 };
	int ports = 0;

	for (int i = 0; i < NODES_MAX; i++) {
		of[nodes[i].type]++;
		ports += nodes[i].type != NODE_FREE && nodes[i].is_port;
	}
	return counters[NX_COUNTER_HANDLES] == of[NODE_HANDLE] &&
	       counters[NX_COUNTER_MAPPINGS] == of[NODE_MAPPING] &&
	       ports == fake_opened;
}

static unsigned first_count(void)
{
	unsigned count = 0;

	for (int i = 0; i < NODES_MAX; i++)
		count += nodes[i].type != NODE_FREE &&
			 nodes[i].parent == NO_PARENT;
	return count;
}

static bool step(void)
{
	uint64_t what = fake_random(100);
	int handle = node_pick(NODE_HANDLE);
	int transit = node_pick(NODE_TRANSIT);
	bool crowded = live_count > NODES_MAX - 60;

	if (handle < 0 || (what < 3 && first_count() < 12))
		return step_create();
	if (what < 40 && !crowded)
		return step_dup(handle);
	if (what < 52 && !crowded)
		return step_send(handle);
	if (what < 62)
		return transit < 0 || step_receive(transit);
	if (what < 72 && !crowded)
		return step_map(handle);
	if (what < 98) {
		int node = node_pick(1 + (int)fake_random(3));

		/* First handles are closed rarely, so that trees grow. */
		if (node >= 0 &&
		    (nodes[node].parent >= 0 || fake_random(20) == 0))
			step_close(node);
		return true;
	}
	while (nodes[handle].parent >= 0 && fake_random(2) > 0)
		handle = nodes[handle].parent;
	handle_revoke(link_of(&nodes[handle]));
	model_revoke(handle);
	return link_of(&nodes[handle]) != NULL;
}

static void trace(uint64_t seed)
{
	bool agrees = true;
	unsigned i, most = 0, revoked = 0;

	fake_boot(seed);
	memset(nodes, 0, sizeof(nodes));
	live_count = 0;
	for (unsigned p = 0; p < PROCESSES; p++)
		processes[p] = fake_process(root_job, p + 1);
	for (i = 0; i < STEPS && agrees; i++) {
		unsigned before = live_count;

		agrees = step() && counts_agree();
		most = live_count > most ? live_count : most;
		if (before > live_count + 1)
			revoked += before - live_count;
		if (i % 16 == 0)
			agrees = agrees && parents_agree() && children_agree();
	}
	if (!ok(agrees, "%u random steps agree with the plain tree", STEPS)) {
		diag("seed %llu step %u", (unsigned long long)seed, i);
		exit(done());
	}
	diag("at most %u nodes lived; revokes took %u in all", most, revoked);
	for (int n = 0; n < NODES_MAX; n++)
		if (nodes[n].type == NODE_TRANSIT)
			step_close(n);
	for (unsigned p = 0; p < PROCESSES; p++) {
		process_end(processes[p], NX_PROCESS_KILLED, 0);
		object_unref(&processes[p]->object);
	}
	ok(fake_is_empty(), "nothing is left when the processes ended");
}

/* A chain as long as a table is revoked in one go, without a stack. */
static void long_chain(void)
{
	struct process *process;
	struct port *port;
	nx_handle_t first, number = 0;
	struct handle *handle;
	unsigned length = 16000;

	fake_boot(1);
	process = fake_process(root_job, 1);
	port = fake_port(root_job);
	handle_install_new(&process->handles, &port->object, &first);
	handle_find(&process->handles, first, NX_KIND_PORT, 0, &handle);
	for (unsigned i = 0; i < length; i++) {
		handle_reserve(&process->handles, 1);
		number = handle_install(&process->handles, &port->object, 0, 0,
					&handle->link);
		handle_find(&process->handles, number, NX_KIND_PORT, 0,
			    &handle);
	}
	is_u64(counters[NX_COUNTER_HANDLES], length + 1,
	       "a chain of %u handles", length);
	handle_find(&process->handles, first, NX_KIND_PORT, 0, &handle);
	handle_revoke(&handle->link);
	is_u64(counters[NX_COUNTER_HANDLES], 1,
	       "revoke leaves its first one alone");
	is_i64(handle_find(&process->handles, number, NX_KIND_NONE, 0, &handle),
	       NX_ERR_BAD_HANDLE, "the last one is stale");
	object_unref(&port->object);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

/* A capability that is revoked on its way arrives as none. */
static void revoked_in_transit(void)
{
	struct process *process;
	struct port *port;
	struct handle transit, *handle;
	nx_handle_t number;

	fake_boot(1);
	process = fake_process(root_job, 1);
	port = fake_port(root_job);
	handle_install_new(&process->handles, &port->object, &number);
	handle_find(&process->handles, number, NX_KIND_PORT, 0, &handle);
	handle_transit_init(&transit, handle, NX_RIGHTS_SAME);
	object_unref(&port->object);
	handle_close(handle, false);
	is_u64(port->receiver_handles, 1, "a port lives on in transit");
	handle_reserve(&process->handles, 1);
	number = handle_install_transit(&process->handles, &transit);
	is_i64(handle_find(&process->handles, number, NX_KIND_PORT,
			   NX_RIGHT_RECV, &handle),
	       NX_OK, "and is received with its rights");
	handle_transit_init(&transit, handle, NX_RIGHT_CALL);
	handle_revoke(&handle->link);
	ok(transit.object == NULL, "revoke empties what is in transit");
	handle_reserve(&process->handles, 1);
	is_u64(handle_install_transit(&process->handles, &transit),
	       NX_HANDLE_NONE, "which arrives as no handle");
	is_u64(process->handles.reserved_count, 0, "and gives its slot back");
	handle_transit_drop(&transit);
	process_end(process, NX_PROCESS_EXITED, 0);
	object_unref(&process->object);
	ok(fake_is_empty(), "nothing is left");
}

/* A moved node keeps its place among all its neighbours. */
static void moved(void)
{
	struct derivation top, node[3], child[2], to;

	derivation_attach(NULL, &top);
	for (unsigned i = 0; i < 3; i++)
		derivation_attach(&top, &node[i]);
	for (unsigned i = 0; i < 2; i++)
		derivation_attach(&node[1], &child[i]);
	derivation_move(&node[1], &to);
	ok(to.open.prev == &node[2].close && to.close.next == &node[0].open &&
		   node[0].open.prev == &to.close &&
		   node[2].close.next == &to.open,
	   "a moved node stands between the same neighbours");
	ok(derivation_child(&to) == &child[1] &&
		   child[0].close.next == &to.close,
	   "around the same children");
	derivation_detach(&node[2]);
	derivation_move(&to, &node[1]);
	ok(derivation_child(&top) == &node[1], "as first child too");
	derivation_detach(&node[1]);
	ok(derivation_child(&top) == &child[1] &&
		   child[0].close.next == &node[0].open,
	   "one that goes leaves its children in its place");
	derivation_detach(&top);
	ok(child[1].open.prev == &node[0].close,
	   "and the first one leaves them a ring of their own");
}

int main(void)
{
	plan(0);
	trace(20240229);
	trace(3);
	moved();
	long_chain();
	revoked_in_transit();
	return done();
}
