/* SPDX-License-Identifier: BSD-2-Clause */
/* The mutator that seals; see image.h. It reads an image as it hopes it to be
 * and looks at every offset before it uses it: it is fed its own products. */
#include "image.h"
#include "image_sign.h"

#include <string.h>
#include <zlib.h>

#define NODE 64u
#define BLOCK 48u

/* The image and where its parts lie; only while `sound`. */
struct layout {
	uint8_t *bytes;
	size_t size;
	size_t size_max;
	struct fuzz_random *random;
	bool sound; /* stored metadata whose parts fit */
	size_t nodes;
	size_t node_count;
	size_t blocks;
	size_t block_count;
	size_t names;
	size_t names_size;
	size_t text;
	size_t text_size;
	size_t data; /* D, or the end if it lies behind it */
};

static void look(struct layout *at)
{
	const uint8_t *header = at->bytes;
	const uint64_t nodes = epk_load32(header + 36);
	const uint64_t blocks = (uint64_t)epk_load32(header + 40) +
				epk_load32(header + 44) +
				epk_load32(header + 48);
	const uint64_t names = epk_load32(header + 52);
	const uint64_t text = epk_load32(header + 56);
	const uint64_t tables = nodes * NODE + blocks * BLOCK + names;
	const uint64_t stored = epk_load64(header + 64);

	at->sound = header[35] == EPK_CODEC_STORE && header[32] <= 16 &&
		    stored <= at->size - 4096 &&
		    epk_align_up(tables, 4) + text == stored;
	if (!at->sound)
		return;
	at->nodes = 4096;
	at->node_count = (size_t)nodes;
	at->blocks = at->nodes + (size_t)nodes * NODE;
	at->block_count = (size_t)blocks;
	at->names = at->blocks + (size_t)blocks * BLOCK;
	at->names_size = (size_t)names;
	at->text = 4096 + (size_t)epk_align_up(tables, 4);
	at->text_size = (size_t)text;
	at->data = (size_t)epk_align_up(4096 + stored, header[32]);
	if (at->data > at->size)
		at->data = at->size;
}

static uint32_t chance(struct layout *at, size_t bound)
{
	return fuzz_below(at->random, (uint32_t)bound);
}

static uint8_t *node_row(struct layout *at, size_t index)
{
	return at->bytes + at->nodes + index * NODE;
}

static uint8_t *block_row(struct layout *at, size_t index)
{
	return at->bytes + at->blocks + index * BLOCK;
}

/* ---- fields in their places ---- */

static void change_header(struct layout *at)
{
	static const uint8_t fields[][2] = {
		{ 8, 2 },   { 10, 2 }, { 12, 4 }, { 16, 8 }, { 24, 4 },
		{ 28, 4 },  { 32, 1 }, { 33, 1 }, { 34, 1 }, { 35, 1 },
		{ 36, 4 },  { 40, 4 }, { 44, 4 }, { 48, 4 }, { 52, 4 },
		{ 56, 4 },  { 60, 4 }, { 64, 8 }, { 72, 8 }, { 112, 8 },
		{ 248, 4 },
	};
	const uint8_t *field =
		fields[chance(at, sizeof(fields) / sizeof(fields[0]))];

	fuzz_change_number(at->bytes + field[0], field[1], at->random);
}

static void change_signatures(struct layout *at)
{
	uint8_t *area = at->bytes + EPK_SIGAREA_OFFSET;
	uint8_t *slot = at->bytes + EPK_SIGAREA_SLOTS +
			(size_t)chance(at, EPK_SIGNATURES_MAX) * EPK_SLOT_SIZE;

	switch (chance(at, 5)) {
	case 0:
		fuzz_change_byte(area + chance(at, 3840), at->random);
		break;
	case 1:
		fuzz_change_number(at->bytes + EPK_SIGAREA_COUNT, 2,
				   at->random);
		break;
	case 2:
		slot[EPK_SLOT_KEY_ID] = (uint8_t)chance(at, 5);
		break;
	case 3:
		fuzz_change_number(slot + chance(at, 26) * 4, 4, at->random);
		break;
	default:
		fuzz_change_byte(slot + chance(at, EPK_SLOT_SIZE), at->random);
	}
}

static void change_row(struct layout *at, uint8_t *rows, size_t count,
		       size_t size, const uint8_t (*fields)[2],
		       size_t field_count)
{
	uint8_t *row = rows + chance(at, count) * size;
	const uint8_t *field = fields[chance(at, field_count)];

	/* A field as another row has it: swaps, doubles, moves. */
	if (chance(at, 3) == 0)
		memmove(row + field[0],
			rows + chance(at, count) * size + field[0], field[1]);
	else
		fuzz_change_number(row + field[0], field[1], at->random);
}

static void change_node(struct layout *at)
{
	static const uint8_t fields[][2] = {
		{ 0, 4 },  { 4, 4 },  { 8, 2 },	 { 10, 1 },
		{ 11, 1 }, { 12, 4 }, { 16, 8 }, { 16, 8 },
		{ 24, 4 }, { 28, 4 }, { 32, 8 },
	};

	if (at->node_count != 0)
		change_row(at, node_row(at, 0), at->node_count, NODE, fields,
			   sizeof(fields) / sizeof(fields[0]));
}

static void change_block(struct layout *at)
{
	static const uint8_t fields[][2] = {
		{ 0, 8 }, { 8, 4 }, { 12, 1 }, { 13, 2 }, { 16, 8 },
	};

	if (at->block_count != 0)
		change_row(at, block_row(at, 0), at->block_count, BLOCK, fields,
			   sizeof(fields) / sizeof(fields[0]));
}

/* The stored bytes of a block, or NULL where they do not fit. */
static uint8_t *block_bytes(struct layout *at, size_t index, size_t *out_size)
{
	const uint8_t *row = block_row(at, index);
	const uint64_t offset = epk_load64(row);

	*out_size = epk_load32(row + 8);
	if (offset > at->size - at->data ||
	    *out_size > at->size - at->data - offset)
		return NULL;
	return at->bytes + at->data + offset;
}

/* Two blocks of one size become equal. */
static void copy_block(struct layout *at)
{
	size_t from_size, to_size;
	const uint8_t *from;
	uint8_t *to;

	from = block_bytes(at, chance(at, at->block_count), &from_size);
	to = block_bytes(at, chance(at, at->block_count), &to_size);
	if (from != NULL && to != NULL && from_size == to_size)
		memmove(to, from, to_size);
}

static void change_data(struct layout *at)
{
	if (at->block_count != 0 && chance(at, 4) == 0)
		copy_block(at);
	else if (at->data < at->size)
		fuzz_change_byte(at->bytes + at->data +
					 chance(at, at->size - at->data),
				 at->random);
}

static void change_name(struct layout *at)
{
	if (at->names_size != 0)
		fuzz_change_byte(at->bytes + at->names +
					 chance(at, at->names_size),
				 at->random);
}

/* ---- changes that move what follows ---- */

/* Metadata ends elsewhere now; what lies up to D is zero. */
static void set_text_size(struct layout *at, size_t size)
{
	const size_t end = at->text + size;

	memset(at->bytes + end, 0, at->data - end);
	epk_store32(at->bytes + 56, (uint32_t)size);
	epk_store64(at->bytes + 64, end - 4096);
	look(at);
}

static void change_text(struct layout *at)
{
	static const char *const list[] = {
		"name",
		"version",
		"arch",
		"kernel_api",
		"entry",
		"[commands]\n",
		"[permissions]\n",
		"\"linux-1.2\"",
		"\"0.1\"",
		" = ",
		"\"/run/a\"",
		"\"/bin/../a\"",
		"\"/self/self/run/b\"",
		"\\\"",
		"\"/all/f\"",
		"\"/z/back\"",
		"# x\n",
		"provides",
	};
	static const struct fuzz_words words = {
		list, sizeof(list) / sizeof(list[0])
	};

	set_text_size(at, fuzz_change_text(at->bytes + at->text, at->text_size,
					   at->data - at->text, &words,
					   at->random));
}

/* Every later offset of a name or a link's target moves along. */
static void move_names(struct layout *at, size_t behind, int by)
{
	for (size_t i = 0; i < at->node_count; i++) {
		uint8_t *row = node_row(at, i);

		if (epk_load32(row + 4) > behind)
			epk_store32(row + 4,
				    epk_load32(row + 4) + (uint32_t)by);
		if (row[10] == EPK_TYPE_LINK && epk_load32(row + 24) > behind)
			epk_store32(row + 24,
				    epk_load32(row + 24) + (uint32_t)by);
	}
}

/* A name or a target gets a byte more or less; all cursors follow. */
static void resize_name(struct layout *at)
{
	uint8_t *row = node_row(at, chance(at, at->node_count));
	const bool target = row[10] == EPK_TYPE_LINK && chance(at, 2) == 0;
	const size_t place = epk_load32(row + (target ? 24 : 4));
	const bool grow = chance(at, 2) == 0;
	uint8_t *names = at->bytes + at->names;
	const size_t size = at->names_size;
	const size_t new_size = grow ? size + 1 : size - 1;
	static uint8_t text[EPK_MANIFEST_SIZE_MAX];
	const size_t text_size = at->text_size;
	size_t end;

	end = at->names + (size_t)epk_align_up(size + 1, 4);
	if (place >= size || text_size > sizeof(text) ||
	    end + 16 + text_size > at->data)
		return;
	memcpy(text, at->bytes + at->text, text_size);
	if (grow)
		memmove(names + place + 1, names + place, size - place);
	else
		memmove(names + place, names + place + 1, size - place - 1);
	move_names(at, place, grow ? 1 : -1);
	if (target)
		epk_store64(row + 16,
			    epk_load64(row + 16) + (grow ? 1 : UINT64_MAX));
	else
		epk_store16(row + 8,
			    (uint16_t)(epk_load16(row + 8) + (grow ? 1 : -1)));
	epk_store32(at->bytes + 52, (uint32_t)new_size);
	/* The text, from where it has to begin now. */
	end = at->names + new_size;
	at->text = 4096 + (size_t)epk_align_up(end - 4096, 4);
	memset(at->bytes + end, 0, at->data - end);
	memcpy(at->bytes + at->text, text, text_size);
	set_text_size(at, text_size);
}

/* The same metadata, compressed; the data moves up to it. */
static void squeeze(struct layout *at)
{
	uint8_t packed[8192];
	const size_t plain = at->text + at->text_size - 4096;
	uLongf size = sizeof(packed);
	size_t data;

	if (plain > sizeof(packed) ||
	    compress2(packed, &size, at->bytes + 4096, plain, 1) != Z_OK ||
	    size >= plain)
		return;
	if (chance(at, 8) == 0)
		fuzz_change_byte(packed + chance(at, size), at->random);
	data = (size_t)epk_align_up(4096 + size, at->bytes[32]);
	if (data > at->data)
		return;
	memcpy(at->bytes + 4096, packed, size);
	memset(at->bytes + 4096 + size, 0, data - 4096 - size);
	memmove(at->bytes + data, at->bytes + at->data, at->size - at->data);
	at->size -= at->data - data;
	at->bytes[35] = EPK_CODEC_ZLIB;
	epk_store64(at->bytes + 64, size);
}

static void change(struct layout *at)
{
	static void (*const changes[])(struct layout *) = {
		/* Nodes are where the rules are. */
		change_node, change_node,  change_node, change_node,
		change_node, change_block, change_data, change_name,
		change_text, resize_name,
	};

	look(at);
	if (chance(at, 12) == 0)
		change_signatures(at);
	else if (!at->sound || chance(at, 10) == 0)
		change_header(at);
	else
		changes[chance(at, sizeof(changes) / sizeof(changes[0]))](at);
}

/* ---- seals ---- */

static void digest(const uint8_t *bytes, size_t size, uint8_t out[32])
{
	fuzz_must(epk_sha256(epk_ops_default(), bytes, size, out) == EPK_OK,
		  "a digest is computed");
}

static void seal_blocks(struct layout *at, uint32_t leave_out)
{
	for (size_t i = 0; i < at->block_count; i++) {
		size_t size;
		const uint8_t *bytes = block_bytes(at, i, &size);

		if (bytes != NULL && chance(at, 100) >= leave_out)
			digest(bytes, size, block_row(at, i) + 16);
	}
}

/* Files of one stored block, which most are: what it now says they are. */
static void seal_files(struct layout *at)
{
	for (size_t i = 0; i < at->node_count; i++) {
		uint8_t *row = node_row(at, i);
		const size_t first = epk_load32(row + 24);
		const uint64_t place = epk_load32(row + 12);
		const uint64_t size = epk_load64(row + 16);
		const uint8_t *bytes;
		size_t stored;

		if (row[10] != EPK_TYPE_FILE || epk_load32(row + 28) != 1 ||
		    first >= at->block_count || size == 0)
			continue;
		bytes = block_bytes(at, first, &stored);
		if (bytes != NULL && block_row(at, first)[12] == 0 &&
		    place <= stored && size <= stored - place)
			digest(bytes + place, (size_t)size, row + 32);
	}
}

static void seal_signatures(struct layout *at)
{
	uint8_t id[EPK_DIGEST_SIZE];
	const size_t count = epk_load16(at->bytes + EPK_SIGAREA_COUNT);

	if (count > EPK_SIGNATURES_MAX || count == 0)
		return;
	digest(at->bytes, EPK_HEADER_SIZE, id);
	for (size_t i = 0; i < count; i++) {
		uint8_t *slot =
			at->bytes + EPK_SIGAREA_SLOTS + i * EPK_SLOT_SIZE;

		fuzz_sign(id, slot[EPK_SLOT_KEY_ID], slot + EPK_SLOT_SIGNATURE);
	}
}

static void seal_header(struct layout *at)
{
	epk_store32(at->bytes + EPK_HEADER_CRC,
		    epk_crc32c(at->bytes, EPK_HEADER_CRC));
}

static void seal_metadata(struct layout *at)
{
	const uint64_t stored = epk_load64(at->bytes + 64);

	if (stored <= at->size - 4096)
		digest(at->bytes + 4096, (size_t)stored,
		       at->bytes + EPK_HEADER_META_DIGEST);
}

/* Mostly all layers; each is left out now and then. */
static void seal(struct layout *at)
{
	const uint32_t left_out = chance(at, 40);

	look(at);
	if (at->sound && left_out != 0) {
		seal_blocks(at, 0);
		if (left_out > 8)
			seal_files(at);
		if (chance(at, 10) == 0)
			squeeze(at);
	}
	if (chance(at, 20) != 0)
		epk_store64(at->bytes + 16, at->size);
	if (left_out != 1)
		seal_metadata(at);
	if (left_out != 2)
		seal_header(at);
	if (left_out != 3)
		seal_signatures(at);
}

size_t fuzz_image_mutate(uint8_t *bytes, size_t size, size_t size_max,
			 struct fuzz_random *random)
{
	struct layout at = { .bytes = bytes,
			     .size = size,
			     .size_max = size_max,
			     .random = random };

	if (size < 4096 + NODE || size > size_max)
		return size;
	for (uint32_t n = 1 + fuzz_below(random, 3); n > 0; n--)
		change(&at);
	if (fuzz_below(random, 50) == 0 && at.size > 5000)
		at.size -= 1 + fuzz_below(random, 600);
	seal(&at);
	return at.size;
}

size_t fuzz_image_mutate_data(uint8_t *bytes, size_t size, size_t size_max,
			      struct fuzz_random *random)
{
	struct layout at = { .bytes = bytes,
			     .size = size,
			     .size_max = size_max,
			     .random = random };

	if (size < 4096 + NODE || size > size_max || fuzz_below(random, 4) == 0)
		return fuzz_image_mutate(bytes, size, size_max, random);
	look(&at);
	if (!at.sound)
		return fuzz_image_mutate(bytes, size, size_max, random);
	for (uint32_t n = 1 + fuzz_below(random, 4); n > 0; n--)
		change_data(&at);
	seal_blocks(&at, 30);
	if (fuzz_below(random, 2) == 0)
		seal_files(&at);
	seal_metadata(&at);
	seal_header(&at);
	return at.size;
}
