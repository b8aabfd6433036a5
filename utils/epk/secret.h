/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_TOOL_SECRET_H
#define EPK_TOOL_SECRET_H
/* Passwords and PINs: from EPK_PIN, or asked for at the terminal. */
#include <stddef.h>
#include <stdint.h>

/** Is an epk_secret_ask of epk/key.h; context is not used. */
int secret_ask(void *context, const char *what, uint32_t attempts, char *secret,
	       size_t capacity);

#endif /* EPK_TOOL_SECRET_H */
