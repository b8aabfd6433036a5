/* SPDX-License-Identifier: BSD-2-Clause */
/* What a node of the device tree says of the machine. Numbers of a node are as
 * wide as its parent says. Devices behind a bus that translates addresses are
 * left alone: their addresses are not ours. */
#include "boot/judge.h"

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
		machine->arguments = value_text(&node->properties[P_ARGUMENTS]);
	machine->seed = seed->bytes;
	machine->seed_bytes = seed->size_bytes;
	if (!value_number(&node->properties[P_INITRD_START], &start) ||
	    !value_number(&node->properties[P_INITRD_END], &end))
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
	const char *isa = value_text(&node->properties[P_ISA]);

	if (!value_has_text(&node->properties[P_DEVICE_TYPE], "cpu"))
		return FDT_OK;
	if (parent->address_cells * 4 != reg->size_bytes ||
	    !value_number(reg, &node->hart))
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
	    !value_cell(&node->properties[P_PHANDLE],
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
		if (value_has_text(compatible, kinds[i]))
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
	if (value_has_text(compatible, "ns16550a") &&
	    machine->uart.registers.size_bytes == 0) {
		value_cell(&values[P_INTERRUPTS], &machine->uart.interrupt);
		value_cell(&values[P_REG_SHIFT], &machine->uart.register_shift);
		status = read_range(&values[P_REG], parent, 0,
				    &machine->uart.registers);
		if (status != FDT_OK)
			return status;
		return ranges_add(machine->kept, &machine->kept_count,
				  &machine->uart.registers);
	}
	if (value_has_text(compatible, "riscv,plic0") &&
	    machine->plic.registers.size_bytes == 0) {
		value_cell(&values[P_LINES], &machine->plic.line_last);
		discovery->plic_outputs = values[P_EXTENDED];
		return read_range(&values[P_REG], parent, 0,
				  &machine->plic.registers);
	}
	return FDT_OK;
}

static bool is_off(const struct node *node)
{
	const struct value *status = &node->properties[P_STATUS];

	return status->bytes != NULL && !value_has_text(status, "okay") &&
	       !value_has_text(status, "ok");
}

enum fdt_status judge(struct discovery *discovery, unsigned depth)
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
	value_cell(&values[P_ADDRESS_CELLS], &node->address_cells);
	value_cell(&values[P_SIZE_CELLS], &node->size_cells);
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
		value_number(&values[P_TIMEBASE], &machine->ticks_per_second);
		return FDT_OK;
	}
	if (depth == 1 && value_has_text(&values[P_DEVICE_TYPE], "memory"))
		return add_reg(machine->memory, &machine->memory_count,
			       &values[P_REG], parent);
	if (depth == 2 && is_text(node->name, "reserved-memory"))
		return add_reg(machine->reserved, &machine->reserved_count,
			       &values[P_REG], parent);
	if (depth == 2 && in_cpus)
		return judge_cpu(discovery, node, parent);
	if (depth == 3 && in_cpus &&
	    value_has_text(&values[P_COMPATIBLE], "riscv,cpu-intc"))
		judge_controller(discovery, node, parent);
	return judge_device(discovery, node, parent);
}
