/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Section 7. A file either opens a run exactly at its region's cursor or
 * names a run that an earlier equal file opened; there is no third way, and
 * so there is one encoding. Runs open at ascending places, so the earlier
 * one is found by binary search.
 */
#include "place_internal.h"

/* What the rule needs of a file. */
struct file {
	uint64_t size_bytes;
	uint32_t index;
	uint32_t first;
	uint32_t at;
	uint32_t count;
	uint32_t region;
};

static uint64_t place_key(uint32_t first, uint32_t at)
{
	return (uint64_t)first << 32 | at;
}

static uint64_t row_key(const uint8_t *row)
{
	return place_key(epk_load32(row + EPK_NODE_FIRST),
			 epk_load32(row + EPK_NODE_AT));
}

static void file_decode(const struct epk_image *image, uint32_t index,
			struct file *file)
{
	const uint8_t *row = epk_node_row(image, index);

	*file = (struct file){
		.size_bytes = epk_load64(row + EPK_NODE_SIZE_FIELD),
		.index = index,
		.first = epk_load32(row + EPK_NODE_FIRST),
		.at = epk_load32(row + EPK_NODE_AT),
		.count = epk_load32(row + EPK_NODE_COUNT),
		.region = epk_region_of(row[EPK_NODE_FLAGS]),
	};
}

/* Files of each region, by their flags; not yet checked, only counted. */
static void count_files(const struct epk_image *image,
			uint32_t counts[EPK_REGION_COUNT])
{
	for (uint32_t i = 0; i < image->header.node_count; i++) {
		const uint8_t *row = epk_node_row(image, i);

		if (row[EPK_NODE_TYPE] == EPK_TYPE_FILE)
			counts[epk_region_of(row[EPK_NODE_FLAGS])]++;
	}
}

void epk_place_begin(struct epk_place *place, const struct epk_image *image,
		     uint32_t *runs)
{
	const struct epk_header *header = &image->header;
	uint32_t counts[EPK_REGION_COUNT] = { 0 };

	count_files(image, counts);
	*place = (struct epk_place){
		.image = image,
		.runs = { runs, runs + counts[0],
			  runs + counts[0] + counts[1] },
		.cursor = { 0, header->map_blocks,
			    header->map_blocks + header->whole_blocks },
		.end = { header->map_blocks,
			 header->map_blocks + header->whole_blocks,
			 header->block_count },
		.open = EPK_NO_INDEX,
	};
}

static bool flags_fit(const struct epk_image *image, const struct file *file,
		      uint32_t flags)
{
	const bool mapped = (flags & EPK_FLAG_MAPPED) != 0;
	const bool shared = (flags & EPK_FLAG_SHARED) != 0;
	const bool small = file->size_bytes < epk_block_size(image);

	return mapped ? !shared : shared == small;
}

static bool joins_open(const struct epk_place *place, const struct file *file)
{
	return place->open != EPK_NO_INDEX &&
	       place->fill + file->size_bytes <= epk_block_size(place->image);
}

/* Where a new run of this file would have to open. */
static uint64_t next_place(const struct epk_place *place,
			   const struct file *file)
{
	if (file->region == EPK_REGION_SHARED && joins_open(place, file))
		return place_key(place->open, place->fill);
	return place_key(place->cursor[file->region], 0);
}

static void remember_run(struct epk_place *place, const struct file *file)
{
	const uint32_t region = file->region;

	place->runs[region][place->run_count[region]++] = file->index;
}

static bool open_block_closes(const struct epk_place *place)
{
	return place->open == EPK_NO_INDEX ||
	       epk_block_plain_size(place->image, place->open) == place->fill;
}

static epk_status_t open_shared(struct epk_place *place,
				const struct file *file)
{
	if (!joins_open(place, file)) {
		if (place->cursor[EPK_REGION_SHARED] ==
			    place->end[EPK_REGION_SHARED] ||
		    !open_block_closes(place))
			return EPK_ERR_PLACE;
		place->open = place->cursor[EPK_REGION_SHARED]++;
		place->fill = 0;
	}
	place->fill += (uint32_t)file->size_bytes;
	remember_run(place, file);
	return EPK_OK;
}

static bool blocks_fit(const struct epk_image *image, const struct file *file)
{
	const uint64_t full = epk_block_size(image);
	uint64_t left = file->size_bytes;

	for (uint32_t k = 0; k < file->count; k++) {
		const uint64_t want = left < full ? left : full;

		if (epk_block_plain_size(image, file->first + k) != want)
			return false;
		left -= want;
	}
	return true;
}

static epk_status_t open_whole(struct epk_place *place, const struct file *file)
{
	const uint32_t region = file->region;

	if (file->count > place->end[region] - place->cursor[region] ||
	    !blocks_fit(place->image, file))
		return EPK_ERR_PLACE;
	place->cursor[region] += file->count;
	remember_run(place, file);
	return EPK_OK;
}

static bool runs_equal(const struct epk_image *image, uint32_t left,
		       uint32_t right)
{
	const uint8_t *a = epk_node_row(image, left);
	const uint8_t *b = epk_node_row(image, right);

	return epk_load64(a + EPK_NODE_SIZE_FIELD) ==
		       epk_load64(b + EPK_NODE_SIZE_FIELD) &&
	       epk_mem_equal(a + EPK_NODE_SHA256, b + EPK_NODE_SHA256,
			     EPK_DIGEST_SIZE);
}

static epk_status_t name_earlier(const struct epk_place *place,
				 const struct file *file)
{
	const uint32_t *runs = place->runs[file->region];
	const uint64_t wanted = place_key(file->first, file->at);
	uint32_t low = 0;
	uint32_t high = place->run_count[file->region];

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const uint64_t key =
			row_key(epk_node_row(place->image, runs[middle]));

		if (key == wanted)
			return runs_equal(place->image, runs[middle],
					  file->index)
				       ? EPK_OK
				       : EPK_ERR_PLACE;
		if (key < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return EPK_ERR_PLACE;
}

epk_status_t epk_place_file(struct epk_place *place, uint32_t index)
{
	const uint8_t *row = epk_node_row(place->image, index);
	struct file file;

	file_decode(place->image, index, &file);
	if (!flags_fit(place->image, &file, row[EPK_NODE_FLAGS]))
		return EPK_ERR_PLACE;
	if (place_key(file.first, file.at) != next_place(place, &file))
		return name_earlier(place, &file);
	return file.region == EPK_REGION_SHARED ? open_shared(place, &file)
						: open_whole(place, &file);
}

epk_status_t epk_place_end(const struct epk_place *place)
{
	if (!open_block_closes(place))
		return EPK_ERR_PLACE;
	for (uint32_t region = 0; region < EPK_REGION_COUNT; region++) {
		if (place->cursor[region] != place->end[region])
			return EPK_ERR_PLACE;
	}
	return EPK_OK;
}
