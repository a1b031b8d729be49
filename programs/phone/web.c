/* SPDX-License-Identifier: MIT */
/* web.c - what the phone offers its page, which is a module that is loaded only when it is wanted.
 */
#include "phone.h"

#include "programs/web/web.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct phone_web {
	void *handle;
	const struct web_module *module;
	struct web *page;
};

static json_t *on_line(void *user, uint32_t number)
{
	return phone_status_line(user, number);
}

static json_t *on_plan(void *user, uint32_t number)
{
	return phone_status_plan(user, number);
}

static json_t *on_status(void *user)
{
	struct phone *phone = user;
	struct failover_statistics statistics = { .size = sizeof(statistics) };
	uint64_t up = phone_now(phone) - phone->report.started_at;
	char profile[FAILOVER_CONFIG_VALUE_SIZE] = "", revision[32];
	json_t *counters = phone_stack_counters(phone), *out;

	failover_engine_statistics(phone->engine, &statistics);
	phone_web_revision(phone, revision);
	(void)failover_config_get(phone->config, "profile", profile, sizeof(profile));
	out = json_pack("{s:s, s:s, s:s, s:s, s:f, s:s, s:I, s:o}", "program", PHONE_PROGRAM,
			"version", failover_version(), "stack", phone->plugin->stack, "profile",
			profile, "uptime", (double)up / 1000.0, "revision", revision, "stale_news",
			(json_int_t)statistics.stale, "lines", phone_status_lines(phone));
	if (counters)
		json_object_set_new(out, "counters", counters);
	return out;
}

static int on_command(void *user, const char *text, char *why, size_t why_size)
{
	struct phone *phone = user;
	struct phone_command command;
	struct phone_why because;
	const char *wrong = phone_command_parse(text, &command);
	enum phone_control done;

	if (wrong) {
		snprintf(why, why_size, "%s", wrong);
		return 409;
	}
	done = phone_control(phone, &command, &because);
	if (done != CONTROL_DONE)
		snprintf(why, why_size, "%s", because.text);
	phone_turn(phone);
	switch (done) {
	case CONTROL_DONE:
		return 0;
	case CONTROL_NO_LINE:
		return 404;
	case CONTROL_NOT_NOW:
		break;
	}
	return 409;
}

static json_t *on_config(void *user)
{
	return phone_web_config(user);
}

static struct web_reply on_apply(void *user, const json_t *patch)
{
	struct web_reply reply = { 500, NULL };

	reply.body = phone_web_apply(user, patch, &reply.status);
	return reply;
}

static void on_revision(void *user, char text[32])
{
	phone_web_revision(user, text);
}

static void on_say(void *user, const char *sentence)
{
	struct phone *phone = user;

	phone_say(&phone->report, phone_now(phone), "%s", sentence);
}

static void on_event(void *user, const json_t *event, const char *sentence)
{
	struct phone *phone = user;

	phone->web->module->event(phone->web->page, event, sentence);
	/* Calls begin and end by events of their own: no other line of code says that they did. */
	phone_web_line_changed(phone, (uint32_t)json_integer_value(json_object_get(event, "line")));
}

static void address_fill(const struct failover_target *from, struct web_params *out)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out->listen;
	struct sockaddr_in *four = (struct sockaddr_in *)&out->listen;

	if (from->family == 4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(from->port);
		memcpy(&four->sin_addr, from->address, 4);
		out->listen_size = sizeof(*four);
		return;
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(from->port);
	six->sin6_scope_id = from->scope_id;
	memcpy(&six->sin6_addr, from->address, 16);
	out->listen_size = sizeof(*six);
}

static int module_load(struct phone *phone)
{
	struct phone_web *web = phone->web;
	char path[512];

	snprintf(path, sizeof(path), "%s/failover-web.so", phone->options.plugin_dir);
	web->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (web->handle)
		web->module = dlsym(web->handle, WEB_MODULE_SYMBOL);
	if (web->module && web->module->abi == WEB_ABI && web->module->size >= sizeof(*web->module))
		return 0;
	fprintf(stderr, PHONE_PROGRAM ": no page: %s: %s\n", path,
		web->module ? "it is of another version" : dlerror());
	return -1;
}

static int page_open(struct phone *phone)
{
	const struct web_host host = {
		.size = sizeof(host),
		.user = phone,
		.base = phone_loop_base(phone->loop),
		.program = PHONE_PROGRAM,
		.version = failover_version(),
		.status = on_status,
		.line = on_line,
		.plan = on_plan,
		.command = on_command,
		.config = on_config,
		.apply = on_apply,
		.revision = on_revision,
		.say = on_say,
	};
	struct web_params params = {
		.size = sizeof(params),
		.plain = phone->options.web_plain != 0,
		.metrics_users = phone->options.web_metrics_users != 0,
		.password_file = phone->options.web_password_file,
		.tls_cert_file = phone->config->tls_cert_file,
		.tls_key_file = phone->config->tls_key_file,
	};
	char why[256] = "", address[80];

	address_fill(&phone->options.web, &params);
	phone->web->page = phone->web->module->open(&params, &host, why, sizeof(why));
	if (phone->web->page)
		return 0;
	failover_target_text(&phone->options.web, address, sizeof(address));
	address[strcspn(address, ";")] = '\0';
	fprintf(stderr, PHONE_PROGRAM ": no page at %s: %s\n", address, why);
	return -1;
}

int phone_web_open(struct phone *phone)
{
	if (!phone->options.web_set)
		return 0;
	phone->web = calloc(1, sizeof(*phone->web));
	if (!phone->web) {
		fputs(PHONE_PROGRAM ": no memory\n", stderr);
		return -1;
	}
	if (module_load(phone) != 0 || page_open(phone) != 0)
		return -1;
	phone->report.listener = on_event;
	phone->report.listener_user = phone;
	return 0;
}

void phone_web_close(struct phone *phone)
{
	struct phone_web *web = phone->web;

	phone->report.listener = NULL;
	if (web && web->page)
		web->module->close(web->page);
	if (web)
		web->page = NULL;
}

void phone_web_unload(struct phone *phone)
{
	struct phone_web *web = phone->web;

	phone->web = NULL;
	if (!web)
		return;
	if (web->handle)
		dlclose(web->handle);
	free(web);
}

void phone_web_line_changed(struct phone *phone, uint32_t number)
{
	if (phone->web && phone->web->page)
		phone->web->module->line_changed(phone->web->page, number);
}

void phone_web_config_changed(struct phone *phone)
{
	if (phone->web && phone->web->page)
		phone->web->module->config_changed(phone->web->page);
}
