/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes, folders, paths: aliases are entered, links are followed, and both
 * have their limits; the manifest's targets go the same way. */
#include "support/tap.h"

#include "forge.h"

#define MANIFEST                                                               \
	"name = \"a\"\nversion = \"0.0.0\"\narch = \"any\"\n"                  \
	"kernel_api = \"0.1\"\n"

#define FILE_ITEM(p, f, b)                                                     \
	{                                                                      \
		p, EPK_TYPE_FILE, f, b, sizeof(b) - 1, NULL                    \
	}
#define LINK_ITEM(p, t)                                                        \
	{                                                                      \
		p, EPK_TYPE_LINK, 0, NULL, 0, t                                \
	}
#define ALIAS_ITEM(p, t)                                                       \
	{                                                                      \
		p, EPK_TYPE_ALIAS, 0, NULL, 0, t                               \
	}

static const struct forge_item items[] = {
	FILE_ITEM("bin/tool", EPK_FLAG_EXEC, "t"),
	FILE_ITEM("bin/data", 0, "d"),
	LINK_ITEM("bin/self", "tool"),
	LINK_ITEM("bin/up", "../etc/conf"),
	FILE_ITEM("etc/conf", 0, "c"),
	LINK_ITEM("etc/tools", "../bin"),
	LINK_ITEM("etc/none", "nothing/here"),
	LINK_ITEM("loop", "loop"),
	LINK_ITEM("ping", "pong"),
	LINK_ITEM("pong", "ping"),
	ALIAS_ITEM("run", "bin"),
	ALIAS_ITEM("etc/root", ""),
	ALIAS_ITEM("a/b/c", "a"),
	LINK_ITEM("through", "etc/root/run/self"),
};

static struct forged image;
static struct forge_open opened;

static epk_status_t walk(const char *path, uint32_t flags, const char **found)
{
	static char text[4096];
	size_t size = 0;
	uint32_t index = 0;
	const epk_status_t status =
		epk_walk(&opened.image, 0, path, strlen(path), flags, &index);

	*found = epk_status_name(status);
	if (status != EPK_OK)
		return status;
	(void)epk_node_path(&opened.image, index, text, sizeof(text) - 1,
			    &size);
	text[size] = '\0';
	*found = text;
	return EPK_OK;
}

static void check_walk(const char *path, const char *wanted)
{
	const char *found;

	(void)walk(path, 0, &found);
	is_str(found, wanted, "%s leads to %s", path,
	       *wanted ? wanted : "the root");
}

static void check_stay(const char *path, const char *wanted)
{
	const char *found;

	(void)walk(path, EPK_WALK_NOFOLLOW, &found);
	is_str(found, wanted, "%s, not followed, is %s", path, wanted);
}

static void check_walks(void)
{
	check_walk("", "");
	check_walk("/", "");
	check_walk("bin", "bin");
	check_walk("/bin/tool", "bin/tool");
	check_walk("bin/nothing", "NOT_FOUND");
	check_walk("nothing/x", "NOT_FOUND");
	check_walk("bin/tool/x", "NOT_FOLDER");
	check_walk("bin/tool/..", "NOT_FOLDER");
	check_walk("bin/..", "");
	check_walk("bin/../etc/conf", "etc/conf");
	check_walk("../../bin", "bin");
	check_walk("bin/self", "bin/tool");
	check_walk("bin/up", "etc/conf");
	check_walk("run", "bin");
	check_walk("run/tool", "bin/tool");
	check_walk("run/self", "bin/tool");
	check_walk("run/up", "etc/conf");
	check_walk("run/..", "");
	check_walk("etc/tools/data", "bin/data");
	check_walk("etc/tools/..", "");
	check_walk("etc/root/etc/root/run/tool", "bin/tool");
	check_walk("etc/root/..", "");
	check_walk("a/b/c/b/c/b", "a/b");
	check_walk("a/b/c/..", "");
	check_walk("through", "bin/tool");
	check_walk("through/x", "NOT_FOLDER");
	check_walk("etc/none", "NOT_FOUND");
	check_walk("loop", "LOOP");
	check_walk("ping", "LOOP");
	check_walk("loop/x", "LOOP");
	check_walk("manifest.toml", "NOT_FOUND");
	check_stay("loop", "loop");
	check_stay("run", "run");
	check_stay("run/self", "bin/self");
	check_stay("etc/tools/self", "bin/self");
	check_stay("loop/x", "LOOP");
	check_walk("//", "INVALID");
	check_walk("bin/", "INVALID");
	check_walk("bin//tool", "INVALID");
	check_walk(".", "INVALID");
	check_walk("bin/./tool", "INVALID");
	check_walk("bin/\xff", "INVALID");
}

static void check_arguments(void)
{
	struct epk_node node;
	uint32_t index = 77;
	char buffer[8];
	size_t size = 77;

	is_i64(epk_walk(&opened.image, 99, "x", 1, 0, &index), EPK_ERR_RANGE,
	       "a walk from no node: RANGE");
	is_i64(epk_walk(&opened.image, 0, "x", 1, 2, &index), EPK_ERR_INVALID,
	       "a walk with an unknown flag: INVALID");
	is_i64(epk_walk(&opened.image, opened.image.header.node_count, "x", 1,
			0, &index),
	       EPK_ERR_RANGE, "a walk from behind the last node: RANGE");
	is_i64(epk_walk(&(struct epk_image){ .state = 0 }, 0, "x", 1, 0,
			&index),
	       EPK_ERR_STATE, "a walk in an image that is not loaded: STATE");
	is_i64(epk_walk(&opened.image, 0, "x", 1, 0, NULL), EPK_ERR_INVALID,
	       "a walk to nowhere: INVALID");
	is_i64(epk_walk(&opened.image, 0, NULL, 1, 0, &index), EPK_ERR_INVALID,
	       "a walk without a path: INVALID");
	is_i64(epk_walk(NULL, 0, "x", 1, 0, &index), EPK_ERR_INVALID,
	       "a walk without an image: INVALID");
	is_i64(epk_child_lookup(&opened.image, forge_find(&image, "bin/tool"),
				"x", 1, &index),
	       EPK_ERR_NOT_FOLDER, "a child of a file: NOT_FOLDER");
	is_i64(epk_child_lookup(&opened.image, forge_find(&image, "run"),
				"tool", 4, &index),
	       EPK_ERR_NOT_FOLDER, "a child of an alias as such: NOT_FOLDER");
	is_i64(epk_child_lookup(&opened.image, 0, "zz", 2, &index),
	       EPK_ERR_NOT_FOUND, "a child behind the last: NOT_FOUND");
	is_i64(epk_child_lookup(&opened.image, 0, "", 0, &index),
	       EPK_ERR_NOT_FOUND, "a child before the first: NOT_FOUND");
	is_i64(epk_child_lookup(&opened.image, 99, "x", 1, &index),
	       EPK_ERR_RANGE, "a child of no node: RANGE");
	is_i64(epk_child_lookup(&opened.image, 0, NULL, 1, &index),
	       EPK_ERR_INVALID, "a child without a name: INVALID");
	is_u64(index, 77, "a failed lookup leaves the index alone");
	is_i64(epk_node_get(&opened.image, opened.image.header.node_count,
			    &node),
	       EPK_ERR_RANGE, "a node behind the last: RANGE");
	is_i64(epk_node_get(&opened.image, 0, NULL), EPK_ERR_INVALID,
	       "a node to nowhere: INVALID");
	is_i64(epk_node_path(&opened.image, forge_find(&image, "bin/tool"),
			     buffer, 7, &size),
	       EPK_ERR_SCRATCH, "a path buffer one byte too small: SCRATCH");
	is_u64(size, 77, "and the size is left alone");
	is_i64(epk_node_path(&opened.image, forge_find(&image, "bin/tool"),
			     buffer, 8, &size),
	       EPK_OK, "one that just suffices is enough");
	ok(size == 8 && memcmp(buffer, "bin/tool", 8) == 0,
	   "and holds the path");
	is_i64(epk_node_path(&opened.image, 0, NULL, 0, &size), EPK_OK,
	       "the root's path needs no buffer");
	is_u64(size, 0, "and is empty");
}

/* Every child of every folder is found by name, in order. */
static void check_folders(void)
{
	struct epk_node folder;
	struct epk_node child;
	uint32_t index;
	uint32_t seen = 1;
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < opened.image.header.node_count; i++) {
		(void)epk_node_get(&opened.image, i, &folder);
		for (uint32_t k = 0;
		     epk_child_get(&opened.image, i, k, &child) == EPK_OK;
		     k++) {
			seen++;
			wrong += epk_child_lookup(&opened.image, i, child.name,
						  child.name_size,
						  &index) != EPK_OK ||
				 index != child.index || child.parent != i;
		}
	}
	is_u64(seen, opened.image.header.node_count,
	       "reading all folders shows every node once");
	is_u64(wrong, 0, "and each is found by its name");
	is_i64(epk_child_get(&opened.image, 0, 999, &child), EPK_ERR_NOT_FOUND,
	       "a position behind the last: NOT_FOUND");
	is_i64(epk_child_get(&opened.image, 999, 0, &child), EPK_ERR_RANGE,
	       "a folder that is no node: RANGE");
	is_i64(epk_child_get(&opened.image, forge_find(&image, "loop"), 0,
			     &child),
	       EPK_ERR_NOT_FOLDER, "a folder that is a link: NOT_FOLDER");
}

static void check_mode(const char *path, uint32_t mode)
{
	struct epk_node node;

	(void)epk_node_get(&opened.image, forge_find(&image, path), &node);
	is_u64(epk_node_mode(&node), mode, "mode of /%s is 0%o", path, mode);
}

static void check_modes(void)
{
	check_mode("", 0555);
	check_mode("run", 0555);
	check_mode("bin/tool", 0555);
	check_mode("bin/data", 0444);
	check_mode("loop", 0777);
}

/* A chain of links: l00 -> l01 -> ... -> the file. */
static void check_chain(uint32_t links, epk_status_t status)
{
	static char names[42][4];
	struct forge_item chain[42];
	struct forged forged;
	struct forge_open open;
	struct epk_source source;
	uint32_t index;

	for (uint32_t i = 0; i <= links; i++)
		snprintf(names[i], sizeof(names[i]), "l%02u", i % 100);
	for (uint32_t i = 0; i < links; i++)
		chain[i] = (struct forge_item)LINK_ITEM(names[i], names[i + 1]);
	chain[links] = (struct forge_item)FILE_ITEM(names[links], 0, "end");
	forged = forge(&(struct forge_recipe){
		.items = chain, .count = links + 1, .manifest = MANIFEST });
	source = forge_source(&forged);
	(void)forge_open(&open, &source, epk_ops_default(), NULL);
	is_i64(epk_walk(&open.image, 0, "l00", 3, 0, &index), status,
	       "%u links on the way: %s", links, epk_status_name(status));
	forge_close(&open);
	forge_free(&forged);
}

static void check_target(const char *lines, uint32_t detail, uint32_t line,
			 uint32_t column)
{
	char manifest[512];
	struct forged forged;
	struct epk_failure failure;

	snprintf(manifest, sizeof(manifest), "%s%s", MANIFEST, lines);
	forged = forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.manifest = manifest,
	});
	(void)forge_verify(&forged, &failure);
	if (!ok(failure.detail == detail && failure.line == line &&
			failure.column == column &&
			(detail == 0 || failure.stage == EPK_STAGE_MANIFEST),
		"manifest target %.*s: %s",
		(int)strcspn(strchr(lines, '"'), "\n"), strchr(lines, '"'),
		epk_manifest_error_name(detail)))
		diag("got %s at %u:%u", epk_manifest_error_name(failure.detail),
		     failure.line, failure.column);
	forge_free(&forged);
}

static void check_targets(void)
{
	check_target("entry = \"/bin/tool\"\n", EPK_MANIFEST_OK, 0, 0);
	check_target("entry = \"/run/self\"\n", EPK_MANIFEST_OK, 0, 0);
	check_target("entry = \"/through\"\n", EPK_MANIFEST_OK, 0, 0);
	check_target("entry = \"/nothing\"\n", EPK_MANIFEST_TARGET_MISSING, 5,
		     9);
	check_target("entry = \"/etc/none\"\n", EPK_MANIFEST_TARGET_MISSING, 5,
		     9);
	check_target("entry = \"/bin/tool/x\"\n", EPK_MANIFEST_TARGET_MISSING,
		     5, 9);
	check_target("entry = \"/ping\"\n", EPK_MANIFEST_TARGET_LOOP, 5, 9);
	check_target("entry = \"/bin\"\n", EPK_MANIFEST_TARGET_FILE, 5, 9);
	check_target("entry = \"/run\"\n", EPK_MANIFEST_TARGET_FILE, 5, 9);
	check_target("entry = \"/bin/data\"\n", EPK_MANIFEST_TARGET_EXEC, 5, 9);
	check_target("[commands]\na = \"/bin/tool\"\nb = \"/etc/conf\"\n",
		     EPK_MANIFEST_TARGET_EXEC, 7, 5);
	check_target("entry = \"/bin/\\ttool\"\n", EPK_MANIFEST_BAD_PATH, 5, 9);
	check_target("entry = \"/x\"\n[commands]\na = \"/y\"\n",
		     EPK_MANIFEST_TARGET_MISSING, 5, 9);
	check_target("[commands]\na = \"/y\"\nb = \"z/\"\n",
		     EPK_MANIFEST_BAD_PATH, 7, 5);
}

int main(void)
{
	struct epk_source source;

	plan(0);
	image = forge(&(struct forge_recipe){
		.items = items,
		.count = sizeof(items) / sizeof(items[0]),
		.manifest = MANIFEST,
	});
	source = forge_source(&image);
	is_i64(forge_open(&opened, &source, epk_ops_default(), NULL), EPK_OK,
	       "a tree with every kind of node is accepted");
	check_walks();
	check_arguments();
	check_folders();
	check_modes();
	check_chain(40, EPK_OK);
	check_chain(41, EPK_ERR_LOOP);
	check_targets();
	forge_close(&opened);
	forge_free(&image);
	return done();
}
