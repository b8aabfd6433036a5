/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"

#include <crt/text.h>
#include <nexus/errors.h>
#include <string.h>

#define LINE_MAX_BYTES 512

void shell_flush(struct shell *shell)
{
	if (shell->out_size)
		console_write(shell->program->buffer, shell->console,
			      shell->out, shell->out_size);
	shell->out_size = 0;
}

void shell_write(struct shell *shell, const char *text, size_t size_bytes)
{
	while (size_bytes) {
		size_t room = sizeof(shell->out) - shell->out_size;
		size_t part = size_bytes < room ? size_bytes : room;

		memcpy(shell->out + shell->out_size, text, part);
		shell->out_size += part;
		text += part;
		size_bytes -= part;
		if (shell->out_size == sizeof(shell->out))
			shell_flush(shell);
	}
}

/* C0, DEL, and C1: in UTF-8 that is 0x80 to 0x9f behind 0xc2; alone such a
 * byte is no character, and an older terminal takes it for C1 as well. */
static bool is_control(unsigned char byte, unsigned char last)
{
	if (byte == '\t' || byte == '\n')
		return false;
	if (byte < 0x20 || byte == 0x7f)
		return true;
	return byte >= 0x80 && byte < 0xa0 && (last < 0x80 || last == 0xc2);
}

void shell_write_foreign(struct shell *shell, const char *text,
			 size_t size_bytes, unsigned char *last)
{
	for (size_t i = 0; i < size_bytes; i++) {
		unsigned char byte = (unsigned char)text[i];

		shell_write(shell, is_control(byte, *last) ? "?" : text + i, 1);
		*last = byte;
	}
}

void shell_print(struct shell *shell, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list list;
	size_t size;

	va_start(list, format);
	size = text_format_list(text, sizeof(text), format, list);
	va_end(list);
	shell_write(shell, text, size);
}

int shell_error(struct shell *shell, const char *command, const char *subject,
		nx_status_t status)
{
	unsigned char last = '\n';

	shell_print(shell, "%s: ", command);
	shell_write_foreign(shell, subject, strlen(subject), &last);
	shell_print(shell, ": %s (%s)\n", nx_strerror(status),
		    nx_status_name(status));
	return 1;
}
