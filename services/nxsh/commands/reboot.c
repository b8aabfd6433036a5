/* SPDX-License-Identifier: BSD-2-Clause */
#include "../shell.h"

#include <crt/text.h>
#include <nexus/options.h>
#include <proto/system.h>

int shell_reboot(struct shell *shell, unsigned count, char **words)
{
	bool off = count == 2 && text_equals(words[1], "off");
	nx_status_t status;

	if (count == 2 && !off) {
		shell_print(shell, "usage: reboot [off]\n");
		return 2;
	}
	shell_flush(shell);
	status = system_reset(shell->program->buffer, shell->system,
			      off ? NX_RESET_SHUTDOWN : NX_RESET_REBOOT, 0);
	return shell_error(shell, "reboot", "machine", status);
}
