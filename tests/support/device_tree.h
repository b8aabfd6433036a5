/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SUPPORT_DEVICE_TREE_H
#define TESTS_SUPPORT_DEVICE_TREE_H
/** @file device_tree.h
 * Device trees for tests: one built from calls, into `blob`, and the one of
 * QEMU's machine, into `real`. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/tap.h"

#include "boot/machine.h"

#define BLOB_MAX 4096u

static struct {
	uint8_t structure[BLOB_MAX / 2];
	char strings[BLOB_MAX / 4];
	uint32_t structure_bytes;
	uint32_t strings_bytes;
	uint64_t reservations[4][2];
	uint32_t reservation_count;
} build;

TAP_UNUSED static inline void store32(uint8_t *bytes, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

TAP_UNUSED static inline void add_word(uint32_t word)
{
	store32(build.structure + build.structure_bytes, word);
	build.structure_bytes += 4;
}

TAP_UNUSED static inline void add_bytes(const void *bytes, size_t size)
{
	memcpy(build.structure + build.structure_bytes, bytes, size);
	build.structure_bytes += (uint32_t)(size + 3) & ~3u;
}

TAP_UNUSED static inline void begin(const char *name)
{
	add_word(1);
	add_bytes(name, strlen(name) + 1);
}

TAP_UNUSED static inline void end(void)
{
	add_word(2);
}

TAP_UNUSED static inline void add_property(const char *name, const void *value,
					   size_t size)
{
	add_word(3);
	add_word((uint32_t)size);
	add_word(build.strings_bytes);
	strcpy(build.strings + build.strings_bytes, name);
	build.strings_bytes += (uint32_t)strlen(name) + 1;
	add_bytes(value, size);
}

TAP_UNUSED static inline void add_text(const char *name, const char *text)
{
	add_property(name, text, strlen(text) + 1);
}

TAP_UNUSED static inline void add_cells(const char *name, unsigned count,
					const uint32_t *cells)
{
	uint8_t bytes[64];

	for (unsigned i = 0; i < count; i++)
		store32(bytes + 4 * i, cells[i]);
	add_property(name, bytes, count * 4);
}

#define CELLS(name, ...)                                                       \
	add_cells(name, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4,         \
		  (const uint32_t[]){ __VA_ARGS__ })

static uint8_t blob[BLOB_MAX];
static size_t blob_size;

/* Header, reservations, structure, strings; FDT_END is added. */
TAP_UNUSED static inline void finish(void)
{
	uint32_t at = FDT_HEADER_SIZE, header[10] = { 0xd00dfeed };

	add_word(9);
	memset(blob, 0, sizeof(blob));
	header[4] = at;
	for (uint32_t i = 0; i < build.reservation_count; i++) {
		for (unsigned k = 0; k < 2; k++) {
			uint64_t value = build.reservations[i][k];

			store32(blob + at + 8 * k, (uint32_t)(value >> 32));
			store32(blob + at + 8 * k + 4, (uint32_t)value);
		}
		at += 16;
	}
	at += 16;
	header[2] = at;
	memcpy(blob + at, build.structure, build.structure_bytes);
	at += build.structure_bytes;
	header[3] = at;
	memcpy(blob + at, build.strings, build.strings_bytes);
	at += build.strings_bytes;
	header[1] = at;
	header[5] = 17;
	header[6] = 16;
	header[8] = build.strings_bytes;
	header[9] = build.structure_bytes;
	for (unsigned i = 0; i < 10; i++)
		store32(blob + 4 * i, header[i]);
	blob_size = at;
}

TAP_UNUSED static inline void begin_root(void)
{
	memset(&build, 0, sizeof(build));
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
}

TAP_UNUSED static inline void add_memory(uint64_t base, uint64_t size)
{
	begin("memory@0");
	add_text("device_type", "memory");
	CELLS("reg", (uint32_t)(base >> 32), (uint32_t)base,
	      (uint32_t)(size >> 32), (uint32_t)size);
	end();
}

TAP_UNUSED static inline void add_cpu(uint32_t hart, const char *isa)
{
	begin("cpu");
	add_text("device_type", "cpu");
	CELLS("reg", hart);
	add_text("riscv,isa", isa);
	begin("interrupt-controller");
	add_text("compatible", "riscv,cpu-intc");
	CELLS("phandle", 10 + hart);
	end();
	end();
}

TAP_UNUSED static inline void add_cpus(void)
{
	begin("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	CELLS("timebase-frequency", 10000000);
	add_cpu(0, "rv64imac_zicsr");
	add_cpu(1, "rv64imac_zicsr_sstc");
	end();
}

TAP_UNUSED static inline void add_uart_at(uint32_t base)
{
	begin("serial");
	add_property("compatible", "other\0ns16550a", 15);
	CELLS("interrupts", 7);
	CELLS("reg-shift", 2);
	CELLS("reg", 0, base, 0, 0x1000);
	end();
}

TAP_UNUSED static inline void add_uart(void)
{
	add_uart_at(0x9000000);
}

TAP_UNUSED static inline void add_plic(void)
{
	begin("plic");
	add_text("compatible", "riscv,plic0");
	CELLS("interrupts-extended", 10, 11, 10, 9, 11, 11, 11, 9);
	CELLS("reg", 0, 0xc000000, 0, 0x600000);
	end();
}

TAP_UNUSED static inline void add_chosen(void)
{
	begin("chosen");
	CELLS("linux,initrd-start", 0x44000000);
	CELLS("linux,initrd-end", 0, 0x44001234);
	add_text("bootargs", "nonce=12 x");
	add_property("rng-seed", "0123456789abcdef", 16);
	end();
}

TAP_UNUSED static inline void add_reserved(void)
{
	begin("reserved-memory");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	add_property("ranges", "", 0);
	begin("firmware");
	CELLS("reg", 0, 0x40000000, 0, 0x80000);
	end();
	end();
}

TAP_UNUSED static inline void build_good(void)
{
	begin_root();
	build.reservations[0][0] = 0x41000000;
	build.reservations[0][1] = 0x1000;
	build.reservation_count = 1;
	add_chosen();
	add_memory(0x40000000, 0x8000000);
	add_reserved();
	begin("soc");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	add_property("ranges", "", 0);
	add_uart();
	add_plic();
	end();
	add_cpus();
	end();
	finish();
}

static uint8_t real[FDT_SIZE_MAX];
static size_t real_size;

/** Ask QEMU for its tree; false if there is none. */
TAP_UNUSED static inline bool dump_real(void)
{
	const char *qemu = getenv("QEMU");
	char path[] = "/tmp/nexus-fdt-XXXXXX", command[512];
	int file = mkstemp(path);
	FILE *stream;

	if (file < 0)
		return false;
	snprintf(command, sizeof(command),
		 "'%s' -M virt,dumpdtb=%s -m 128M "
		 ">/dev/null 2>&1",
		 qemu != NULL && *qemu != '\0' ? qemu : "qemu-system-riscv64",
		 path);
	stream = system(command) == 0 ? fopen(path, "rb") : NULL;
	if (stream != NULL) {
		real_size = fread(real, 1, sizeof(real), stream);
		fclose(stream);
	}
	close(file);
	remove(path);
	return real_size > FDT_HEADER_SIZE;
}
#endif /* TESTS_SUPPORT_DEVICE_TREE_H */
