/* SPDX-License-Identifier: BSD-2-Clause */
/* A tar archive, plain or gzip. What is taken is a tree that the writer takes
 * too, with contents that are all there; what is not is refused for a reason.
 *
 * Headers have a sum over them, and sizes say where the next one is: fields
 * are changed where they lie and the sums made anew. */
#include <epk/name.h>
#include <epk/writer.h>

#include "fuzz.h"
#include "tar_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK 512u
#define BYTES_MAX (48u * BLOCK)
#define SIZE_MAX_HERE (UINT64_C(1) << 20)
#define SEEDS 6u

static uint32_t verdicts[TAR_ERROR_COUNT];

/* ---- archives ---- */

static void seal(uint8_t *block)
{
	char text[8];
	uint32_t sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf(text, sizeof(text), "%06o", sum & 0777777);
	memcpy(block + 148, text, 7);
}

struct tape {
	uint8_t *bytes;
	size_t size;
};

static void put(struct tape *tape, const char *name, char type,
		const char *target, const void *data, size_t size)
{
	uint8_t *block = tape->bytes + tape->size;

	memset(block, 0, BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK);
	snprintf((char *)block, 100, "%s", name);
	memcpy(block + 100, "0000755", 8);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	snprintf((char *)block + 124, 12, "%011zo", size);
	memcpy(block + 136, "00000000000", 12);
	block[156] = (uint8_t)type;
	snprintf((char *)block + 157, 100, "%s", target);
	memcpy(block + 257,
	       "ustar\0"
	       "00",
	       8);
	seal(block);
	if (size)
		memcpy(block + BLOCK, data, size);
	tape->size += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
}

static void put_text(struct tape *tape, const char *name, char type,
		     const char *text)
{
	put(tape, name, type, "", text, strlen(text));
}

/* One record: its length counts itself. */
static void put_pax(struct tape *tape, const char *key, const char *value)
{
	char text[600];
	size_t size = strlen(key) + strlen(value) + 3;

	size += size + 2 > 99 ? 3 : 2;
	snprintf(text, sizeof(text), "%zu %s=%s\n", size, key, value);
	put_text(tape, "pax", 'x', text);
}

static void put_tree(struct tape *tape)
{
	put_text(tape, "manifest.toml", '0', "name = \"a\"\n");
	put_text(tape, "./bin/", '5', "");
	put_text(tape, "./bin/tool", '0', "#!tool, and more of it");
	put(tape, "link", '2', "bin/tool", "", 0);
	put(tape, "hard", '1', "./bin/tool", "", 0);
	put_text(tape, "a/b/c", '0', "deep");
}

static void put_long(struct tape *tape)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[99] = name[200] = '/';
	name[299] = '\0';
	put_pax(tape, "path", name);
	put_text(tape, "x", '0', "pax");
	put(tape, "././@LongLink", 'L', "", name, 250);
	put_text(tape, "x", '0', "gnu");
	put(tape, "././@LongLink", 'K', "", name, 250);
	put(tape, "l", '2', "t", "", 0);
	put_pax(tape, "SCHILY.xattr.user.epk.alias", "d");
	put(tape, "alias", '2', "d", "", 0);
	put_text(tape, "d", '5', "");
}

static void put_sparse(struct tape *tape)
{
	put_pax(tape, "GNU.sparse.map", "0,3,1000,4");
	put_text(tape, "a", '0', "onefour");
	put_text(tape, "b", '0', "none");
	put_pax(tape, "size", "3");
	put_text(tape, "c", '0', "one");
	put_pax(tape, "GNU.sparse.name", "d");
	put_pax(tape, "GNU.sparse.realsize", "9000");
	put_text(tape, "e", '0', "2\n0\n512\n4096\n3\n");
}

static void put_old_sparse(struct tape *tape)
{
	uint8_t *block = tape->bytes + tape->size;

	put_text(tape, "s", 'S', "abcdefgh");
	memcpy(block + 257, "ustar  ", 8);
	memcpy(block + 386,
	       "00000001000\0"
	       "00000000004",
	       24);
	memcpy(block + 410,
	       "00000020000\0"
	       "00000000004",
	       24);
	memcpy(block + 483, "00000040000", 12);
	seal(block);
}

static size_t squeeze(uint8_t *bytes, size_t size)
{
	static uint8_t copy[BYTES_MAX];
	z_stream stream = { 0 };

	memcpy(copy, bytes, size);
	fuzz_must(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
			       Z_DEFAULT_STRATEGY) == Z_OK,
		  "there is an encoder");
	stream.next_in = copy;
	stream.avail_in = (uInt)size;
	stream.next_out = bytes;
	stream.avail_out = BYTES_MAX;
	fuzz_must(deflate(&stream, Z_FINISH) == Z_STREAM_END, "it fits");
	size = stream.total_out;
	deflateEnd(&stream);
	return size;
}

static size_t seed(uint32_t which, uint8_t *bytes)
{
	struct tape tape = { .bytes = bytes };

	if (which == 0 || which == 4)
		put_tree(&tape);
	if (which == 1)
		put_long(&tape);
	if (which == 2)
		put_sparse(&tape);
	if (which == 3)
		put_old_sparse(&tape);
	if (which == 5)
		put_text(&tape, "x", '0', "alone");
	memset(bytes + tape.size, 0, 2 * BLOCK);
	tape.size += 2 * BLOCK;
	return which == 4 ? squeeze(bytes, tape.size) : tape.size;
}

/* ---- mutants ---- */

struct field {
	uint16_t offset;
	uint16_t size;
};

static void change_field(uint8_t *block, struct fuzz_random *random)
{
	static const struct field fields[] = {
		{ 0, 100 },  { 0, 100 },   { 100, 8 },	 { 124, 12 },
		{ 124, 12 }, { 156, 1 },   { 156, 1 },	 { 157, 100 },
		{ 257, 8 },  { 345, 155 }, { 386, 110 },
	};
	static const char *const words[] = {
		"..",	"/",	       "./",   ".",	"",
		"a//b", "a/..",	       "bin",  "bin/x", "manifest.toml",
		"\xff", "00000000003", "\x80", "00777", "link/x",
		"d",	"L",	       "S",
	};
	static const char types[] = "01234567xgLKSDVNMA\0";
	const struct field *field =
		&fields[fuzz_below(random, sizeof(fields) / sizeof(fields[0]))];
	const char *word =
		words[fuzz_below(random, sizeof(words) / sizeof(words[0]))];

	if (field->size == 1)
		block[field->offset] =
			(uint8_t)types[fuzz_below(random, sizeof(types))];
	else if (fuzz_below(random, 2) == 0)
		memcpy(block + field->offset, word,
		       strlen(word) + (fuzz_below(random, 2) == 0 &&
				       strlen(word) < field->size));
	else
		fuzz_change_byte(block + field->offset +
					 fuzz_below(random, field->size),
				 random);
}

/* Whole blocks move, double or go. */
static size_t move_blocks(uint8_t *bytes, size_t size, size_t size_max,
			  struct fuzz_random *random)
{
	const uint32_t blocks = (uint32_t)(size / BLOCK);
	const size_t at = fuzz_below(random, blocks) * BLOCK;

	switch (fuzz_below(random, 3)) {
	case 0:
		memmove(bytes + at, bytes + at + BLOCK, size - at - BLOCK);
		return size - BLOCK;
	case 1:
		if (size + BLOCK > size_max)
			return size;
		memmove(bytes + at + BLOCK, bytes + at, size - at);
		return size + BLOCK;
	default:
		memmove(bytes + fuzz_below(random, blocks) * BLOCK, bytes + at,
			BLOCK);
		return size;
	}
}

static size_t mutate(uint8_t *bytes, size_t size, size_t size_max,
		     struct fuzz_random *random)
{
	const bool plain = size >= BLOCK && bytes[0] != 0x1f;

	for (uint32_t n = 1 + fuzz_below(random, 3); n > 0; n--) {
		if (!plain && size > 0) {
			fuzz_change_byte(
				bytes + fuzz_below(random, (uint32_t)size),
				random);
			continue;
		}
		if (size < BLOCK)
			return size;
		if (fuzz_below(random, 6) == 0)
			size = move_blocks(bytes, size, size_max, random);
		else
			change_field(
				bytes + fuzz_below(random,
						   (uint32_t)(size / BLOCK)) *
						BLOCK,
				random);
	}
	if (fuzz_below(random, 40) == 0 && size)
		size -= fuzz_below(random, (uint32_t)size);
	/* What looks like a header gets its sum; contents rarely do. */
	for (size_t at = 0; plain && at + BLOCK <= size; at += BLOCK) {
		if (memcmp(bytes + at + 257, "ustar", 5) == 0 &&
		    fuzz_below(random, 50) != 0)
			seal(bytes + at);
	}
	return size;
}

/* ---- what must hold ---- */

struct memory {
	const uint8_t *bytes;
	size_t left;
};

static ssize_t memory_read(void *context, void *buffer, size_t size)
{
	struct memory *memory = context;

	if (size > memory->left)
		size = memory->left;
	memcpy(buffer, memory->bytes, size);
	memory->bytes += size;
	memory->left -= size;
	return (ssize_t)size;
}

/* A file's contents lie behind their size. */
static void check_file(const struct tar_import *import,
		       const struct tar_node *node)
{
	uint64_t size = 0;

	fuzz_must(pread(import->spool, &size, sizeof(size),
			(off_t)node->content) == sizeof(size) &&
			  size == node->size,
		  "a file has the size it had");
	fuzz_must(node->content + 8 + size <= import->spool_size,
		  "contents are all there");
}

static void check_node(struct tar_import *import, struct epk_writer *writer,
		       uint32_t index)
{
	struct tar_tree *tree = &import->tree;
	struct tar_node *node = &tree->nodes[index];
	static char path[EPK_PATH_MAX + 1];
	struct epk_writer_entry entry = {
		.parent = tree->nodes[node->parent].entry,
		.type = node->type,
		.name = tar_tree_name(tree, index),
		.name_size = node->name_size,
		.target = tar_tree_target(tree, index),
		.size = node->size,
	};

	fuzz_must(node->parent < index, "a folder stands before its children");
	tar_tree_path(tree, index, path);
	fuzz_must(tar_tree_find(tree, path, strlen(path)) == index,
		  "every path leads to its node");
	if (node->type == EPK_TYPE_FILE)
		check_file(import, node);
	if (node->type == EPK_TYPE_LINK)
		entry.target_size = (size_t)node->size;
	if (node->type == EPK_TYPE_ALIAS)
		entry.alias_folder = tree->nodes[node->content].entry;
	fuzz_must(epk_writer_add(writer, &entry, &node->entry) == EPK_OK,
		  "the writer takes what was taken");
}

static void check_tree(struct tar_import *import)
{
	struct epk_writer *writer;

	fuzz_must(import->plain_bytes <= import->size_max,
		  "no more is taken than may be");
	fuzz_must(epk_writer_create(NULL, &writer) == EPK_OK,
		  "there is a writer");
	for (int aliases = 0; aliases < 2; aliases++) {
		for (uint32_t i = 1; i < import->tree.count; i++) {
			if (i != import->manifest &&
			    (import->tree.nodes[i].type == EPK_TYPE_ALIAS) ==
				    aliases)
				check_node(import, writer, i);
		}
	}
	epk_writer_destroy(writer);
}

static void run(const uint8_t *bytes, size_t size)
{
	static struct tar_import import;
	static int spool = -1;
	struct memory memory = { .bytes = bytes, .left = size };
	const struct tar_bytes source = { .read = memory_read,
					  .context = &memory };

	if (spool < 0) {
		tar_locale();
		spool = memfd_create("spool", MFD_CLOEXEC);
	}
	fuzz_must(spool >= 0 && ftruncate(spool, 0) == 0, "there is a spool");
	import.spool = spool;
	import.size_max = SIZE_MAX_HERE;
	if (tar_import_read(&import, &source)) {
		fuzz_must(import.failure.error == TAR_OK, "all is well");
		check_tree(&import);
	} else {
		fuzz_must(import.failure.error > TAR_OK &&
				  import.failure.error < TAR_ERROR_COUNT,
			  "a refusal says why");
	}
	verdicts[import.failure.error]++;
	tar_import_fini(&import);
}

static void report(uint32_t runs)
{
	static const enum tar_error reached[] = {
		TAR_BUDGET,    TAR_FORMAT, TAR_GZIP,	 TAR_DAMAGED,
		TAR_CUT,       TAR_KIND,   TAR_ABSOLUTE, TAR_CLIMBS,
		TAR_CANONICAL, TAR_NAME,   TAR_MANIFEST, TAR_TWICE,
		TAR_PARENT,    TAR_TARGET, TAR_HARD,	 TAR_ALIAS,
	};

	fuzz_ok(verdicts[TAR_OK] > runs / 50, "some are archives still (%u)",
		verdicts[TAR_OK]);
	for (size_t i = 0; i < sizeof(reached) / sizeof(reached[0]); i++)
		fuzz_ok(verdicts[reached[i]] != 0, "reached: %s (%u)",
			tar_error_sentence(reached[i]), verdicts[reached[i]]);
}

const struct fuzz_target fuzz_target = {
	.name = "tar",
	.runs = 20000,
	.long_runs = 1000000,
	.size_max = BYTES_MAX,
	.seed_count = SEEDS,
	.seed = seed,
	.mutate = mutate,
	.run = run,
	.report = report,
};
