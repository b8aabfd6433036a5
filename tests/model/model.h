/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H
/** @file model.h
 * The kernel as a specification that runs: what each call means, in plain C
 * over plain structures, without a machine, without speed. It is written
 * from syscalls.def and the headers of the contract, and shares no code with
 * the kernel. Whatever it says must be what the kernel does.
 *
 * What a specification leaves open it is told from what the kernel did, and
 * checks: the numbers of new handles, the ids of new objects, the address of
 * a mapping, and whether there was memory. */
#include <nexus/nexus.h>

#include <stdbool.h>
#include <stddef.h>

/* Pages are checked as a sum. */
enum { MODEL_HANDLES, MODEL_THREADS, MODEL_SHARES, MODEL_RESOURCES };

#define MODEL_VMO_PAGES_MAX 4
#define MODEL_NODES_MAX 2048
#define MODEL_MESSAGES_MAX 256
#define MODEL_RATED_MAX 8
#define MODEL_SLOTS_MAX 1024
#define MODEL_DEVICES_MAX 4
/** Of what nobody has: the simulator's device, and two pages behind it. */
#define MODEL_DEVICE_FIRST UINT64_C(0x10001000)
#define MODEL_PINS_MAX (MODEL_DEVICES_MAX * NX_DMA_PINS_MAX)

struct model_object {
	uint32_t kind;
	uint32_t references;
	uint64_t id; /* the kernel's */
	struct model_job *job;
	bool alive;
	void *kernel;		   /* for whoever compares */
	struct model_object *next; /* all that were ever made, newest first */
};

struct model_job {
	struct model_object object;
	struct model_job *parent;
	uint64_t used[MODEL_RESOURCES];
	uint64_t max[MODEL_RESOURCES];
	unsigned depth;
	bool dying;
	struct model_filter *filter;
};

struct model_filter {
	struct model_object object;
	struct nx_filter_rules rules;
	uint32_t tokens[NX_RATE_COUNT]; /* time does not pass */
	struct model_filter *rated[MODEL_RATED_MAX];
	unsigned rated_count;
};

struct model_process {
	struct model_object object;
	uint32_t state;
	uint32_t service_id;
	int64_t code;
	uint32_t started_count;
	struct model_filter *filter;
	/* last generation of each slot: a number never comes again */
	uint16_t generations[MODEL_SLOTS_MAX];
};

enum model_state {
	MODEL_NEW,
	MODEL_RUNNABLE,
	MODEL_CALLING,
	MODEL_SENDING,
	MODEL_RECEIVING,
	MODEL_AWAITING,
	MODEL_WAITING,
	MODEL_DEAD
};

struct model_message {
	uint64_t identity;
	uint64_t header;
	uint64_t words[NX_MESSAGE_WORDS];
	uint8_t fill; /* first byte of the frame, each one up */
	unsigned cap_count;
	struct model_node *caps[NX_MESSAGE_CAPS_MAX]; /* in transit; or NULL */
	struct model_port *port;		      /* whose queue: or free */
	uint64_t order;
};

struct model_thread {
	struct model_object object;
	enum model_state state;
	bool started;
	struct model_process *process;
	struct model_budget *budget;
	struct model_filter *filter;
	struct model_port *port;
	struct model_thread *caller;
	bool caller_gone;
	struct model_thread *callee;
	struct model_reply *reply;
	struct model_event *event;
	uint64_t event_mask;
	uint64_t identity;
	uint64_t order; /* of those that wait in a port */
	/* its registers at the call, and what it would find */
	struct nx_registers in;
	uint64_t call;
	struct nx_message_cap send_caps[NX_MESSAGE_CAPS_MAX];
	uint64_t deadline_ns;
	uint32_t bytes_max;
	uint32_t caps_max;
	uint8_t fill;
	/* what came of its call, once it has ended */
	bool answered; /* since the last step */
	nx_status_t status;
	uint64_t out[8];
	uint32_t out_mask; /* registers that must be so */
	struct model_node *new_caps[NX_MESSAGE_CAPS_MAX]; /* numbers to learn */
	unsigned new_cap_count;
	int got_fill; /* first byte of the frame that came; -1: none */
	unsigned got_bytes;
	struct model_pin *got_pin; /* that it was told the place of; or NULL */
	uint64_t got_pin_offset;
};

struct model_budget {
	struct model_object object;
	uint32_t qos_class;
	uint32_t ceiling;
	uint32_t share;
	uint32_t thread_count; /* that begin on it, and are not dead */
	uint64_t limit_ns;
	uint64_t period_ns;
};

struct model_port {
	struct model_object object;
	uint32_t depth_max;
	uint32_t depth;
	uint32_t receiver_handles;
	uint32_t generation;
	bool closed;
	bool message_turn;
};

struct model_event {
	struct model_object object;
	uint64_t bits;
	struct model_thread *waiter;
};

struct model_vmo {
	struct model_object object;
	uint64_t size_bytes;
	uint64_t content_bytes;
	uint32_t seals;
	struct model_vmo *root;
	uint64_t offset; /* of a slice, in the root */
	uint32_t mapping_count;
	uint32_t writable_count;
	uint32_t pin_count;
	uint8_t bytes[MODEL_VMO_PAGES_MAX]; /* first byte of each page */
	bool absent[MODEL_VMO_PAGES_MAX];
	uint32_t groups[MODEL_VMO_PAGES_MAX]; /* of equal pages; 0: none */
	bool contiguous;
	bool shares; /* pages with others, or did once */
	bool labelled;
	uint8_t label; /* first byte */
	uint32_t label_by;
};

/** It is mapped as a VMO is. */
struct model_mmio {
	struct model_vmo memory;
	uint64_t base;
	bool is_first;
};

struct model_irq {
	struct model_object object;
	uint32_t line; /* 0: the first */
	uint32_t state;
	bool is_raised;
	struct model_event *event; /* no reference */
	uint64_t bits;
	uint64_t rate;
	uint64_t count;
	uint64_t counted_from;
};

/** What is left of a device when its object is gone. */
struct model_device {
	struct model_job *job; /* NULL: there is none */
	uint64_t address;
	bool is_taken;
};

struct model_dma {
	struct model_object object;
	struct model_device *device; /* NULL: the first */
};

struct model_pin {
	struct model_device *device; /* NULL: free */
	uint64_t number;
	struct model_vmo *vmo;
	struct model_job *job;
	uint64_t page_count;
	bool is_written;
	bool is_quarantined;
};

struct model_reply {
	struct model_object object;
	struct model_thread *caller;
	uint64_t generation; /* of the port, when it was minted */
};

enum model_node_type { NODE_FREE, NODE_HANDLE, NODE_TRANSIT, NODE_MAPPING };

/** What can be derived: a handle, a capability on its way, a mapping. */
struct model_node {
	enum model_node_type type;
	struct model_node *parent;
	struct model_process *process; /* of a handle or mapping */
	struct model_object *object;
	nx_handle_t number; /* 0: not yet learned */
	nx_rights_t rights;
	uint64_t identity;
	nx_uaddr_t address; /* of a mapping */
	uint64_t offset;
	uint64_t size_bytes;
	uint32_t access;
};

struct model {
	struct model_object *objects;
	struct model_node nodes[MODEL_NODES_MAX];
	unsigned node_high; /* none is used from here on */
	struct model_message messages[MODEL_MESSAGES_MAX];
	struct model_device devices[MODEL_DEVICES_MAX];
	struct model_pin pins[MODEL_PINS_MAX];
	uint64_t devices_end; /* no address of one from here on */
	uint64_t last_pin;
	struct model_job *root;
	struct model_thread *self; /* whose call it is */
	uint64_t order;
	uint64_t alive_count; /* what the kernel calls objects */
	/* The kernel's word for what is left open. */
	nx_status_t told;
	/* What the call has made, to learn its number, id, address. */
	struct model_node *made;
	struct model_object *made_object;
	uint64_t denied_count;
	uint32_t last_group;
};

extern struct model model;

/** An argument of the call. */
static inline uint64_t in(unsigned index)
{
	return model.self->in.a[index];
}

/* state.c */
void model_reset(void);
/** Free what is dead and can be named by nobody. Between two calls. */
void model_sweep(void);
void *model_create(uint32_t kind, size_t size_bytes, struct model_job *job);
void model_ref(void *object);
void model_unref(void *object);
nx_status_t model_charge(struct model_job *job, unsigned resource,
			 uint64_t count);
void model_uncharge(struct model_job *job, unsigned resource, uint64_t count);
/** Did the kernel say that there was no memory? Then nothing was done. */
bool model_no_memory(void);
bool is_memory_status(nx_status_t status);

/* tree.c */
struct model_node *model_node(enum model_node_type type,
			      struct model_node *parent);
/** BAD_HANDLE, WRONG_KIND, ACCESS_DENIED. */
nx_status_t model_lookup(nx_handle_t number, uint32_t kind, nx_rights_t rights,
			 struct model_node **out_node);
/** The same for a register, giving the object; BAD_HANDLE for one that is
 * too wide for a handle. */
nx_status_t model_find(uint64_t number, uint32_t kind, nx_rights_t rights,
		       void *out_object_pointer);
struct model_node *model_install(struct model_process *process,
				 struct model_object *object,
				 nx_rights_t rights, uint32_t badge,
				 struct model_node *parent);
/** Room for so many handles in the process. */
nx_status_t model_reserve(struct model_process *process, unsigned count);
/** First handle of a new object for the caller; drops the maker's. */
nx_status_t model_install_made(struct model_object *object);
void model_close(struct model_node *node, bool death);
void model_revoke(struct model_node *node);
void model_drop(struct model_node *node);
nx_rights_t model_rights_of(uint32_t kind);

/* message.c */
void model_wake(struct model_thread *thread, nx_status_t status);
void model_unblock(struct model_thread *thread);
void model_wake_closed(struct model_thread *thread, uint64_t generation);
void model_receiver_closed(struct model_port *port, bool death);
nx_status_t model_call(void);
nx_status_t model_send(void);
nx_status_t model_recv(void);
nx_status_t model_reply(void);
nx_status_t model_reply_recv(void);
nx_status_t model_mint(void);

/* task.c, memory.c, filter.c */
void model_thread_kill(struct model_thread *thread);
void model_thread_end(struct model_thread *thread, uint32_t state,
		      int64_t code);
void model_process_end(struct model_process *process, uint32_t state,
		       int64_t code);
nx_status_t model_task_call(void);
nx_status_t model_memory_call(void);
/** Has somebody else the page, until one of them is written? */
bool model_is_shared(const struct model_vmo *root, uint64_t page);
void model_unmap(struct model_node *mapping);
void model_unmap_all(struct model_process *process);
nx_status_t model_payer(uint64_t number, struct model_job **out_job);
/** The job that pays for a new object, if it still may and there is memory. */
nx_status_t model_payer_of_new(uint64_t number, struct model_job **out_job);
/** A process: NX_HANDLE_NONE is the caller's. */
nx_status_t model_process_of(uint64_t number, nx_rights_t rights,
			     struct model_process **out_process);
nx_status_t model_filter_both(struct model_job *payer,
			      struct model_filter *left,
			      struct model_filter *right,
			      struct model_filter **out_filter);
nx_status_t model_filter_install(void);
/** The filter's word about the call; NX_OK. */
nx_status_t model_filter_ask(void);

/* device.c */
nx_status_t model_device_call(void);
void model_event_gone(const struct model_event *event);
void model_dma_gone(struct model_dma *dma);
/** Pages that are pinned for a device, or in quarantine. */
uint64_t model_pages_of(const struct model_device *device, bool quarantined);

/* call.c: the call in model.self->in. MODEL_BLOCKED: it waits; else its
 * status, with results in out. */
#define MODEL_BLOCKED 1
#define MODEL_DONE 2 /* answered already */
nx_status_t model_do(void);
void model_out(unsigned index, uint64_t value);
void model_event_signal(struct model_event *event, uint64_t bits);

/** compare.c: what the kernel has told a thread that goes on; NX_OK for one
 * that does not. Only memory is asked of it. */
nx_status_t compare_told(const struct model_thread *thread);

/** What filter_install finds at the address it is given. */
extern struct nx_filter_rules model_rules;
#endif /* MODEL_MODEL_H */
