/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPLICE_MESSAGE_H
#define SPLICE_MESSAGE_H
/* What goes over the socket: a path one way; the other way this, and with it
 * the descriptor of the memory if status is EPK_OK. */
#include <stdint.h>

#define SOCKET_PATH_MAX 4096

struct answer {
	uint64_t content_bytes; /* of the file, from its start */
	uint64_t copied_bytes;	/* that this request cost the server */
	int32_t status;		/* enum epk_status */
	uint32_t executable;
};

#endif /* SPLICE_MESSAGE_H */
