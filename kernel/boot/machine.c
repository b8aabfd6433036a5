/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the tree. What is known of each open node is in a stack of
 * records; a node is judged when its properties are complete, which is when
 * its first child begins or it ends. Numbers of a node are as wide as its
 * parent says. Devices behind a bus that translates addresses are left
 * alone: their addresses are not ours. */
#include "boot/machine.h"

#include <kernel/string.h>

#define CELLS_DEFAULT_ADDRESS 2u
#define CELLS_DEFAULT_SIZE 1u
/* Number of the external interrupt of supervisor mode. */
#define SUPERVISOR_EXTERNAL 9u
/* Registers of a context of the controller. */
#define PLIC_CONTEXT_END(context)                                              \
	(0x200000 + ((context) + UINT64_C(1)) * 0x1000)

struct value {
	const uint8_t *bytes; /* NULL: not there */
	uint32_t size_bytes;
};

/* Which properties are kept, by name. */
#define PROPERTIES(P)                                                          \
	P(ADDRESS_CELLS, "#address-cells")                                     \
	P(ARGUMENTS, "bootargs")                                               \
	P(COMPATIBLE, "compatible")                                            \
	P(DEVICE_TYPE, "device_type")                                          \
	P(EXTENDED, "interrupts-extended")                                     \
	P(INITRD_END, "linux,initrd-end")                                      \
	P(INITRD_START, "linux,initrd-start")                                  \
	P(INTERRUPTS, "interrupts")                                            \
	P(ISA, "riscv,isa")                                                    \
	P(LINES, "riscv,ndev")                                                 \
	P(PHANDLE, "phandle")                                                  \
	P(RANGES, "ranges")                                                    \
	P(REG, "reg")                                                          \
	P(REG_SHIFT, "reg-shift")                                              \
	P(SEED, "rng-seed")                                                    \
	P(SIZE_CELLS, "#size-cells")                                           \
	P(STATUS, "status")                                                    \
	P(TIMEBASE, "timebase-frequency")

enum property {
#define P(name, text) P_##name,
	PROPERTIES(P)
#undef P
		PROPERTY_COUNT
};

static const char *const property_names[PROPERTY_COUNT] = {
#define P(name, text) text,
	PROPERTIES(P)
#undef P
};

struct node {
	const char *name; /* that of the node below the root it is in */
	bool translated;  /* it or a bus above translates addresses */
	bool judged;
	uint32_t address_cells; /* of its children */
	uint32_t size_cells;
	uint64_t hart; /* of a cpu node; handed down */
	struct value properties[PROPERTY_COUNT];
};

struct discovery {
	struct machine *machine;
	uint64_t hart; /* who asks */
	struct value plic_outputs;
	struct {
		uint32_t phandle;
		uint64_t hart;
	} controllers[MACHINE_HARTS_MAX];
	uint32_t controller_count;
	struct node nodes[FDT_DEPTH_MAX];
};

static bool is_text(const char *text, const char *wanted)
{
	while (*text != '\0' && *text == *wanted) {
		text++;
		wanted++;
	}
	return *text == *wanted;
}

/* Is `wanted` one of the NUL-ended texts in the value? */
static bool has_text(const struct value *value, const char *wanted)
{
	uint32_t start = 0;

	for (uint32_t at = 0; at < value->size_bytes; at++) {
		if (value->bytes[at] != 0)
			continue;
		if (is_text((const char *)value->bytes + start, wanted))
			return true;
		start = at + 1;
	}
	return false;
}

/* A text that fills its value; NULL if it does not. */
static const char *whole_text(const struct value *value)
{
	for (uint32_t at = 0; at < value->size_bytes; at++)
		if (value->bytes[at] == 0)
			return at + 1 == value->size_bytes
				       ? (const char *)value->bytes
				       : NULL;
	return NULL;
}

static bool read_cell(const struct value *value, uint32_t *out_cell)
{
	if (value->bytes == NULL || value->size_bytes < 4)
		return false;
	*out_cell = fdt_load32(value->bytes);
	return true;
}

/* A number of 4 or 8 bytes. */
static bool read_number(const struct value *value, uint64_t *out_number)
{
	if (value->bytes == NULL ||
	    (value->size_bytes != 4 && value->size_bytes != 8))
		return false;
	*out_number = value->size_bytes == 4 ? fdt_load32(value->bytes)
					     : fdt_load64(value->bytes);
	return true;
}

/* The index-th range of a `reg`, with its parent's widths. FDT_NO_RAM says
 * that there are no more. */
static enum fdt_status read_range(const struct value *reg,
				  const struct node *parent, uint32_t index,
				  struct boot_range *out_range)
{
	uint32_t a = parent->address_cells, s = parent->size_cells;
	const uint8_t *at;

	if (a < 1 || a > 2 || s < 1 || s > 2)
		return FDT_CELLS;
	if (reg->size_bytes / ((a + s) * 4) <= index)
		return FDT_NO_RAM;
	at = reg->bytes + (size_t)index * (a + s) * 4;
	out_range->base = a == 1 ? fdt_load32(at) : fdt_load64(at);
	at += (size_t)a * 4;
	out_range->size_bytes = s == 1 ? fdt_load32(at) : fdt_load64(at);
	return range_is_sound(out_range) ? FDT_OK : FDT_RANGE;
}

static enum fdt_status add_reg(struct boot_range *ranges, uint32_t *count,
			       const struct value *reg,
			       const struct node *parent)
{
	struct boot_range range;
	enum fdt_status status;

	for (uint32_t i = 0;; i++) {
		status = read_range(reg, parent, i, &range);
		if (status == FDT_NO_RAM)
			return FDT_OK;
		if (status == FDT_OK)
			status = ranges_add(ranges, count, &range);
		if (status != FDT_OK)
			return status;
	}
}

static enum fdt_status judge_chosen(struct discovery *discovery,
				    const struct node *node)
{
	struct machine *machine = discovery->machine;
	const struct value *seed = &node->properties[P_SEED];
	uint64_t start, end;

	if (node->properties[P_ARGUMENTS].size_bytes <=
	    MACHINE_ARGUMENTS_MAX + 1)
		machine->arguments = whole_text(&node->properties[P_ARGUMENTS]);
	machine->seed = seed->bytes;
	machine->seed_bytes = seed->size_bytes;
	if (!read_number(&node->properties[P_INITRD_START], &start) ||
	    !read_number(&node->properties[P_INITRD_END], &end))
		return FDT_OK;
	machine->package = (struct boot_range){ start, end - start };
	return end >= start && range_is_sound(&machine->package) ? FDT_OK
								 : FDT_RANGE;
}

/* Extensions of more than one letter stand behind underscores. */
static bool isa_has(const char *isa, const char *extension)
{
	for (; *isa != '\0'; isa++) {
		const char *e = extension;
		const char *at = isa + 1;

		if (*isa != '_')
			continue;
		while (*e != '\0' && *at == *e) {
			at++;
			e++;
		}
		if (*e == '\0' && (*at == '_' || *at == '\0'))
			return true;
	}
	return false;
}

/* Who asks has the first place, which is kept for it. */
static void add_hart(struct discovery *discovery, uint64_t hart)
{
	struct machine *machine = discovery->machine;

	if (hart == discovery->hart)
		return;
	for (uint32_t i = 1; i < machine->hart_count; i++)
		if (machine->harts[i] == hart)
			return;
	if (machine->hart_count < MACHINE_HARTS_MAX)
		machine->harts[machine->hart_count++] = hart;
}

static enum fdt_status judge_cpu(struct discovery *discovery, struct node *node,
				 const struct node *parent)
{
	const struct value *reg = &node->properties[P_REG];
	const char *isa = whole_text(&node->properties[P_ISA]);

	if (!has_text(&node->properties[P_DEVICE_TYPE], "cpu"))
		return FDT_OK;
	if (parent->address_cells * 4 != reg->size_bytes ||
	    !read_number(reg, &node->hart))
		return FDT_CELLS;
	add_hart(discovery, node->hart);
	if (isa == NULL || !isa_has(isa, "sstc"))
		discovery->machine->lacks_sstc = true;
	else if (node->hart == discovery->hart)
		discovery->machine->has_sstc = true;
	return FDT_OK;
}

static void judge_controller(struct discovery *discovery,
			     const struct node *node, const struct node *parent)
{
	uint32_t at = discovery->controller_count;

	if (at == MACHINE_HARTS_MAX ||
	    !read_cell(&node->properties[P_PHANDLE],
		       &discovery->controllers[at].phandle))
		return;
	discovery->controllers[at].hart = parent->hart;
	discovery->controller_count++;
}

/* Those that nobody else may have: who interrupts harts, and who stops the
 * machine. Not used by us, or even off, they are there all the same. */
static enum fdt_status keep_device(struct machine *machine,
				   const struct node *node,
				   const struct node *parent)
{
	static const char *const kinds[] = {
		"riscv,plic0",	       "sifive,plic-1.0.0", "riscv,clint0",
		"sifive,clint0",       "riscv,aclint-mswi", "riscv,aclint-sswi",
		"riscv,aclint-mtimer", "riscv,imsics",	    "riscv,aplic",
		"sifive,test0",	       "sifive,test1",
	};
	const struct value *compatible = &node->properties[P_COMPATIBLE];

	if (parent->translated || node->properties[P_REG].bytes == NULL)
		return FDT_OK;
	for (uint32_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (has_text(compatible, kinds[i]))
			return add_reg(machine->kept, &machine->kept_count,
				       &node->properties[P_REG], parent);
	return FDT_OK;
}

/* The first of each kind of device is taken. */
static enum fdt_status judge_device(struct discovery *discovery,
				    const struct node *node,
				    const struct node *parent)
{
	struct machine *machine = discovery->machine;
	const struct value *values = node->properties;
	const struct value *compatible = &values[P_COMPATIBLE];
	enum fdt_status status;

	if (parent->translated || values[P_REG].bytes == NULL)
		return FDT_OK;
	if (has_text(compatible, "ns16550a") &&
	    machine->uart.registers.size_bytes == 0) {
		read_cell(&values[P_INTERRUPTS], &machine->uart.interrupt);
		read_cell(&values[P_REG_SHIFT], &machine->uart.register_shift);
		status = read_range(&values[P_REG], parent, 0,
				    &machine->uart.registers);
		if (status != FDT_OK)
			return status;
		return ranges_add(machine->kept, &machine->kept_count,
				  &machine->uart.registers);
	}
	if (has_text(compatible, "riscv,plic0") &&
	    machine->plic.registers.size_bytes == 0) {
		read_cell(&values[P_LINES], &machine->plic.line_last);
		discovery->plic_outputs = values[P_EXTENDED];
		return read_range(&values[P_REG], parent, 0,
				  &machine->plic.registers);
	}
	return FDT_OK;
}

static bool is_off(const struct node *node)
{
	const struct value *status = &node->properties[P_STATUS];

	return status->bytes != NULL && !has_text(status, "okay") &&
	       !has_text(status, "ok");
}

/* All properties of the node at this depth are known. */
static enum fdt_status judge(struct discovery *discovery, unsigned depth)
{
	struct machine *machine = discovery->machine;
	struct node *node = &discovery->nodes[depth];
	struct node *parent = depth > 0 ? node - 1 : NULL;
	const struct value *values = node->properties;
	const struct value *ranges = &values[P_RANGES];
	bool in_cpus;
	enum fdt_status status;

	if (node->judged)
		return FDT_OK;
	node->judged = true;
	read_cell(&values[P_ADDRESS_CELLS], &node->address_cells);
	read_cell(&values[P_SIZE_CELLS], &node->size_cells);
	node->translated = ranges->size_bytes > 0;
	if (parent == NULL)
		return FDT_OK;
	in_cpus = is_text(node->name, "cpus");
	node->translated |= parent->translated;
	status = keep_device(machine, node, parent);
	if (status != FDT_OK || is_off(node))
		return status;
	if (depth == 1 && is_text(node->name, "chosen"))
		return judge_chosen(discovery, node);
	if (depth == 1 && in_cpus) {
		read_number(&values[P_TIMEBASE], &machine->ticks_per_second);
		return FDT_OK;
	}
	if (depth == 1 && has_text(&values[P_DEVICE_TYPE], "memory"))
		return add_reg(machine->memory, &machine->memory_count,
			       &values[P_REG], parent);
	if (depth == 2 && is_text(node->name, "reserved-memory"))
		return add_reg(machine->reserved, &machine->reserved_count,
			       &values[P_REG], parent);
	if (depth == 2 && in_cpus)
		return judge_cpu(discovery, node, parent);
	if (depth == 3 && in_cpus &&
	    has_text(&values[P_COMPATIBLE], "riscv,cpu-intc"))
		judge_controller(discovery, node, parent);
	return judge_device(discovery, node, parent);
}

static enum fdt_status begin_node(struct discovery *discovery,
				  const struct fdt_item *item)
{
	struct node *node = &discovery->nodes[item->depth];
	enum fdt_status status = FDT_OK;

	if (item->depth > 0)
		status = judge(discovery, item->depth - 1);
	memset(node, 0, sizeof(*node));
	node->address_cells = CELLS_DEFAULT_ADDRESS;
	node->size_cells = CELLS_DEFAULT_SIZE;
	node->name = item->depth > 1 ? node[-1].name : item->name;
	return status;
}

static void keep_property(struct node *node, const struct fdt_item *item)
{
	for (unsigned i = 0; i < PROPERTY_COUNT; i++) {
		const char *name = property_names[i];

		if (item->name[0] != name[0] || !is_text(item->name, name))
			continue;
		node->properties[i] =
			(struct value){ item->value, item->value_bytes };
		return;
	}
}

/* Is this node the controller in that hart? */
static bool is_controller(const struct discovery *discovery, uint32_t phandle,
			  uint64_t hart)
{
	for (uint32_t i = 0; i < discovery->controller_count; i++)
		if (discovery->controllers[i].phandle == phandle &&
		    discovery->controllers[i].hart == hart)
			return true;
	return false;
}

/* Outputs of the controller are numbered in the order of the pairs (hart's
 * controller, its interrupt); ours is the external interrupt of this hart. */
static bool find_context(const struct discovery *discovery, uint64_t hart,
			 uint32_t *out_context)
{
	const struct value *outputs = &discovery->plic_outputs;
	const struct machine_plic *plic = &discovery->machine->plic;

	for (uint32_t i = 0; i < outputs->size_bytes / 8; i++) {
		const uint8_t *output = outputs->bytes + (size_t)i * 8;

		if (fdt_load32(output + 4) != SUPERVISOR_EXTERNAL ||
		    !is_controller(discovery, fdt_load32(output), hart))
			continue;
		*out_context = i;
		return PLIC_CONTEXT_END(i) <= plic->registers.size_bytes;
	}
	return false;
}

/* A controller holds what it is used for, and without a context for the hart
 * that boots there are no interrupts. */
static void find_contexts(const struct discovery *discovery,
			  struct machine *machine)
{
	struct machine_plic *plic = &machine->plic;

	if (!find_context(discovery, machine->harts[0], &plic->contexts[0]))
		plic->registers.size_bytes = 0;
	if (plic->registers.size_bytes == 0)
		plic->line_last = 0;
	if (plic->line_last >= PLIC_LINES_MAX)
		plic->line_last = PLIC_LINES_MAX - 1;
	for (uint32_t i = 1; i < machine->hart_count; i++)
		if (!find_context(discovery, machine->harts[i],
				  &plic->contexts[i]))
			plic->contexts[i] = plic->contexts[0];
}

/* Registers are no memory. */
static enum fdt_status check_devices(const struct machine *machine)
{
	for (uint32_t i = 0; i < machine->memory_count; i++)
		if (ranges_overlap(&machine->uart.registers,
				   &machine->memory[i]) ||
		    ranges_overlap(&machine->plic.registers,
				   &machine->memory[i]))
			return FDT_RANGE;
	return FDT_OK;
}

static enum fdt_status add_reservations(const struct fdt *fdt,
					struct machine *machine)
{
	enum fdt_status status = FDT_OK;

	for (uint32_t i = 0; status == FDT_OK && i < fdt->reservation_count;
	     i++) {
		const uint8_t *entry = fdt->reservations + (size_t)16 * i;
		struct boot_range range = { fdt_load64(entry),
					    fdt_load64(entry + 8) };

		if (!range_is_sound(&range))
			return FDT_RANGE;
		status = ranges_add(machine->reserved, &machine->reserved_count,
				    &range);
	}
	return status;
}

static enum fdt_status walk(const struct fdt *fdt, struct discovery *discovery)
{
	struct fdt_cursor cursor = { 0 };
	struct fdt_item item;
	enum fdt_status status;

	do {
		status = fdt_next(fdt, &cursor, &item);
		if (status != FDT_OK)
			return status;
		if (item.token == FDT_BEGIN_NODE)
			status = begin_node(discovery, &item);
		else if (item.token == FDT_END_NODE)
			status = judge(discovery, item.depth);
		else if (item.token == FDT_PROPERTY_ITEM)
			keep_property(&discovery->nodes[item.depth], &item);
	} while (status == FDT_OK && item.token != FDT_END);
	return status;
}

enum fdt_status machine_discover(const struct fdt *fdt, uint64_t hart,
				 struct machine *out_machine)
{
	struct discovery discovery = { .machine = out_machine, .hart = hart };
	enum fdt_status status;

	memset(out_machine, 0, sizeof(*out_machine));
	out_machine->harts[0] = hart;
	out_machine->hart_count = 1;
	status = walk(fdt, &discovery);
	if (status == FDT_OK)
		status = add_reservations(fdt, out_machine);
	if (status == FDT_OK)
		status = machine_sort_memory(out_machine);
	find_contexts(&discovery, out_machine);
	if (status == FDT_OK)
		status = check_devices(out_machine);
	if (status != FDT_OK)
		return status;
	return out_machine->ticks_per_second > 0 ? FDT_OK : FDT_NO_CLOCK;
}
