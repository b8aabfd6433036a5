/* SPDX-License-Identifier: BSD-2-Clause
 * The handles the shell began with: what it can do is what is listed here.
 */
#include "../shell.h"

#include <crt/text.h>
#include <lib/roles.h>
#include <nexus/syscalls.h>

static void rights_text(nx_rights_t rights, char *text, size_t room)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned bit = 0; bit < 16; bit++)
		if (rights & 1u << bit)
			used += text_format(text + used, room - used, "%s%s",
					    used ? "," : "",
					    nx_right_name(bit));
}

static void badge_text(uint32_t badge, char *text, size_t room)
{
	static const char *const names[] = {
#define PROTO_RIGHT(bit, upper, lower, what) [bit] = #lower,
#include <proto/rights.def>
#undef PROTO_RIGHT
	};
	size_t used = 0;

	text[0] = '\0';
	for (unsigned bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++)
		if (badge & 1u << bit)
			used += text_format(text + used, room - used, "%s%s",
					    used ? "," : "", names[bit]);
}

static void show(struct shell *shell, const struct nx_startup_handle *held)
{
	uint64_t identity, id, state, value;
	char rights_words[160];
	char badge_words[96];
	nx_rights_t rights;
	uint32_t kind;
	nx_status_t status;

	status = nx_handle_info(held->handle, &kind, &rights, &identity, &id,
				&state, &value);
	if (status != NX_OK) {
		shell_print(shell, "%08x %s: %s\n", held->handle,
			    role_name(held->role), nx_status_name(status));
		return;
	}
	rights_text(rights, rights_words, sizeof(rights_words));
	badge_text(nx_identity_badge(identity), badge_words,
		   sizeof(badge_words));
	shell_print(shell, "%08x %-8s %-14s %s", held->handle,
		    nx_kind_name(kind), role_name(held->role), rights_words);
	if (badge_words[0])
		shell_print(shell, "  may: %s", badge_words);
	shell_print(shell, "\n");
}

int shell_caps(struct shell *shell, unsigned count, char **words)
{
	const struct nx_startup *record = &shell->program->startup.record;

	(void)count;
	(void)words;
	for (unsigned i = 0; i < record->handle_count; i++)
		show(shell, &record->handles[i]);
	return 0;
}
