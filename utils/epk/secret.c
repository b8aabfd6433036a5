/* SPDX-License-Identifier: BSD-2-Clause */
#include "secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

static int take(const char *text, char *secret, size_t capacity)
{
	size_t size = strlen(text);

	if (size >= capacity)
		return 0;
	memcpy(secret, text, size + 1);
	return 1;
}

/** A line without echo; the terminal is as before when this returns. */
static int ask_terminal(FILE *terminal, const char *what, char *secret,
			size_t capacity)
{
	struct termios before;
	struct termios quiet;
	int got;

	if (tcgetattr(fileno(terminal), &before) != 0)
		return 0;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(terminal, "epk: %s: ", what);
	fflush(terminal);
	if (tcsetattr(fileno(terminal), TCSAFLUSH, &quiet) != 0)
		return 0;
	got = fgets(secret, (int)capacity, terminal) != NULL;
	tcsetattr(fileno(terminal), TCSAFLUSH, &before);
	fputc('\n', terminal);
	if (got)
		secret[strcspn(secret, "\n")] = '\0';
	return got;
}

int secret_ask(void *context, const char *what, uint32_t attempts, char *secret,
	       size_t capacity)
{
	const char *given = getenv("EPK_PIN");
	FILE *terminal;
	int got;

	(void)context;
	/* What was wrong once would only lock the token. */
	if (given)
		return attempts == 0 ? take(given, secret, capacity) : 0;
	terminal = fopen("/dev/tty", "r+");
	if (!terminal)
		return 0;
	setvbuf(terminal, NULL, _IONBF, 0);
	got = ask_terminal(terminal, what, secret, capacity);
	fclose(terminal);
	return got;
}
