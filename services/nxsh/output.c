/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"

#include <crt/text.h>
#include <nexus/errors.h>

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
	shell_print(shell, "%s: %s: %s (%s)\n", command, subject,
		    nx_strerror(status), nx_status_name(status));
	return 1;
}
