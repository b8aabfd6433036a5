/* SPDX-License-Identifier: BSD-2-Clause */
/* The program that package-run.sh puts into packages and runs from there. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

static void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static int do_shell(const char *script)
{
	execl("/bin/sh", "sh", "-c", script, "in-package", (char *)NULL);
	return 127;
}

static int do_exit(const char *status)
{
	return atoi(status);
}

static int do_raise(const char *number)
{
	raise(atoi(number));
	say("went on");
	return 0;
}

/* Until somebody ends us; with a child, so that there is a tree. */
static int do_hold(const char *unused)
{
	(void)unused;
	if (fork() != 0)
		say("ready");
	while (pause() != 0)
		;
	return 0;
}

static volatile sig_atomic_t got;

static void note(int number)
{
	got = number;
}

/* Tells the one signal it waits for. */
static int do_wait(const char *number)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t mask;
	sigset_t none;

	sigemptyset(&none);
	sigemptyset(&mask);
	sigaddset(&mask, atoi(number));
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigaction(atoi(number), &action, NULL);
	say("ready");
	while (!got)
		sigsuspend(&none);
	printf("got %d\n", (int)got);
	return 3;
}

/* Leaves a process behind that would stay for ever. */
static int do_leave(const char *unused)
{
	(void)unused;
	if (fork() == 0) {
		setsid();
		while (pause() != 0)
			;
	}
	return 0;
}

/* Descriptors behind the first three, signals blocked or ignored. */
static int do_state(const char *unused)
{
	struct sigaction action;
	sigset_t mask;
	int count = 0;

	(void)unused;
	for (int fd = 3; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	printf("descriptors %d\n", count);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int number = 1; number < 32; number++) {
		if (sigismember(&mask, number) == 1)
			printf("blocked %d\n", number);
		if (sigaction(number, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			printf("ignored %d\n", number);
	}
	printf("no new privileges %d\n",
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

/* Is the standard input a terminal that is ours? */
static int do_terminal(const char *unused)
{
	(void)unused;
	printf("%s\n", !isatty(0)		   ? "no terminal"
		       : tcgetpgrp(0) == getpgrp() ? "foreground"
						   : "background");
	return 0;
}

/* Into the terminal, as if the user had; why not? A 32 bit program's way to
 * the kernel is another. */
static int do_type(const char *request)
{
	const char *const why = ioctl(0, strtoul(request, NULL, 0), "x") == 0
					? "typed"
				: errno == EPERM ? "refused"
						 : "no terminal";

	say(why);
	return 0;
}

/* Memory that other processes find by its number: make it, look for it. */
static int do_memory(const char *number)
{
	return shmget((key_t)strtol(number, NULL, 0), 4096, 0) < 0;
}

static int do_new_memory(const char *number)
{
	return shmget((key_t)strtol(number, NULL, 0), 4096, IPC_CREAT | 0600) <
	       0;
}

static int do_clock(const char *unused)
{
	struct timespec now;

	(void)unused;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const char *argument);
} commands[] = {
	{ "shell", do_shell },	 { "exit", do_exit },
	{ "raise", do_raise },	 { "hold", do_hold },
	{ "wait", do_wait },	 { "leave", do_leave },
	{ "state", do_state },	 { "terminal", do_terminal },
	{ "clock", do_clock },	 { "type", do_type },
	{ "memory", do_memory }, { "new-memory", do_new_memory },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc > 2 ? argv[2] : "");
	}
	return 126;
}
