/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines and words of an entry. A byte that is not expected ends the reading;
 * nothing is skipped. */
#include "trust_internal.h"

#include <string.h>

bool epk_trust_line(struct epk_trust_text *text, const char **out_line,
		    size_t *out_size)
{
	const char *end =
		text->left != 0 ? memchr(text->at, '\n', text->left) : NULL;

	if (end == NULL)
		return false;
	*out_line = text->at;
	*out_size = (size_t)(end - text->at);
	text->left -= *out_size + 1;
	text->at = end + 1;
	text->line++;
	return true;
}

bool epk_trust_field(struct epk_trust_text *text, const char *word,
		     const char **out_value, size_t *out_size)
{
	const size_t word_size = strlen(word);
	struct epk_trust_text rest = *text;
	const char *line;
	size_t size;

	if (!epk_trust_line(&rest, &line, &size) || size < word_size + 1 ||
	    memcmp(line, word, word_size) != 0 || line[word_size] != ' ')
		return false;
	*out_value = line + word_size + 1;
	*out_size = size - word_size - 1;
	*text = rest;
	return true;
}

bool epk_trust_exactly(struct epk_trust_text *text, const char *line)
{
	struct epk_trust_text rest = *text;
	const char *found;
	size_t size;

	if (!epk_trust_line(&rest, &found, &size) || size != strlen(line) ||
	    memcmp(found, line, size) != 0)
		return false;
	*text = rest;
	return true;
}

static int digit_of(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool epk_trust_hex(const char *text, size_t size, uint8_t *out_id)
{
	if (size != 2 * (size_t)EPK_DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < EPK_DIGEST_SIZE; i++) {
		const int high = digit_of(text[2 * i]);
		const int low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out_id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool epk_trust_is_name(const char *text, size_t size)
{
	bool after_letter = false;

	if (size > EPK_IDENTIFIER_MAX)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char c = text[i];
		const bool joint = c == '.' || c == '-';

		if (joint ? !after_letter
			  : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			return false;
		after_letter = !joint;
	}
	return after_letter;
}
