/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree: a tree built here and, where QEMU is installed, the one
 * of its machine say what they hold; every refusal. Mutants: fuzz/fdt.c. */
#include "support/device_tree.h"

static enum fdt_status discover(uint64_t hart, struct machine *machine)
{
	enum fdt_status status;
	struct fdt fdt;

	status = fdt_open(blob, blob_size, &fdt);
	return status == FDT_OK ? machine_discover(&fdt, hart, machine)
				: status;
}

/* ---- what a good tree says ---- */

static void test_good(void)
{
	struct machine m;

	build_good();
	if (!is_i64(discover(1, &m), FDT_OK, "a good tree is taken"))
		return;
	ok(m.memory_count == 1 && m.memory[0].base == 0x40000000 &&
		   m.memory[0].size_bytes == 0x8000000,
	   "memory is found");
	ok(m.reserved_count == 2 && m.reserved[0].base == 0x40000000 &&
		   m.reserved[0].size_bytes == 0x80000 &&
		   m.reserved[1].base == 0x41000000,
	   "both kinds of reserved memory are found");
	ok(m.package.base == 0x44000000 && m.package.size_bytes == 0x1234,
	   "the package is found, with 4 or 8 bytes a number");
	ok(m.uart.registers.base == 0x9000000 && m.uart.interrupt == 7 &&
		   m.uart.register_shift == 2,
	   "the serial port is found by any of its names");
	ok(m.plic.registers.base == 0xc000000 && m.plic.contexts[0] == 3,
	   "the controller's context is that of the asking hart");
	is_u64(m.plic.contexts[1], 1, "and that of the other one beside it");
	is_u64(m.ticks_per_second, 10000000, "the clock is found");
	is_u64(m.hart_count, 2, "harts are counted");
	ok(m.has_sstc, "a hart with stimecmp is told so");
	is_str(m.arguments, "nonce=12 x", "arguments are found");
	ok(m.seed_bytes == 16 && memcmp(m.seed, "0123", 4) == 0,
	   "the seed is found");
	ok(discover(0, &m) == FDT_OK && !m.has_sstc && m.plic.contexts[0] == 1,
	   "another hart is told its own");
	ok(discover(5, &m) == FDT_OK && m.plic.registers.size_bytes == 0,
	   "a hart nobody knows gets no interrupts");
}

static bool keeps(const struct machine *m, uint64_t address)
{
	const struct boot_range page = { address, NX_PAGE_SIZE };

	for (uint32_t i = 0; i < m->kept_count; i++)
		if (ranges_overlap(&page, &m->kept[i]))
			return true;
	return false;
}

static void test_kept(void)
{
	struct machine m;

	begin_root();
	add_memory(0x40000000, 0x8000000);
	add_cpus();
	add_uart();
	add_uart_at(0x9100000);
	add_plic();
	begin("clint");
	add_text("compatible", "riscv,clint0");
	add_text("status", "disabled");
	CELLS("reg", 0, 0x2000000, 0, 0x10000);
	end();
	begin("test");
	add_property("compatible", "sifive,test1\0syscon", 20);
	CELLS("reg", 0, 0x100000, 0, 0x1000, 0, 0x300000, 0, 0x1000);
	end();
	end();
	finish();
	if (!ok(discover(0, &m) == FDT_OK, "a tree of devices is taken"))
		return;
	ok(keeps(&m, 0x9000000) && keeps(&m, 0xc200000),
	   "what the kernel uses is kept");
	ok(!keeps(&m, 0x9100000), "a second one that it does not use is not");
	ok(keeps(&m, 0x2008000), "timers are kept, even if switched off");
	ok(keeps(&m, 0x100000) && keeps(&m, 0x300000),
	   "all registers of what stops the machine are kept");
}

static void test_behind_bus(void)
{
	struct machine m;

	begin_root();
	add_memory(0x40000000, 0x8000000);
	add_cpus();
	begin("bus");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	CELLS("ranges", 0, 0, 0, 0x50000000, 0, 0x10000000);
	add_uart();
	end();
	end();
	finish();
	ok(discover(0, &m) == FDT_OK && m.uart.registers.size_bytes == 0,
	   "a device behind a translating bus is left alone");
}

static void test_free_memory(void)
{
	struct boot_range used[] = { { 0x44000010, 0x1234 },
				     { 0x47fff000, 0x1000 } };
	struct boot_range out[8];
	struct machine m;
	uint32_t count;

	build_good();
	discover(0, &m);
	count = machine_free_memory(&m, used, 2, 0x48000000, out, 8);
	ok(count == 3 && out[0].base == 0x40080000 &&
		   out[0].size_bytes == 0xf80000 && out[1].base == 0x41001000 &&
		   out[1].base + out[1].size_bytes == 0x44000000 &&
		   out[2].base == 0x44002000 &&
		   out[2].base + out[2].size_bytes == 0x47fff000,
	   "free memory is whole pages around what is used");
	count = machine_free_memory(&m, NULL, 0, 0x40100000, out, 8);
	ok(count == 1 && out[0].base + out[0].size_bytes == 0x40100000,
	   "memory beyond the limit is left out");
	count = machine_free_memory(&m, used, 2, 0x48000000, out, 2);
	is_u64(count, 2, "no more ranges are told than asked for");
	m.reserved[0] = (struct boot_range){ 0x3ffff800, 0x10000000 };
	is_u64(machine_free_memory(&m, used, 2, UINT64_MAX, out, 8), 0,
	       "memory that is all reserved is not free");
	ok(machine_has_memory(&m, &used[1]) &&
		   !machine_has_memory(
			   &m, &(struct boot_range){ 0x47fff000, 0x1001 }) &&
		   !machine_has_memory(&m,
				       &(struct boot_range){ 0x1000, 0x1000 }),
	   "what lies in memory is told from what does not");
}

/* ---- refusals ---- */

/* A good blob with one header word changed. */
static const struct {
	const char *what;
	unsigned at;
	uint32_t value;
	enum fdt_status status;
} headers[] = {
	{ "a wrong magic", 0, 0xd00dfeee, FDT_MAGIC },
	{ "a size below the header", 4, 39, FDT_SIZE },
	{ "a size beyond the memory given", 4, BLOB_MAX + 1, FDT_SIZE },
	{ "a size beyond the limit", 4, FDT_SIZE_MAX + 1, FDT_SIZE },
	{ "a structure behind the end", 8, 0x10000, FDT_LAYOUT },
	{ "an unaligned structure", 8, 74, FDT_LAYOUT },
	{ "a structure in the header", 8, 0, FDT_LAYOUT },
	{ "strings behind the end", 12, UINT32_MAX, FDT_LAYOUT },
	{ "unaligned reservations", 16, 44, FDT_LAYOUT },
	{ "reservations behind the end", 16, 0x10000, FDT_LAYOUT },
	{ "an old version", 20, 16, FDT_VERSION },
	{ "a version of the future", 24, 18, FDT_VERSION },
	{ "strings too long", 32, UINT32_MAX, FDT_LAYOUT },
	{ "a structure too long", 36, UINT32_MAX, FDT_LAYOUT },
	{ "a structure cut short", 36, 40, FDT_TOKEN },
	{ "strings cut short", 32, 3, FDT_NAME },
};

static void test_headers(void)
{
	struct machine m;

	for (size_t i = 0; i < ARRAY_COUNT(headers); i++) {
		build_good();
		store32(blob + headers[i].at, headers[i].value);
		blob_size = headers[i].at == 4 ? BLOB_MAX : blob_size;
		is_str(fdt_status_name(discover(0, &m)),
		       fdt_status_name(headers[i].status), "%s is refused",
		       headers[i].what);
	}
	build_good();
	blob_size = 39;
	is_i64(discover(0, &m), FDT_MAGIC, "less than a header is no tree");
}

static void bad_reservations(void)
{
	begin_root();
	end();
	finish();
	/* The strings are the last: reservations run through to the end. */
	memset(blob + FDT_HEADER_SIZE, 1, blob_size - FDT_HEADER_SIZE);
}

static void bad_token(void)
{
	begin_root();
	add_word(77);
	finish();
}

static void bad_late_property(void)
{
	begin_root();
	begin("x");
	end();
	add_text("late", "x");
	end();
	finish();
}

static void bad_long_name(void)
{
	begin_root();
	begin("a name of sixty-four bytes is one more than the reader will take");
	end();
	end();
	finish();
}

static void bad_open_name(void)
{
	memset(&build, 0, sizeof(build));
	add_word(1);
	memset(build.structure + 4, 'x', 4);
	build.structure_bytes = 8;
	finish();
	store32(blob + 36, 8);
}

static void bad_depth(void)
{
	begin_root();
	for (unsigned i = 0; i < FDT_DEPTH_MAX; i++)
		begin("x");
	for (unsigned i = 0; i <= FDT_DEPTH_MAX; i++)
		end();
	finish();
}

static void bad_closed(void)
{
	begin_root();
	end();
	end();
	finish();
}

static void bad_two_roots(void)
{
	begin_root();
	end();
	begin("");
	end();
	finish();
}

static void bad_unclosed(void)
{
	begin_root();
	finish();
}

static void bad_property(void)
{
	begin_root();
	add_word(3);
	add_word(UINT32_MAX);
	add_word(0);
	end();
	finish();
}

static void bad_property_name(void)
{
	begin_root();
	add_word(3);
	add_word(0);
	add_word(9999);
	end();
	finish();
}

static void bad_cells(void)
{
	memset(&build, 0, sizeof(build));
	begin("");
	CELLS("#address-cells", 3);
	add_memory(0x40000000, 0x8000000);
	end();
	finish();
}

static void bad_wrap(void)
{
	begin_root();
	add_memory(UINT64_MAX - 0xfff, 0x2000);
	end();
	finish();
}

static void bad_overlap(void)
{
	begin_root();
	add_memory(0x40001000, 0x1000);
	add_memory(0x40000000, 0x1001);
	add_cpus();
	end();
	finish();
}

static void bad_device_in_memory(void)
{
	begin_root();
	add_memory(0x9000800, 0x1000);
	add_cpus();
	add_uart();
	end();
	finish();
}

static void bad_package(void)
{
	begin_root();
	add_memory(0x40000000, 0x8000000);
	begin("chosen");
	CELLS("linux,initrd-start", 0x44000000);
	CELLS("linux,initrd-end", 0x43ffffff);
	end();
	end();
	finish();
}

static void bad_limit(void)
{
	begin_root();
	for (uint64_t i = 0; i <= BOOT_RANGES_MAX; i++)
		add_memory(0x40000000 + i * 0x10000, 0x1000);
	end();
	finish();
}

static void bad_no_memory(void)
{
	begin_root();
	add_memory(0x40000000, 0);
	add_cpus();
	end();
	finish();
}

static void bad_no_clock(void)
{
	begin_root();
	add_memory(0x40000000, 0x8000000);
	end();
	finish();
}

static const struct {
	const char *what;
	void (*build)(void);
	enum fdt_status status;
} trees[] = {
	{ "reservations without an end", bad_reservations, FDT_RESERVATIONS },
	{ "an unknown token", bad_token, FDT_TOKEN },
	{ "a property behind a child", bad_late_property, FDT_TOKEN },
	{ "a name too long", bad_long_name, FDT_NAME },
	{ "a name without an end", bad_open_name, FDT_NAME },
	{ "nodes too deep", bad_depth, FDT_DEPTH },
	{ "a node closed twice", bad_closed, FDT_DEPTH },
	{ "two roots", bad_two_roots, FDT_DEPTH },
	{ "a node never closed", bad_unclosed, FDT_DEPTH },
	{ "a property too long", bad_property, FDT_PROPERTY },
	{ "a property without a name", bad_property_name, FDT_NAME },
	{ "numbers of three cells", bad_cells, FDT_CELLS },
	{ "memory that wraps", bad_wrap, FDT_RANGE },
	{ "memory told twice", bad_overlap, FDT_RANGE },
	{ "a device in memory", bad_device_in_memory, FDT_RANGE },
	{ "a package that ends before it begins", bad_package, FDT_RANGE },
	{ "too many ranges", bad_limit, FDT_LIMIT },
	{ "no memory", bad_no_memory, FDT_NO_RAM },
	{ "no clock", bad_no_clock, FDT_NO_CLOCK },
};

static void test_trees(void)
{
	struct machine m;

	for (size_t i = 0; i < ARRAY_COUNT(trees); i++) {
		trees[i].build();
		is_str(fdt_status_name(discover(0, &m)),
		       fdt_status_name(trees[i].status), "%s is refused",
		       trees[i].what);
	}
}

static void test_real(void)
{
	struct machine m;
	struct fdt fdt;

	if (!dump_real()) {
		skip(2, "no QEMU");
		return;
	}
	if (!is_i64(fdt_open(real, real_size, &fdt), FDT_OK,
		    "the tree of QEMU's machine opens"))
		return;
	ok(machine_discover(&fdt, 0, &m) == FDT_OK && m.memory_count == 1 &&
		   m.memory[0].size_bytes == 128u << 20 &&
		   m.uart.registers.size_bytes > 0 &&
		   m.plic.registers.size_bytes > 0 && m.hart_count == 1 &&
		   m.seed_bytes >= 16 && m.kept_count == 4,
	   "it tells all that the kernel needs");
}

int main(void)
{
	plan(0);
	test_good();
	test_kept();
	test_behind_bus();
	test_free_memory();
	test_headers();
	test_trees();
	test_real();
	return done();
}
