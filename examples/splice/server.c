/* SPDX-License-Identifier: BSD-2-Clause */
/* server IMAGE SOCKET: hands out files of a package as sealed memory, one
 * request a connection. Ends when its standard input does. */
#include <epk/host.h>
#include <epk/splice_host.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "message.h"

static int listen_at(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(name.sun_path))
		return -1;
	strcpy(name.sun_path, path);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    listen(fd, 8) != 0)
		return -1;
	return fd;
}

/* An answer, and a descriptor with it unless it is negative. */
static int send_answer(int to, const struct answer *answer, int memory)
{
	struct iovec bytes = { (void *)(uintptr_t)answer, sizeof(*answer) };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (memory >= 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &memory, sizeof(memory));
	}
	return sendmsg(to, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static uint64_t copied(struct epk_splicer *splicer)
{
	struct epk_splice_counters counters;

	epk_splicer_counters(splicer, &counters);
	return counters.copied_bytes;
}

/* The whole file at path, as memory. */
static epk_status_t find_slice(const struct epk_image *image,
			       struct epk_splicer *splicer, const char *path,
			       size_t path_size, struct epk_slice **out_slice)
{
	struct epk_node node;
	uint32_t index;
	epk_status_t status = epk_walk(image, 0, path, path_size, 0, &index);

	if (status == EPK_OK)
		status = epk_node_get(image, index, &node);
	if (status != EPK_OK)
		return status;
	return epk_splice(splicer, index, 0, node.size_bytes, out_slice);
}

static void serve_one(int client, const struct epk_image *image,
		      struct epk_splicer *splicer)
{
	const uint64_t before = copied(splicer);
	struct answer answer = { 0 };
	struct epk_slice *slice = NULL;
	char path[SOCKET_PATH_MAX];
	char done;
	ssize_t size = recv(client, path, sizeof(path), 0);

	if (size <= 0)
		return;
	answer.status = find_slice(image, splicer, path, (size_t)size, &slice);
	answer.copied_bytes = copied(splicer) - before;
	if (slice != NULL) {
		answer.content_bytes = epk_slice_content_size(slice);
		answer.executable = epk_slice_executable(slice);
	}
	/* The client hangs up when it no longer uses the memory. */
	if (send_answer(client, &answer, slice ? epk_slice_fd(slice) : -1) == 0)
		(void)recv(client, &done, sizeof(done), 0);
	epk_slice_release(slice);
}

static int serve(int listener, const struct epk_image *image,
		 struct epk_splicer *splicer)
{
	struct pollfd wait[] = { { .fd = listener, .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };

	puts("ready");
	fflush(stdout);
	while (poll(wait, 2, -1) >= 0 && wait[1].revents == 0) {
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			return 1;
		serve_one(client, image, splicer);
		close(client);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct epk_file *file = NULL;
	struct epk_splicer *splicer = NULL;
	struct epk_source source;
	struct epk_failure failure;
	epk_status_t status;
	int image = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	int listener = image < 0 ? -1 : listen_at(argv[2]);
	int result = 1;

	if (listener < 0) {
		perror("server IMAGE SOCKET");
		return 1;
	}
	status = epk_source_from_fd(image, &source);
	if (status == EPK_OK)
		status = epk_file_open(&source, NULL, &failure, &file);
	if (status == EPK_OK)
		status = epk_splicer_create(epk_file_image(file), NULL,
					    &splicer);
	if (status == EPK_OK)
		result = serve(listener, epk_file_image(file), splicer);
	else
		fprintf(stderr, "server: %s\n", epk_status_sentence(status));
	if (epk_splicer_destroy(splicer) != EPK_OK)
		result = 1;
	epk_file_close(file);
	unlink(argv[2]);
	return result;
}
