/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NXSH_SHELL_H
#define NXSH_SHELL_H
/** @file shell.h
 * The shell: reads a line from the console, splits it into words, runs the
 * command. A command returns its exit code, 0 for success; what went wrong
 * it has said. */
#include <crt/program.h>
#include <lib/package_client.h>
#include <proto/console.h>

#define SHELL_WORDS_MAX 17
#define SHELL_PATH_MAX 1024

struct shell {
	struct program *program;
	nx_client_t console;
	nx_client_t packages;
	nx_client_t exec;
	nx_client_t system;
	nx_trace_t trace;
	nx_job_t machine;
	nx_event_t event; /* Ctrl-C, and the end of a program */
	char out[CONSOLE_WRITE_MAX];
	size_t out_size;
	int code;	       /* of the last command */
	uint64_t prompt_ticks; /* time counter at the first prompt */
};

#define SHELL_BIT_INTERRUPT UINT64_C(1)
#define SHELL_BIT_ENDED UINT64_C(2)

struct shell_command {
	const char *name;
	unsigned least;
	unsigned most;
	const char *usage;
	const char *text;
	int (*run)(struct shell *shell, unsigned count, char **words);
};

extern const struct shell_command shell_commands[];
extern const unsigned shell_command_count;

#define COMMAND(name, least, most, usage, text)                                \
	int shell_##name(struct shell *shell, unsigned count, char **words);
#include "commands.def"
#undef COMMAND

/** Run one line; returns the exit code. The line is taken apart. */
int shell_line(struct shell *shell, char *line);

/** Text for the console; goes out in large pieces, at the latest with
 * shell_flush(). */
void shell_print(struct shell *shell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void shell_write(struct shell *shell, const char *text, size_t size_bytes);
/** The same for text of others, which shall not speak to the terminal: its
 * control characters but tab and line feed are shown as `?`. `*last` is the
 * byte before, '\n' in the beginning. */
void shell_write_foreign(struct shell *shell, const char *text,
			 size_t size_bytes, unsigned char *last);
void shell_flush(struct shell *shell);
/** "COMMAND: SUBJECT: sentence (NAME)"; returns 1. */
int shell_error(struct shell *shell, const char *command, const char *subject,
		nx_status_t status);
#endif /* NXSH_SHELL_H */
