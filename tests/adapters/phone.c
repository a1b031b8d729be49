/* SPDX-License-Identifier: MIT */
/* phone.c - see phone.h. */
#include "phone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- options ------------------------------------------------------------------------------ */

static void on_mistake(void *user, const struct failover_config_error *error)
{
	(void)user;
	fprintf(stderr, "%s:%u: %s\n", error->file, (unsigned)error->line, error->text);
}

static int take_listen(struct phone *phone, const char *text)
{
	const char *colon = strrchr(text, ':');
	char address[80];

	if (!colon || (size_t)(colon - text) >= sizeof(address))
		return -1;
	if (*text == '[')
		snprintf(address, sizeof(address), "%.*s", (int)(colon - text - 2), text + 1);
	else
		snprintf(address, sizeof(address), "%.*s", (int)(colon - text), text);
	if (failover_target_set(&phone->listen, address, 5060, FAILOVER_UDP))
		return -1;
	phone->listen.port = (uint16_t)atoi(colon + 1);
	return 0;
}

static int take_option(struct phone *phone, const char *name, const char *value)
{
	if (!strcmp(name, "--listen"))
		return take_listen(phone, value);
	if (!strcmp(name, "--dns"))
		phone->dns = value;
	else if (!strcmp(name, "--events"))
		return (phone->events = fopen(value, "a")) ? 0 : -1;
	else
		return strcmp(name, "--stack") && strcmp(name, "--plugin-dir") ? -1 : 0;
	return 0;
}

/* What libfailover-wire does below every stack, in the words of failover-phone --claims. */
static void tell_claims(int count, char **arguments)
{
	int i;

	for (i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--claims") != 0)
			continue;
		puts("counts-transmissions\nlimits-transmissions\nreports-icmp\n"
		     "owns-retransmission\nstops\ntcp\ntls");
		exit(0);
	}
}

int phone_options(struct phone *phone, int count, char **arguments)
{
	int i;

	tell_claims(count, arguments);
	memset(phone, 0, sizeof(*phone));
	pthread_mutex_init(&phone->mutex, NULL);
	phone->events = stdout;
	for (i = 1; i + 1 < count; i += 2)
		if (take_option(phone, arguments[i], arguments[i + 1])) {
			fprintf(stderr, "not understood: %s %s\n", arguments[i], arguments[i + 1]);
			return 2;
		}
	if (i + 1 != count) {
		fprintf(stderr, "usage: PHONE [--listen ADDR:PORT] [--events FILE] CONFIG\n");
		return 2;
	}
	return failover_config_read(arguments[i], on_mistake, NULL, &phone->config) ? 2 : 0;
}

const char *phone_argument(const char *line, const char *command)
{
	size_t length = strlen(command);

	if (strncmp(line, command, length) != 0)
		return NULL;
	return line[length] == ' ' ? line + length + 1 : line[length] ? NULL : "";
}

/* ---- events ------------------------------------------------------------------------------- */

static void member(FILE *out, const char *name, const char *value)
{
	fprintf(out, ",\"%s\":\"%s\"", name, value);
}

static void target_member(FILE *out, const char *name, const struct failover_target *target)
{
	char text[80];

	if (target->family)
		member(out, name, failover_target_text(target, text, sizeof(text)));
}

static void begin(FILE *out, const char *name)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	fprintf(out, "{\"t\":%.3f,\"line\":1,\"event\":\"%s\"",
		(double)now.tv_sec + (double)now.tv_nsec / 1e9, name);
}

static void end(FILE *out)
{
	fputs("}\n", out);
	fflush(out);
}

void phone_event(void *user, const struct failover_event *event)
{
	struct phone *phone = user;
	char reason[24];
	FILE *out = phone->events;

	pthread_mutex_lock(&phone->mutex);
	begin(out, failover_event_name(event->kind));
	target_member(out, event->kind == FAILOVER_EVENT_MOVED ? "to" : "target", &event->target);
	target_member(out, "from", &event->from);
	if (event->method)
		member(out, "method", failover_method_text(event->method));
	if (event->kind == FAILOVER_EVENT_MOVED)
		member(out, "kind",
		       event->direction == FAILOVER_FAILBACK ? "failback" : "failover");
	if (event->reason)
		member(out, "reason",
		       failover_reason_text(event->reason, event->status, reason, sizeof(reason)));
	fprintf(out, ",\"status\":%u,\"seconds\":%u", (unsigned)event->status,
		(unsigned)event->seconds);
	end(out);
	pthread_mutex_unlock(&phone->mutex);
}

void phone_log(void *user, uint32_t level, const char *text)
{
	(void)user;
	if (level <= FAILOVER_LOG_WARNING)
		fprintf(stderr, "%s\n", text);
}

void phone_dns_news(void *user, const struct failover_dns_news *news)
{
	struct phone *phone = user;

	pthread_mutex_lock(&phone->mutex);
	begin(phone->events, "dns");
	member(phone->events, "state", failover_dns_state_text(news->state));
	end(phone->events);
	pthread_mutex_unlock(&phone->mutex);
}

/* ---- calls -------------------------------------------------------------------------------- */

/* Told when both sides have said what they know. Up to here the target of a state is that of the
 * request which brought it about. */
static void tell_call(struct phone *phone)
{
	int is_bye = phone->call_state && !strcmp(phone->call_state, "ended");
	struct failover_target *target = is_bye ? &phone->bye_target : &phone->call_target;

	if (!phone->call_state || (!target->family && !phone->is_incoming))
		return;
	begin(phone->events, "call");
	member(phone->events, "state", phone->call_state);
	target_member(phone->events, "target", target);
	fprintf(phone->events, ",\"status\":%u", phone->call_status);
	end(phone->events);
	phone->call_state = NULL;
	target->family = 0;
}

void phone_result(void *user, const struct failover_result *result)
{
	struct phone *phone = user;

	pthread_mutex_lock(&phone->mutex);
	if (result->method == FAILOVER_INVITE)
		phone->call_target = result->target;
	if (result->method == FAILOVER_BYE)
		phone->bye_target = result->target;
	tell_call(phone);
	pthread_mutex_unlock(&phone->mutex);
}

void phone_incoming(struct phone *phone, int is_incoming)
{
	pthread_mutex_lock(&phone->mutex);
	phone->is_incoming = is_incoming;
	pthread_mutex_unlock(&phone->mutex);
}

void phone_call(struct phone *phone, const char *state, unsigned status)
{
	pthread_mutex_lock(&phone->mutex);
	phone->call_state = state;
	phone->call_status = status;
	tell_call(phone);
	pthread_mutex_unlock(&phone->mutex);
}
