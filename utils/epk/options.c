/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "report.h"

#include <epk/trust.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option_row {
	bool (*apply)(struct options *options, const char *argument);
	const char *name;
	const char *argument; /* its name in help; NULL: takes none */
	const char *help;
	unsigned commands;
	char letter;
};

bool parse_number(const char *text, uint64_t least, uint64_t most,
		  uint64_t *out_value)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'),
					   &value))
			return false;
	}
	if (value < least || value > most)
		return false;
	*out_value = value;
	return true;
}

static bool append(struct option_list *list, const char *value)
{
	const char **values = realloc(
		list->values, (list->count + 1) * sizeof(*list->values));

	if (!values)
		return false;
	list->values = values;
	list->values[list->count++] = value;
	return true;
}

static bool parse_codec(const char *text, bool *out_store)
{
	*out_store = strcmp(text, "store") == 0;
	return *out_store || strcmp(text, "zlib") == 0;
}

static bool apply_output(struct options *options, const char *argument)
{
	options->output = argument;
	return *argument != '\0';
}

static bool apply_manifest(struct options *options, const char *argument)
{
	options->manifest = argument;
	return *argument != '\0';
}

static bool apply_codec(struct options *options, const char *argument)
{
	return parse_codec(argument, &options->codec_store);
}

static bool apply_meta_codec(struct options *options, const char *argument)
{
	return parse_codec(argument, &options->meta_store);
}

static bool apply_level(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, 12, &value))
		return false;
	options->level = (int)value;
	return true;
}

static bool apply_best(struct options *options, const char *argument)
{
	(void)argument;
	return options->best = true;
}

static bool apply_encoder(struct options *options, const char *argument)
{
	options->encoder = argument;
	return strcmp(argument, "libdeflate") == 0 ||
	       strcmp(argument, "zlib") == 0;
}

static bool apply_map(struct options *options, const char *argument)
{
	return append(&options->map, argument);
}

static bool apply_map_from(struct options *options, const char *argument)
{
	options->map_from = argument;
	return *argument != '\0';
}

static bool apply_alias(struct options *options, const char *argument)
{
	return append(&options->alias, argument);
}

static bool apply_align_log2(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 12, 16, &value) || value % 2)
		return false;
	options->align_log2 = (uint8_t)value;
	return true;
}

static bool apply_block_log2(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 12, 20, &value))
		return false;
	options->block_log2 = (uint8_t)value;
	return true;
}

static bool apply_epoch(struct options *options, const char *argument)
{
	options->epoch_given = true;
	return parse_number(argument, 0, UINT64_C(253402300799),
			    &options->epoch);
}

static bool apply_jobs(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, 64, &value))
		return false;
	options->jobs = (uint32_t)value;
	return true;
}

static bool apply_strip(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 0, 64, &value))
		return false;
	options->strip = (uint32_t)value;
	return true;
}

static bool apply_include(struct options *options, const char *argument)
{
	return append(&options->include, argument);
}

static bool apply_exclude(struct options *options, const char *argument)
{
	return append(&options->exclude, argument);
}

static bool apply_long_format(struct options *options, const char *argument)
{
	(void)argument;
	return options->long_format = true;
}

static bool apply_deep(struct options *options, const char *argument)
{
	(void)argument;
	return options->deep = true;
}

static bool apply_key(struct options *options, const char *argument)
{
	return *argument != '\0' && append(&options->key, argument);
}

static bool apply_trust(struct options *options, const char *argument)
{
	return *argument != '\0' && append(&options->trust, argument);
}

static bool apply_policy(struct options *options, const char *argument)
{
	static const char *const names[] = {
		[EPK_SIGNATURES_DISABLED] = "disabled",
		[EPK_SIGNATURES_OPTIONAL] = "optional",
		[EPK_SIGNATURES_REQUIRED] = "required",
	};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->policy = i;
			return options->policy_given = true;
		}
	}
	return false;
}

static bool apply_threshold(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, EPK_SIGNATURES_MAX, &value))
		return false;
	options->threshold = (uint32_t)value;
	return true;
}

static bool apply_detached(struct options *options, const char *argument)
{
	options->detached = argument;
	return *argument != '\0';
}

static bool apply_attach(struct options *options, const char *argument)
{
	return *argument != '\0' && append(&options->attach, argument);
}

static bool apply_remove(struct options *options, const char *argument)
{
	return append(&options->remove, argument);
}

static bool apply_prefix(struct options *options, const char *argument)
{
	return append(&options->prefix, argument);
}

/** A time, or a day and then its last second. */
static bool apply_not_after(struct options *options, const char *argument)
{
	char text[EPK_TRUST_TIME_SIZE];
	int size = snprintf(text, sizeof(text), "%s%s", argument,
			    strlen(argument) == 10 ? "T23:59:59Z" : "");

	options->not_after_given = true;
	return size > 0 && (size_t)size < sizeof(text) &&
	       epk_trust_time_read(text, (size_t)size, &options->not_after) ==
		       EPK_OK;
}

static bool apply_mount_words(struct options *options, const char *argument)
{
	return append(&options->mount_words, argument);
}

static bool apply_check(struct options *options, const char *argument)
{
	(void)argument;
	return options->check = true;
}

static bool apply_foreground(struct options *options, const char *argument)
{
	(void)argument;
	return options->foreground = true;
}

static bool apply_idle_timeout(struct options *options, const char *argument)
{
	uint64_t value;

	if (!parse_number(argument, 1, UINT32_MAX, &value))
		return false;
	options->idle_timeout = (uint32_t)value;
	return true;
}

static bool apply_lazy(struct options *options, const char *argument)
{
	(void)argument;
	return options->lazy = true;
}

static bool apply_json(struct options *options, const char *argument)
{
	(void)argument;
	return options->json = true;
}

static bool apply_quiet(struct options *options, const char *argument)
{
	(void)argument;
	return options->quiet = true;
}

static bool apply_progress(struct options *options, const char *argument)
{
	static const char *const names[] = { [PROGRESS_NONE] = "none",
					     [PROGRESS_BAR] = "bar",
					     [PROGRESS_JSON] = "json" };

	for (int i = PROGRESS_NONE; i <= PROGRESS_JSON; i++) {
		if (strcmp(argument, names[i]) == 0) {
			options->progress = (enum progress_kind)i;
			return true;
		}
	}
	return false;
}

static bool apply_help(struct options *options, const char *argument)
{
	(void)argument;
	return options->help = true;
}

static const struct option_row rows[] = {
#define OPTION(function, short_name, long_name, argument_name, bits, text)     \
	{ .apply = apply_##function,                                           \
	  .name = long_name,                                                   \
	  .argument = argument_name,                                           \
	  .help = text,                                                        \
	  .commands = bits,                                                    \
	  .letter = short_name },
#include "options.def"
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct option_row *find_long(const char *name, size_t size)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strlen(rows[i].name) == size &&
		    memcmp(rows[i].name, name, size) == 0)
			return &rows[i];
	}
	return NULL;
}

/** The command's own meaning of a letter, or somebody's. */
static const struct option_row *find_letter(char letter, unsigned command_bit)
{
	const struct option_row *found = NULL;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (rows[i].letter == '\0' || rows[i].letter != letter)
			continue;
		if (!found || rows[i].commands & command_bit)
			found = &rows[i];
	}
	return found;
}

/** The words of one command, and how far they are read. */
struct words {
	char **argv;
	int argc;
	int at;
	unsigned command_bit;
};

static bool apply_row(struct options *options, struct words *words,
		      const struct option_row *row, const char *argument)
{
	const char *word = words->argv[words->at];

	if (!row || !(row->commands & words->command_bit))
		return usage_error(options, "%s is no option of epk %s", word,
				   options->command);
	if (!row->argument && argument)
		return usage_error(options, "--%s takes no argument",
				   row->name);
	if (row->argument && !argument) {
		if (words->at + 1 == words->argc)
			return usage_error(options, "--%s needs %s", row->name,
					   row->argument);
		argument = words->argv[++words->at];
	}
	if (!row->apply(options, argument))
		return usage_error(options, "--%s: \"%s\" is not %s", row->name,
				   argument, row->argument);
	return true;
}

static bool parse_long(struct options *options, struct words *words)
{
	const char *name = words->argv[words->at] + 2;
	const char *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);

	return apply_row(options, words, find_long(name, size),
			 equals ? equals + 1 : NULL);
}

/** -l, -qj2, -j 2. */
static bool parse_letters(struct options *options, struct words *words)
{
	const char *letters = words->argv[words->at] + 1;

	for (; *letters; letters++) {
		const struct option_row *row =
			find_letter(*letters, words->command_bit);
		const char *rest = letters[1] ? letters + 1 : NULL;

		if (row && row->argument)
			return apply_row(options, words, row, rest);
		if (!apply_row(options, words, row, NULL))
			return false;
	}
	return true;
}

bool options_parse(struct options *options, unsigned command_bit, int argc,
		   char **argv)
{
	struct words words = {
		.argv = argv,
		.argc = argc,
		.at = 1,
		.command_bit = command_bit,
	};
	bool only_operands = false;

	options->level = -1;
	options->operands = calloc((size_t)argc + 1, sizeof(char *));
	if (!options->operands)
		return tool_error(options, EPK_ERR_NO_MEMORY, NULL,
				  "close other programs and try again");
	for (; words.at < argc; words.at++) {
		const char *word = argv[words.at];
		bool good = true;

		if (only_operands || word[0] != '-' || word[1] == '\0')
			options->operands[options->operand_count++] = word;
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else if (word[1] == '-')
			good = parse_long(options, &words);
		else
			good = parse_letters(options, &words);
		if (!good)
			return false;
	}
	return true;
}

void options_fini(struct options *options)
{
	free(options->operands);
	free(options->map.values);
	free(options->alias.values);
	free(options->include.values);
	free(options->exclude.values);
	free(options->key.values);
	free(options->trust.values);
	free(options->prefix.values);
	free(options->attach.values);
	free(options->remove.values);
	epk_trust_store_destroy(options->store);
	free(options->mount_words.values);
}

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
		  void (*visit)(const struct option_view *option,
				void *context),
		  void *context)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_view view = {
			.name = rows[i].name,
			.argument = rows[i].argument,
			.help = rows[i].help,
			.letter = rows[i].letter,
		};

		if (rows[i].commands & command_bits)
			visit(&view, context);
	}
}

void options_help(unsigned command_bit)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_row *row = &rows[i];
		char left[64];

		if (!(row->commands & command_bit))
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
			 row->letter ? '-' : ' ',
			 row->letter ? row->letter : ' ',
			 row->letter ? "," : " ", row->name,
			 row->argument ? " " : "",
			 row->argument ? row->argument : "");
		printf("  %-28s ", left);
		if (strlen(left) > 28)
			printf("\n%31s", "");
		print_wrapped(row->help, 31);
	}
}
