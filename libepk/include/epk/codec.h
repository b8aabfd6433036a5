/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_CODEC_H
#define EPK_CODEC_H
/** @file codec.h
 * An encoder of stored blocks, and the memory it may use. The format fixes
 * what a block decodes to; an encoder chooses the bytes, so another one can
 * stand behind the same codec number without a change to any reader. */
#include <epk/error.h>

EPK_BEGIN_DECLS

/** Where a library part gets memory. Called from any thread. */
struct epk_allocator {
	/** New memory of size_bytes > 0, aligned for any type, or NULL. */
	void *(*allocate)(void *context, size_t size_bytes);
	/** Gives memory back; NULL is fine. */
	void (*release)(void *context, void *memory);
	void *context;
};

/** malloc() and free(). */
EPK_API const struct epk_allocator *epk_allocator_heap(void);

struct epk_codec {
	/** The number in the block table and in the header (1 = zlib). */
	uint32_t id;
	/** Highest level; 0 is the lowest, level_default what users get. */
	int level_max;
	int level_default;
	/** Name and version of the encoder: what byte identity depends on. */
	const char *name;
	const char *(*version)(void);
	/** Memory that one state takes at this level, no less than it is;
	 * below 0: at the default level. */
	size_t (*state_size)(int level);
	/**
	 * One encoder's state; each thread has its own.
	 *
	 * @return EPK_OK, EPK_ERR_INVALID (level), EPK_ERR_NO_MEMORY.
	 */
	epk_status_t (*open)(const struct epk_allocator *allocator, int level,
			     void **out_state);
	/**
	 * Encode plain_size > 0 bytes into at most capacity bytes. The result
	 * depends on the plain bytes, the level and the encoder's version
	 * alone, never on what the state encoded before.
	 *
	 * @param out_size  0 when the result does not fit: store it then.
	 * @return EPK_OK or EPK_ERR_NO_MEMORY.
	 */
	epk_status_t (*encode)(void *state, const uint8_t *plain,
			       size_t plain_size, uint8_t *stored,
			       size_t capacity, size_t *out_size);
	void (*close)(void *state);
};

/** The system's zlib: RFC 1950 streams, levels 1..9, default 6. */
EPK_API const struct epk_codec *epk_codec_zlib(void);

/** What this build compresses with, unless it is told otherwise. */
EPK_API const struct epk_codec *epk_codec_default(void);

/** An encoder of this build by name, "zlib" or "libdeflate", or NULL. */
EPK_API const struct epk_codec *epk_codec_find(const char *name);

EPK_END_DECLS
#endif /* EPK_CODEC_H */
