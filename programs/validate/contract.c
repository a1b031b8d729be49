/* SPDX-License-Identifier: MIT */
/* contract.c - what can be read without opening the plugin. */
#include <ctype.h>
#include <string.h>
#include "bench.h"

#define WORD "abcdefghijklmnopqrstuvwxyz0123456789-_"
#define KNOWN_CAPABILITIES ((uint64_t)FAILOVER_CAP_VIRTUAL_TIME * 2 - 1)

static void load(struct bench *bench)
{
	char why[BENCH_TEXT];

	if (failover_plugin_load(bench->path, NULL, &bench->plugin, &bench->handle, why,
				 sizeof(why)))
		bench_fail(bench, "%s", why);
}

static void descriptor(struct bench *bench)
{
	const struct failover_plugin *plugin = bench->plugin;

	BENCH_WANT(bench, strspn(plugin->id, WORD) == strlen(plugin->id) && strlen(plugin->id) < 32,
		   "id is \"%s\"", plugin->id);
	BENCH_WANT(bench, isdigit((unsigned char)plugin->version[0]), "version is \"%s\"",
		   plugin->version);
	BENCH_WANT(bench, plugin->stack[0], "stack is empty");
	BENCH_WANT(bench, plugin->license[0] && !strpbrk(plugin->license, "\r\n\t/\""),
		   "license is \"%s\"", plugin->license);
}

static const void *extension(const struct bench *bench, const char *id)
{
	return bench->plugin->get_extension ? bench->plugin->get_extension(id) : NULL;
}

static void capabilities(struct bench *bench)
{
	uint64_t has = bench->plugin->capabilities;

	BENCH_WANT(bench, !(has & ~KNOWN_CAPABILITIES), "unknown bits are set: %#llx",
		   (unsigned long long)(has & ~KNOWN_CAPABILITIES));
	BENCH_WANT(bench,
		   !(has & FAILOVER_CAP_OWN_THREAD) || extension(bench, FAILOVER_EXT_IO) ||
			   extension(bench, FAILOVER_EXT_TEST),
		   "OWN_THREAD is claimed without " FAILOVER_EXT_IO ": nobody would be woken for");
}

static void unknown_extension(struct bench *bench)
{
	static const char *const ids[] = {
		"failover.no-such/1",	  "failover.line/999", "",
		"failover.call-events/1", "failover.line/10",  "failover.line"
	};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		BENCH_WANT(bench, !extension(bench, ids[i]), "get_extension(\"%s\") is not NULL",
			   ids[i]);
}

static void extension_structs(struct bench *bench)
{
	const struct failover_ext_line *line = extension(bench, FAILOVER_EXT_LINE);
	const struct failover_ext_call *call = extension(bench, FAILOVER_EXT_CALL);
	const struct failover_ext_io *io = extension(bench, FAILOVER_EXT_IO);
	const struct failover_ext_test *test = extension(bench, FAILOVER_EXT_TEST);

	if (!line && !call && !io && !test)
		bench_skip(bench, "the plugin has no extensions");
	BENCH_WANT(bench,
		   !line || (line->size >= sizeof(*line) && line->line_set && line->line_remove &&
			     line->line_targets),
		   FAILOVER_EXT_LINE " is too small or lacks a function");
	BENCH_WANT(bench,
		   !call || (call->size >= sizeof(*call) && call->call_new && call->call_free &&
			     call->call_answer),
		   FAILOVER_EXT_CALL " is too small or lacks a function");
	BENCH_WANT(bench,
		   !io || (io->size >= sizeof(*io) && io->fds && io->deadline && io->process &&
			   io->local),
		   FAILOVER_EXT_IO " is too small or lacks a function");
	BENCH_WANT(bench,
		   !test || (test->size >= sizeof(*test) && test->line_set && test->fds &&
			     test->deadline && test->process &&
			     !test->call_new == !test->call_free &&
			     (test->line_remove || test->lacks & FAILOVER_TEST_ONE_LINE)),
		   FAILOVER_EXT_TEST " is too small or lacks a function");
}

const struct check contract_checks[] = {
	{ "load", "", "it loads; abi, size, id, version, licence and required hooks are there", 0,
	  load },
	{ "descriptor", "", "id is a word, version starts with a digit, licence is an SPDX name",
	  NEED_PLUGIN, descriptor },
	{ "capabilities", "", "only known capabilities, and what they need is there", NEED_PLUGIN,
	  capabilities },
	{ "unknown-extension", "", "an extension that it does not know is NULL", NEED_PLUGIN,
	  unknown_extension },
	{ "extension-structs", "", "every extension has its size and all functions", NEED_PLUGIN,
	  extension_structs },
	{ 0 },
};
