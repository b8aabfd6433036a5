/* SPDX-License-Identifier: BSD-2-Clause */
/* deny ERROR COMMAND...: runs a command for which openat2() does not exist.
 * ERROR is enosys (an old kernel), eperm (a strict container), or kill, which
 * shows that the command uses it. 77: this system cannot filter calls. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned action_of(const char *error)
{
	if (strcmp(error, "enosys") == 0)
		return SECCOMP_RET_ERRNO | ENOSYS;
	if (strcmp(error, "eperm") == 0)
		return SECCOMP_RET_ERRNO | EPERM;
	return SECCOMP_RET_KILL_PROCESS;
}

int main(int argc, char **argv)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (argc < 3) {
		fprintf(stderr, "usage: deny enosys|eperm|kill COMMAND...\n");
		return 2;
	}
	filter[2].k = action_of(argv[1]);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("deny");
		return 77;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
