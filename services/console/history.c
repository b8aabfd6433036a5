/* SPDX-License-Identifier: BSD-2-Clause */
#include "history.h"

#include <string.h>

const struct history_line *history_get(const struct history *history,
				       uint32_t client, unsigned back)
{
	for (unsigned age = 1; age <= HISTORY_LINES; age++) {
		const struct history_line *line =
			&history->lines[(history->next + HISTORY_LINES - age) %
					HISTORY_LINES];

		if (line->text && line->client == client && --back == 0)
			return line;
	}
	return NULL;
}

void history_add(struct history *history, uint32_t client, const char *text,
		 size_t size_bytes)
{
	const struct history_line *last = history_get(history, client, 1);
	struct history_line *line = &history->lines[history->next];
	char *copy;

	if (size_bytes == 0 || (last && last->size == size_bytes &&
				memcmp(last->text, text, size_bytes) == 0))
		return;
	copy = heap_allocate(history->heap, size_bytes);
	if (!copy)
		return;
	memcpy(copy, text, size_bytes);
	heap_free(history->heap, line->text);
	*line = (struct history_line){ client, (uint32_t)size_bytes, copy };
	history->next = (history->next + 1) % HISTORY_LINES;
}

void history_forget(struct history *history, uint32_t first, uint32_t last)
{
	for (unsigned i = 0; i < HISTORY_LINES; i++) {
		struct history_line *line = &history->lines[i];

		if (!line->text || line->client < first || line->client > last)
			continue;
		heap_free(history->heap, line->text);
		*line = (struct history_line){ 0 };
	}
}
