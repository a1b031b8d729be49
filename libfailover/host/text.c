/* SPDX-License-Identifier: MIT */
/* text.c - the names and sentences that people, logs and tools read. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <failover/failover.h>
#include "config.h"
#include "../core/policy.h"

const char *failover_version(void)
{
	return PACKAGE_VERSION;
}

const char *failover_strerror(int error)
{
	switch ((enum failover_error)error) {
	case FAILOVER_OK:
		return "no error";
	case FAILOVER_ERR_ARGUMENT:
		return "an argument is out of its range";
	case FAILOVER_ERR_MEMORY:
		return "no memory";
	case FAILOVER_ERR_FULL:
		return "no room now: take the outputs first";
	case FAILOVER_ERR_STALE:
		return "the id names nothing that is alive";
	case FAILOVER_ERR_STATE:
		return "not possible now";
	case FAILOVER_ERR_PLUGIN:
		return "the plugin is not usable";
	case FAILOVER_ERR_UNSUPPORTED:
		return "not in this build";
	case FAILOVER_ERR_IO:
		return "the operating system refused";
	case FAILOVER_ERR_LIMIT:
		return "a limit is reached";
	}
	return "unknown error";
}

static void *default_alloc(void *user, size_t bytes)
{
	(void)user;
	return malloc(bytes);
}

static void default_release(void *user, void *block)
{
	(void)user;
	free(block);
}

struct failover_memory failover_memory_default(void)
{
	return (struct failover_memory){ .alloc = default_alloc, .release = default_release };
}

int failover_profile_available(uint32_t profile)
{
	return fo_policy_profile(profile) ? FAILOVER_OK : FAILOVER_ERR_UNSUPPORTED;
}

uint32_t failover_profile_default(void)
{
	return fo_policy_profile(FAILOVER_PROFILE_DEFAULT)->profile;
}

uint32_t failover_profile_at(uint32_t n)
{
	struct fo_policy_tables is;

	fo_policy_tables(&is);
	return n < is.profiles_count ? is.profiles[n].profile : FAILOVER_PROFILE_DEFAULT;
}

const char *failover_profile_text(uint32_t profile)
{
	const struct fo_profile_row *row = fo_policy_profile(profile);

	return row ? row->name : NULL;
}

int failover_profile_find(const char *name, uint32_t *profile)
{
	uint32_t i, found;

	for (i = 0; (found = failover_profile_at(i)) != FAILOVER_PROFILE_DEFAULT; i++) {
		if (strcmp(failover_profile_text(found), name) != 0)
			continue;
		*profile = found;
		return FAILOVER_OK;
	}
	return FAILOVER_ERR_UNSUPPORTED;
}

/* ---- targets ------------------------------------------------------------------------------ */

/* "fe80::1%eth0" -> the address, and the scope's number. */
static int parse_ipv6(const char *address, struct failover_target *out)
{
	const char *percent = strchr(address, '%');
	size_t length = percent ? (size_t)(percent - address) : strlen(address);
	char text[INET6_ADDRSTRLEN];
	char *end;

	if (length >= sizeof(text))
		return FAILOVER_ERR_ARGUMENT;
	memcpy(text, address, length);
	text[length] = '\0';
	if (inet_pton(AF_INET6, text, out->address) != 1)
		return FAILOVER_ERR_ARGUMENT;
	out->family = 6;
	if (!percent)
		return FAILOVER_OK;
	out->scope_id = if_nametoindex(percent + 1);
	if (!out->scope_id) {
		out->scope_id = (uint32_t)strtoul(percent + 1, &end, 10);
		if (end == percent + 1 || *end || !out->scope_id)
			return FAILOVER_ERR_ARGUMENT;
	}
	return FAILOVER_OK;
}

int failover_target_set(struct failover_target *target, const char *address, uint32_t port,
			uint32_t transport)
{
	struct failover_target out = { .registrar = target->registrar, .hop = target->hop };

	if (!address || port > 65535 ||
	    (transport != FAILOVER_UDP && transport != FAILOVER_TCP && transport != FAILOVER_TLS))
		return FAILOVER_ERR_ARGUMENT;
	if (inet_pton(AF_INET, address, out.address) == 1)
		out.family = 4;
	else if (parse_ipv6(address, &out))
		return FAILOVER_ERR_ARGUMENT;
	out.port = (uint16_t)port;
	out.transport = (uint8_t)transport;
	*target = out;
	return FAILOVER_OK;
}

static const char *transport_text(uint8_t transport)
{
	switch ((enum failover_transport)transport) {
	case FAILOVER_UDP:
		return "udp";
	case FAILOVER_TCP:
		return "tcp";
	case FAILOVER_TLS:
		return "tls";
	}
	return "unknown";
}

const char *failover_target_text(const struct failover_target *target, char *buffer, size_t size)
{
	const uint8_t *is = target->address;
	char address[INET6_ADDRSTRLEN] = "none";
	char scope[16] = "";

	if (target->family == 0)
		snprintf(buffer, size, "none");
	else if (target->family == 4)
		snprintf(buffer, size, "%u.%u.%u.%u:%u;transport=%s", is[0], is[1], is[2], is[3],
			 target->port, transport_text(target->transport));
	else {
		if (target->family == 6)
			inet_ntop(AF_INET6, is, address, sizeof(address));
		if (target->scope_id)
			snprintf(scope, sizeof(scope), "%%%u", target->scope_id);
		snprintf(buffer, size, "[%s%s]:%u;transport=%s", address, scope, target->port,
			 transport_text(target->transport));
	}
	return buffer;
}

int failover_target_same_address(const struct failover_target *a, const struct failover_target *b)
{
	return a->family == b->family && a->port == b->port && a->transport == b->transport &&
	       a->scope_id == b->scope_id && memcmp(a->address, b->address, 16) == 0;
}

/* ---- names -------------------------------------------------------------------------------- */

const char *failover_method_text(uint32_t method)
{
	switch ((enum failover_method)method) {
	case FAILOVER_REGISTER:
		return "REGISTER";
	case FAILOVER_INVITE:
		return "INVITE";
	case FAILOVER_BYE:
		return "BYE";
	case FAILOVER_OPTIONS:
		return "OPTIONS";
	case FAILOVER_CANCEL:
		return "CANCEL";
	case FAILOVER_OTHER:
		return "OTHER";
	}
	return "UNKNOWN";
}

const char *failover_reason_text(uint32_t reason, uint32_t status, char *buffer, size_t size)
{
	const char *text = "none";

	switch ((enum failover_reason)reason) {
	case FAILOVER_REASON_NONE:
		break;
	case FAILOVER_REASON_NO_ANSWER:
		text = "no-answer";
		break;
	case FAILOVER_REASON_STATUS:
		snprintf(buffer, size, "status-%u", status);
		return buffer;
	case FAILOVER_REASON_ICMP:
		text = "icmp";
		break;
	case FAILOVER_REASON_REFUSED:
		text = "refused";
		break;
	case FAILOVER_REASON_RESET:
		text = "reset";
		break;
	case FAILOVER_REASON_CONNECT_TIMEOUT:
		text = "connect-timeout";
		break;
	case FAILOVER_REASON_TLS:
		text = "tls";
		break;
	case FAILOVER_REASON_LOCAL:
		text = "local";
		break;
	case FAILOVER_REASON_BAD_ANSWER:
		text = "bad-answer";
		break;
	case FAILOVER_REASON_UNSUPPORTED:
		text = "unsupported";
		break;
	}
	snprintf(buffer, size, "%s", text);
	return buffer;
}

const char *failover_event_name(uint32_t kind)
{
	switch ((enum failover_event_kind)kind) {
	case FAILOVER_EVENT_ATTEMPT:
		return "attempt";
	case FAILOVER_EVENT_RESPONSE:
		return "response";
	case FAILOVER_EVENT_UNAVAILABLE:
		return "unavailable";
	case FAILOVER_EVENT_REGISTERED:
		return "registered";
	case FAILOVER_EVENT_UNREGISTERED:
		return "unregistered";
	case FAILOVER_EVENT_MOVED:
		return "moved";
	case FAILOVER_EVENT_REQUEST_FAILED:
		return "request-failed";
	case FAILOVER_EVENT_PROBE_FAILED:
		return "probe-failed";
	case FAILOVER_EVENT_GIVEN_UP:
		return "given-up";
	case FAILOVER_EVENT_CONNECTION_LOST:
		return "connection-lost";
	case FAILOVER_EVENT_BAD_ANSWER:
		return "bad-answer";
	case FAILOVER_EVENT_NO_OPTIONS:
		return "no-options";
	case FAILOVER_EVENT_MOVE_HELD:
		return "move-held";
	case FAILOVER_EVENT_PROBE_GOOD:
		return "probe-good";
	}
	return "unknown";
}

/* ---- sentences ---------------------------------------------------------------------------- */

static int unavailable_text(const struct failover_event *event, const char *target, char *buffer,
			    size_t size)
{
	const char *method = failover_method_text(event->method);
	char reason[24];

	failover_reason_text(event->reason, event->status, reason, sizeof(reason));
	if (event->reason == FAILOVER_REASON_UNSUPPORTED)
		return snprintf(buffer, size,
				"%s cannot be sent %s: the stack lacks its transport or address "
				"family",
				target, method);
	if (event->reason != FAILOVER_REASON_NO_ANSWER)
		return snprintf(buffer, size, "%s is unavailable for %s: %s", target, method,
				reason);
	if (!event->transmissions)
		return snprintf(buffer, size, "%s has not answered %s for %u.%03u s", target,
				method, event->elapsed_ms / 1000, event->elapsed_ms % 1000);
	return snprintf(buffer, size, "%s has not answered %u x %s in %u.%03u s", target,
			event->transmissions, method, event->elapsed_ms / 1000,
			event->elapsed_ms % 1000);
}

static int failed_text(const struct failover_event *event, char *buffer, size_t size)
{
	int length = snprintf(buffer, size, "%s has failed:", failover_method_text(event->method));
	char target[80], reason[24];
	uint32_t i;

	for (i = 0; i < event->reports_count && length >= 0 && (size_t)length < size; i++) {
		const struct failover_attempt_report *report = &event->reports[i];

		length += snprintf(buffer + length, size - (size_t)length, "%s %s %s", i ? "," : "",
				   failover_target_text(&report->target, target, sizeof(target)),
				   failover_reason_text(report->reason, report->status, reason,
							sizeof(reason)));
	}
	return length;
}

static int lost_text(const struct failover_event *event, const char *target, char *buffer,
		     size_t size)
{
	if (!event->seconds)
		return snprintf(buffer, size, "the connection to %s is gone: registering anew",
				target);
	return snprintf(buffer, size, "the connection to %s is gone: registering anew in %u s",
			target, event->seconds);
}

static int unregistered_text(const struct failover_event *event, char *buffer, size_t size)
{
	char reason[24];

	if (event->reason == FAILOVER_REASON_NONE)
		return snprintf(buffer, size, "not registered any more, as asked");
	return snprintf(buffer, size, "not registered: %s; next try in %u s",
			failover_reason_text(event->reason, event->status, reason, sizeof(reason)),
			event->seconds);
}

int failover_event_text(const struct failover_event *event, char *buffer, size_t size)
{
	const char *method = failover_method_text(event->method);
	const char *probe = event->flags & FAILOVER_ATTEMPT_PROBE ? "probe " : "";
	const char *emergency = event->flags & FAILOVER_ATTEMPT_EMERGENCY ? "emergency " : "";
	char target[80], from[80], reason[24];

	failover_target_text(&event->target, target, sizeof(target));
	failover_target_text(&event->from, from, sizeof(from));
	switch ((enum failover_event_kind)event->kind) {
	case FAILOVER_EVENT_ATTEMPT:
		return snprintf(buffer, size, "%s%s%s to %s%s", probe, emergency, method, target,
				event->flags & FAILOVER_ATTEMPT_LAST ? " (last target)" : "");
	case FAILOVER_EVENT_RESPONSE:
		return snprintf(buffer, size, "%s answers %u to %s%s", target, event->status, probe,
				method);
	case FAILOVER_EVENT_UNAVAILABLE:
		return unavailable_text(event, target, buffer, size);
	case FAILOVER_EVENT_REGISTERED:
		return snprintf(buffer, size, "registered at %s for %u s", target, event->seconds);
	case FAILOVER_EVENT_UNREGISTERED:
		return unregistered_text(event, buffer, size);
	case FAILOVER_EVENT_MOVED:
		return snprintf(buffer, size, "%s: moved from %s to %s by %s",
				event->direction == FAILOVER_FAILBACK ? "failback" : "failover",
				from, target, method);
	case FAILOVER_EVENT_REQUEST_FAILED:
		return failed_text(event, buffer, size);
	case FAILOVER_EVENT_PROBE_FAILED:
		return snprintf(
			buffer, size, "%s is not back yet: %s", target,
			failover_reason_text(event->reason, event->status, reason, sizeof(reason)));
	case FAILOVER_EVENT_GIVEN_UP:
		return snprintf(buffer, size, "%s given up", method);
	case FAILOVER_EVENT_CONNECTION_LOST:
		return lost_text(event, target, buffer, size);
	case FAILOVER_EVENT_BAD_ANSWER:
		return snprintf(buffer, size, "an answer of %s to %s cannot be read (%s): %s",
				target, method, event->why ? event->why : "",
				event->first_line ? event->first_line : "");
	case FAILOVER_EVENT_NO_OPTIONS:
		return snprintf(buffer, size,
				"%s answers no OPTIONS: kept alive by CRLF, and by REGISTER "
				"every %u s",
				target, event->seconds);
	case FAILOVER_EVENT_MOVE_HELD:
		return snprintf(buffer, size,
				"many lines move: %s goes to %s when its turn comes, in %u s",
				method, target, event->seconds);
	case FAILOVER_EVENT_PROBE_GOOD:
		if (!event->seconds)
			return snprintf(buffer, size, "%s is well: probed again when no call is up",
					target);
		return snprintf(buffer, size,
				"%s is well, and has to be for longer: probed again in %u s",
				target, event->seconds);
	}
	return snprintf(buffer, size, "unknown event %u", event->kind);
}

static int is_end(const struct failover_plan *plan, uint32_t n)
{
	return n + 1 == plan->steps_count;
}

const char *failover_plan_name(const struct failover_plan *plan, uint32_t n)
{
	switch ((enum failover_plan_kind)plan->steps[n].kind) {
	case FAILOVER_PLAN_SEND:
		return "send";
	case FAILOVER_PLAN_REGISTER:
		return "register";
	case FAILOVER_PLAN_LEAVE:
		return is_end(plan, n) ? "give-up" : "move";
	case FAILOVER_PLAN_WAIT:
		return "wait";
	}
	return "unknown";
}

int failover_plan_text(const struct failover_plan *plan, uint32_t n, const char *target,
		       char *buffer, size_t size)
{
	const struct failover_plan_step *step = &plan->steps[n];
	const char *method = failover_method_text(step->method);
	double seconds = step->budget_ms / 1000.0;

	switch ((enum failover_plan_kind)step->kind) {
	case FAILOVER_PLAN_SEND:
		return snprintf(buffer, size, "%s to %s: %u packet%s, %g s for an answer", method,
				target, step->transmissions, step->transmissions == 1 ? "" : "s",
				seconds);
	case FAILOVER_PLAN_REGISTER:
		return snprintf(buffer, size,
				"REGISTER to %s first: %u packet%s, %g s for an answer; on 200 the "
				"request follows",
				target, step->transmissions, step->transmissions == 1 ? "" : "s",
				seconds);
	case FAILOVER_PLAN_LEAVE:
		return snprintf(buffer, size, "no answer from %s: %s", target,
				is_end(plan, n) ? "the request fails" : "on to the next");
	case FAILOVER_PLAN_WAIT:
		return snprintf(buffer, size, "waits for the REGISTER under way at %s, %g s more",
				target, seconds);
	}
	return snprintf(buffer, size, "unknown step %u", step->kind);
}
