/* SPDX-License-Identifier: BSD-2-Clause */
/* client SOCKET PATH...: asks the server for files of its package, maps what
 * comes and prints "DIGEST PATH COPIED", the digest being its own. It takes
 * nothing but memory that nobody can change. */
#define _GNU_SOURCE
#include <epk/host.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "message.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static int connect_to(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(name.sun_path))
		return -1;
	strcpy(name.sun_path, path);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* -1 if the answer is malformed; *out_memory is -1 if none came. */
static int receive(int from, struct answer *answer, int *out_memory)
{
	struct iovec bytes = { answer, sizeof(*answer) };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct cmsghdr *header;

	*out_memory = -1;
	if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != sizeof(*answer))
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(out_memory, CMSG_DATA(header), sizeof(*out_memory));
	return 0;
}

/* All four seals, and as long as the answer says. */
static int is_sealed(int memory, const struct answer *answer)
{
	struct stat info;

	return (fcntl(memory, F_GET_SEALS) & SEALS) == SEALS &&
	       fstat(memory, &info) == 0 &&
	       (uint64_t)info.st_size >= answer->content_bytes;
}

static int hash_memory(int memory, const struct answer *answer,
		       const char *path)
{
	const size_t size = (size_t)answer->content_bytes;
	uint8_t digest[EPK_DIGEST_SIZE];
	epk_status_t status;
	void *bytes;

	if (!is_sealed(memory, answer)) {
		fprintf(stderr, "client: %s: not sealed\n", path);
		return -1;
	}
	if (mmap(NULL, size, PROT_WRITE, MAP_SHARED, memory, 0) != MAP_FAILED) {
		fprintf(stderr, "client: %s: may be written\n", path);
		return -1;
	}
	bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, memory, 0);
	if (bytes == MAP_FAILED)
		return -1;
	status = epk_sha256(epk_ops_default(), bytes, size, digest);
	munmap(bytes, size);
	if (status != EPK_OK)
		return -1;
	for (size_t i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	printf(" %s %llu\n", path, (unsigned long long)answer->copied_bytes);
	return 0;
}

static int fetch(const char *server, const char *path)
{
	struct answer answer;
	int memory = -1;
	int result = -1;
	int fd = connect_to(server);

	if (fd < 0) {
		perror(server);
		return -1;
	}
	if (send(fd, path, strlen(path), MSG_NOSIGNAL) < 0 ||
	    receive(fd, &answer, &memory) != 0)
		perror(path);
	else if (answer.status != EPK_OK || memory < 0)
		fprintf(stderr, "client: %s: %s\n", path,
			epk_status_name(answer.status));
	else
		result = hash_memory(memory, &answer, path);
	if (memory >= 0)
		close(memory);
	close(fd);
	return result;
}

int main(int argc, char **argv)
{
	int result = argc < 3;

	for (int i = 2; i < argc; i++)
		result |= fetch(argv[1], argv[i]) != 0;
	return result;
}
