/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EPK_DATUM_INTERNAL_H
#define EPK_DATUM_INTERNAL_H
/* GnuTLS takes bytes that it only reads as pointers to what is not const. */
#include <gnutls/gnutls.h>
#include <stdint.h>

static inline gnutls_datum_t datum_of(const void *bytes, size_t size_bytes)
{
	gnutls_datum_t datum;

	datum.data = (unsigned char *)(uintptr_t)bytes;
	datum.size = (unsigned int)size_bytes;
	return datum;
}
#endif /* EPK_DATUM_INTERNAL_H */
