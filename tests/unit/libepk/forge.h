/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H
/** @file forge.h
 * Forges package images for tests: a plain builder written from the format
 * document alone, with no code of the library's writer, and the tools to
 * change a byte of an image and seal it again so that the change is seen by
 * the check it is meant for. Aborts when the test itself is wrong. */
#include <epk/host.h>
#include <epk/mount.h>
#include <epk/name.h>

#include <stdlib.h>
#include <string.h>

/** One thing of a tree; parents may be left out, order does not matter. */
struct forge_item {
	const char *path; /* no leading slash */
	uint8_t type;	  /* EPK_TYPE_* */
	uint8_t flags;	  /* EPK_FLAG_MAPPED and EPK_FLAG_EXEC */
	const void *bytes;
	size_t size;
	const char *target; /* link's target; alias's folder, "" the root */
};

struct forge_recipe {
	const struct forge_item *items;
	uint32_t count;
	const char *manifest;
	size_t manifest_size; /* 0: strlen */
	uint32_t align_log2;  /* 0: 12 */
	uint32_t block_log2;  /* 0: 12 */
	uint32_t codec;
	uint32_t meta_codec;
	uint64_t build_epoch;
};

/** An image in malloc memory. */
struct forged {
	uint8_t *bytes;
	size_t size;
};

struct forged forge(const struct forge_recipe *recipe);
struct forged forge_copy(const struct forged *image);
void forge_free(struct forged *image);

/** P(n, s) of the golden vectors; freed by the caller. */
uint8_t *forge_pattern(size_t size, uint32_t step);

/* The golden images; which is 1..3. */
struct forged forge_golden(int which);

/* ---- changing an image (stored metadata) ---- */

uint8_t *forge_node(const struct forged *image, uint32_t index);
uint8_t *forge_block(const struct forged *image, uint32_t index);
uint8_t *forge_block_bytes(const struct forged *image, uint32_t index);
uint8_t *forge_names(const struct forged *image);
uint8_t *forge_text(const struct forged *image);
uint32_t forge_find(const struct forged *image, const char *path);

/** Digest of each block's stored bytes. */
void forge_seal_blocks(const struct forged *image);
/** meta_digest and header_crc. */
void forge_seal(const struct forged *image);
/** header_crc only. */
void forge_seal_header(const struct forged *image);

/* ---- opening an image ---- */

/** A callback over memory that can be made to fail. */
struct forge_reader {
	const struct forged *image;
	_Atomic uint32_t calls;	 /* threads read */
	uint32_t fail_at;	 /* the call that fails, from 1; 0 none */
	_Atomic uint64_t beyond; /* highest byte asked for */
};

struct epk_source forge_source(const struct forged *image);
struct epk_source forge_callback(struct forge_reader *reader);

/** An opened image and its memory. */
struct forge_open {
	struct epk_image image;
	void *metadata;
	void *work;
};

epk_status_t forge_open(struct forge_open *opened,
			const struct epk_source *source,
			const struct epk_ops *ops,
			const struct epk_options *options);
/** forge_open() over memory, and deep verification after it. */
epk_status_t forge_verify(const struct forged *image,
			  struct epk_failure *out_failure);
void forge_close(struct forge_open *opened);

/** Lower case hexadecimal; static, two calls may live at once. */
const char *forge_hex(const uint8_t digest[32]);
/** SHA-256 by the host's table. */
void forge_sha256(const void *bytes, size_t size, uint8_t digest[32]);

#endif /* TESTS_FORGE_H */
