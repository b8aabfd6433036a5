/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TRUST_INTERNAL_H
#define EPK_TRUST_INTERNAL_H
/* What the files of the trust store share. */
#include <epk/trust.h>

/* The rest of an entry's text. */
struct epk_trust_text {
	const char *at;
	size_t left;
	uint32_t line; /* of what comes next, from 1 */
};

/* trust_text.c: the next line without its LF; false: none, or not ended. */
bool epk_trust_line(struct epk_trust_text *text, const char **out_line,
		    size_t *out_size);
/* The line after "WORD ", or false and nothing is taken. */
bool epk_trust_field(struct epk_trust_text *text, const char *word,
		     const char **out_value, size_t *out_size);
/* Exactly this line, or false and nothing is taken. */
bool epk_trust_exactly(struct epk_trust_text *text, const char *line);
/* 64 lower case hexadecimal digits. */
bool epk_trust_hex(const char *text, size_t size, uint8_t *out_id);
/* A name of section 8, which is what a prefix is too. */
bool epk_trust_is_name(const char *text, size_t size);

/* trust_store.c: add an entry as it is; file NULL: from none. */
epk_status_t epk_trust_record(struct epk_trust_store *store,
			      const struct epk_trust_entry *entry,
			      const char *file);

static inline void epk_trust_tell(struct epk_trust_problem *problem,
				  uint32_t line, int32_t system,
				  const char *reason)
{
	if (problem == NULL)
		return;
	problem->line = line;
	problem->system = system;
	problem->reason = reason;
}

#endif /* EPK_TRUST_INTERNAL_H */
