/* SPDX-License-Identifier: MIT */
/*
 * failover.c - a module of baresip: accounts whose registration, calls and hang-ups go on through
 * the backup server (README.md). Each gets a door of libfailover as its outbound proxy.
 *
 * Debian's baresip has no header: what is used of it is declared here, as baresip 1.0 exports it.
 * Where there is one, it says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>
#include <sys/socket.h>

#define HAVE_INTTYPES_H 1 /* what libre was built with: its headers ask */
#define HAVE_STDBOOL_H 1
#define HAVE_INET6 1
#include <re.h>
#include "../common/failover_below.h"

#define ACCOUNTS_MAX 64u
#define CHANGES_MAX 64u
#define TEXT_MAX 300u
#define EXTRA "failover"

#if __has_include(<baresip.h>) /* whose info() and warning() are macros since 3.20 */
#include <baresip.h>
#else
struct ua;
struct account;
struct list *uag_list(void);
struct account *ua_account(const struct ua *ua);
int ua_update_account(struct ua *ua);
int ua_register(struct ua *ua);
struct uri *account_luri(const struct account *account);
const char *account_auth_user(const struct account *account);
const char *account_auth_pass(const struct account *account);
const char *account_outbound(const struct account *account, unsigned place);
const char *account_extra(const struct account *account);
int account_set_outbound(struct account *account, const char *uri, unsigned place);
int account_set_regint(struct account *account, uint32_t seconds);
void warning(const char *format, ...);
void info(const char *format, ...);
#endif

struct served {
	struct failover_config *config;
	struct failover_below *below;
};

/* baresip has one instance of a module. */
static struct served served[ACCOUNTS_MAX];
static uint32_t served_count;

/* A configuration that is being written. */
struct form {
	struct failover_config_change changes[CHANGES_MAX];
	char texts[CHANGES_MAX][2][TEXT_MAX];
	uint32_t count;
};

/* ---- configuration ------------------------------------------------------------------------ */

static void set(struct form *form, const char *path, const char *value)
{
	struct failover_config_change *change;

	if (form->count == CHANGES_MAX || !value || !*value)
		return;
	snprintf(form->texts[form->count][0], TEXT_MAX, "%s", path);
	snprintf(form->texts[form->count][1], TEXT_MAX, "%s", value);
	change = &form->changes[form->count];
	change->path = form->texts[form->count][0];
	change->value = form->texts[form->count++][1];
}

static void set_part(struct form *form, const char *path, const struct pl *value)
{
	char text[TEXT_MAX];

	if (pl_isset(value) && !pl_strcpy(value, text, sizeof(text)))
		set(form, path, text);
}

/* "sip:192.0.2.1:5070;transport=tcp" */
static int set_server(struct form *form, const char *name, const char *uri_text)
{
	char path[TEXT_MAX], port[8];
	struct pl text, transport;
	struct uri uri;

	pl_set_str(&text, uri_text);
	if (uri_decode(&uri, &text))
		return EINVAL;
	snprintf(path, sizeof(path), "line.1.server.%s.address", name);
	set_part(form, path, &uri.host);
	snprintf(path, sizeof(path), "line.1.server.%s.port", name);
	snprintf(port, sizeof(port), "%u", (unsigned)uri.port);
	if (uri.port)
		set(form, path, port);
	snprintf(path, sizeof(path), "line.1.server.%s.transport", name);
	pl_set_str(&text, "transport");
	if (!uri_param_get(&uri.params, &text, &transport))
		set_part(form, path, &transport);
	return 0;
}

/* extra="failover,profile=v2,failback_interval=30": what stands in `line` of failover.conf(5). */
static void set_extra(struct form *form, const char *extra)
{
	char text[4 * TEXT_MAX], path[2 * TEXT_MAX], *rest = text, *item, *value;

	snprintf(text, sizeof(text), "%s", extra);
	while ((item = strsep(&rest, ","))) {
		value = strchr(item, '=');
		if (!value)
			continue;
		*value++ = '\0';
		snprintf(path, sizeof(path), "line.1.%s", item);
		set(form, path, value);
	}
}

static void on_mistake(void *user, const struct failover_config_error *error)
{
	(void)user;
	warning("failover: %s\n", error->text);
}

static int configure(const struct account *account, struct failover_config **out)
{
	static const char *const names[] = { "primary", "backup" };
	const struct uri *uri = account_luri(account);
	struct form *form = calloc(1, sizeof(*form));
	char domain[TEXT_MAX], home[TEXT_MAX + 8];
	unsigned i;
	int error = 0;

	if (!form)
		return ENOMEM;
	set(form, "line.1", "new");
	set_part(form, "line.1.user", &uri->user);
	set_part(form, "line.1.domain", &uri->host);
	set(form, "line.1.auth_user", account_auth_user(account));
	set(form, "line.1.auth_password", account_auth_pass(account));
	(void)pl_strcpy(&uri->host, domain, sizeof(domain));
	snprintf(home, sizeof(home), "sip:%s", domain);
	for (i = 0; !error && i < 2; i++)
		if (account_outbound(account, i))
			error = set_server(form, names[i], account_outbound(account, i));
	if (!error && !account_outbound(account, 0))
		error = set_server(form, names[0], home);
	set_extra(form, account_extra(account));
	if (!error && failover_config_make(form->changes, form->count, on_mistake, NULL, out))
		error = EINVAL;
	free(form);
	return error;
}

/* ---- accounts ----------------------------------------------------------------------------- */

/* On libfailover's thread, where baresip may not be called. */
static void on_event(void *user, const struct failover_event *event)
{
	char text[256];

	(void)user;
	if (event->kind == FAILOVER_EVENT_ATTEMPT || event->kind == FAILOVER_EVENT_RESPONSE)
		return;
	failover_event_text(event, text, sizeof(text));
	fprintf(stderr, "failover: %s\n", text);
}

static int is_ours(const struct account *account)
{
	const char *extra = account_extra(account);

	return extra && !strncmp(extra, EXTRA, strlen(EXTRA)) &&
	       (extra[strlen(EXTRA)] == ',' || !extra[strlen(EXTRA)]);
}

static int serve(struct ua *ua, struct account *account, struct served *out)
{
	struct failover_target door = { .family = 0 };
	struct failover_below_params params = { .door = &door, .event = on_event };
	char outbound[64];
	int error = configure(account, &out->config);

	if (error)
		return error;
	(void)failover_target_set(&door, "127.0.0.1", 5060, FAILOVER_UDP);
	door.port = 0;
	params.config = out->config;
	if (failover_below_open(&params, &out->below)) {
		failover_config_free(out->config);
		return EADDRNOTAVAIL;
	}
	served_count++;
	snprintf(outbound, sizeof(outbound), "sip:127.0.0.1:%u", (unsigned)door.port);
	error = account_set_outbound(account, outbound, 0);
	if (!error)
		error = account_set_outbound(account, NULL, 1);
	if (!error)
		error = account_set_regint(account, 3600);
	if (!error)
		error = ua_update_account(ua);
	return error ? error : ua_register(ua);
}

static int module_init(void)
{
	struct le *le;
	int error;

	for (le = uag_list()->head; le; le = le->next) {
		struct account *account = ua_account(le->data);

		if (!is_ours(account))
			continue;
		error = served_count < ACCOUNTS_MAX
				? serve(le->data, account, &served[served_count])
				: E2BIG;
		if (error)
			warning("failover: an account is not served (%m)\n", error);
	}
	info("failover: %u accounts\n", (unsigned)served_count);
	return 0;
}

static int module_close(void)
{
	while (served_count) {
		struct served *last = &served[--served_count];

		failover_below_close(last->below);
		failover_config_free(last->config);
		*last = (struct served){ .below = NULL };
	}
	return 0;
}

/* What baresip looks for in a module. */
__attribute__((visibility("default")))
const struct mod_export exports = { "failover", "application", module_init, module_close };
