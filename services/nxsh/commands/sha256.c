/* SPDX-License-Identifier: BSD-2-Clause
 * The digest is computed here, over bytes that were lent or copied, and held
 * against the one in the package.
 */
#include "../shell.h"

#include <crt/text.h>
#include <epk/host.h>

static nx_status_t digest_of(struct shell *shell, const char *path,
			     uint8_t digest[EPK_DIGEST_SIZE], bool *out_lent)
{
	struct package_bytes bytes;
	struct package_file file;
	nx_status_t status;

	status = package_open(shell->program->buffer, shell->packages, path,
			      &file);
	if (status != NX_OK)
		return status;
	status = file.type == EPK_TYPE_FILE
			 ? package_read_all(&file, PACKAGE_ANY_WAY, &bytes)
			 : NX_ERR_WRONG_KIND;
	if (status == NX_OK) {
		if (epk_sha256(epk_ops_default(), bytes.bytes, bytes.size_bytes,
			       digest) != EPK_OK)
			status = NX_ERR_NO_MEMORY;
		*out_lent = bytes.lent;
		package_release(&file, &bytes);
	}
	package_close(&file);
	return status;
}

int shell_sha256(struct shell *shell, unsigned count, char **words)
{
	int code = 0;

	for (unsigned i = 1; i < count; i++) {
		uint8_t digest[EPK_DIGEST_SIZE];
		char hex[2 * EPK_DIGEST_SIZE + 1];
		bool lent;
		nx_status_t status = digest_of(shell, words[i], digest, &lent);

		if (status != NX_OK) {
			code = shell_error(shell, "sha256", words[i], status);
			continue;
		}
		text_hex(hex, digest, EPK_DIGEST_SIZE);
		shell_print(shell, "%s  %s%s\n", hex, words[i],
			    lent ? "  (lent)" : "");
	}
	return code;
}
