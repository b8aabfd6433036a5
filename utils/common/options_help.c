/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include <stdio.h>
#include <string.h>

/** Words of text in lines that end before column 79. */
static void print_wrapped(const char *text, int indent)
{
	int column = indent;

	while (*text) {
		int size = (int)strcspn(text, " ");
		bool first = column == indent;

		if (!first && column + 1 + size > 78) {
			printf("\n%*s", indent, "");
			column = indent;
			first = true;
		}
		printf("%s%.*s", first ? "" : " ", size, text);
		column += size + !first;
		text += size;
		if (*text == ' ')
			text++;
	}
	putchar('\n');
}

void options_each(unsigned command_bits,
		  void (*visit)(const struct option_row *option,
				const void *context),
		  const void *context)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (row->commands & command_bits)
			visit(row, context);
	}
}

static void print_row(const struct option_row *row, const void *context)
{
	char left[64];

	(void)context;
	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
		 row->letter ? row->letter : ' ', row->letter ? "," : " ",
		 row->name, row->argument ? " " : "",
		 row->argument ? row->argument : "");
	printf("  %-28s ", left);
	if (strlen(left) > 28)
		printf("\n%31s", "");
	print_wrapped(row->help, 31);
}

void options_help(unsigned command_bits)
{
	options_each(command_bits, print_row, NULL);
}
