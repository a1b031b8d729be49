/* SPDX-License-Identifier: MIT */
/* report.c - writes readable lines and JSON events, each flushed at once. */
#include "report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int phone_report_open(struct phone_report *report, const char *events_path)
{
	report->people = stdout;
	if (!events_path)
		return 0;
	if (strcmp(events_path, "-") == 0) {
		report->people = stderr;
		report->events = stdout;
		return 0;
	}
	report->events = fopen(events_path, "we");
	return report->events ? 0 : -1;
}

void phone_report_close(struct phone_report *report)
{
	if (report->events && report->events != stdout)
		fclose(report->events);
	report->events = NULL;
}

const char *phone_text_clean(const char *text, char *buffer, size_t size)
{
	size_t used = 0;

	for (; *text && used + 1 < size; text++)
		buffer[used++] = *text >= 0x20 && *text < 0x7f ? *text : '?';
	buffer[used] = '\0';
	return buffer;
}

static uint64_t since_start(const struct phone_report *report, uint64_t now)
{
	return now > report->started_at ? now - report->started_at : 0;
}

void phone_say(struct phone_report *report, uint64_t now, const char *format, ...)
{
	va_list arguments;
	uint64_t t_ms = since_start(report, now);

	va_start(arguments, format);
	vsnprintf(report->sentence, sizeof(report->sentence), format, arguments);
	va_end(arguments);
	fprintf(report->people, "%5u.%03u  %s\n", (unsigned)(t_ms / 1000), (unsigned)(t_ms % 1000),
		report->sentence);
	fflush(report->people);
}

static int events_are_wanted(const struct phone_report *report)
{
	return report->events || report->listener;
}

/* Takes the object; the sentence that was said last belongs to it. */
static void event_tell(struct phone_report *report, json_t *object)
{
	char *text;

	if (object && report->listener)
		report->listener(report->listener_user, object, report->sentence);
	if (!report->events) {
		json_decref(object);
		return;
	}
	text = phone_json_text(object);
	if (!text || fprintf(report->events, "%s\n", text) < 0 || fflush(report->events) != 0)
		report->broken = 1;
	free(text);
}

/* The library's own OPTIONS every half minute would hide everything else from a person. */
static int event_is_for_people(const struct failover_event *event)
{
	if (!(event->flags & FAILOVER_ATTEMPT_KEEPALIVE))
		return 1;
	return event->kind != FAILOVER_EVENT_ATTEMPT && event->kind != FAILOVER_EVENT_RESPONSE;
}

static void event_say(struct phone_report *report, uint32_t line, const char *where,
		      const struct failover_event *event)
{
	char text[512];

	if (event->kind == FAILOVER_EVENT_REGISTERED) {
		phone_say(report, event->now, "line %u is registered at %s (%s), %u s",
			  (unsigned)line, failover_target_text(&event->target, text, sizeof(text)),
			  where, (unsigned)event->seconds);
		return;
	}
	failover_event_text(event, text, sizeof(text));
	phone_say(report, event->now, "line %u: %s", (unsigned)line, text);
}

void phone_report_event(struct phone_report *report, uint32_t line, const char *where,
			const struct failover_event *event)
{
	*report->sentence = '\0';
	if (event_is_for_people(event))
		event_say(report, line, where, event);
	if (events_are_wanted(report))
		event_tell(report, phone_json_event(since_start(report, event->now), line, event));
	phone_record_event(report->record, since_start(report, event->now), line, where, event);
}

void phone_report_call(struct phone_report *report, uint64_t now, uint32_t line,
		       const struct phone_call_news *news)
{
	char target[80] = "", status[24] = "", text[160];

	if (news->target)
		failover_target_text(news->target, target, sizeof(target));
	if (news->status)
		snprintf(status, sizeof(status), ", %u", (unsigned)news->status);
	snprintf(text, sizeof(text), "%scall %s%s%s%s", news->is_emergency ? "emergency " : "",
		 news->state, *target ? " via " : "", target, status);
	phone_say(report, now, "line %u: %s", (unsigned)line, text);
	if (events_are_wanted(report))
		event_tell(report, phone_json_call(since_start(report, now), line, news));
	phone_record_say(report->record, since_start(report, now), line, "call", text);
}

static void dns_failure_say(struct phone_report *report, uint64_t now, uint32_t line,
			    const struct phone_names_news *news)
{
	const struct failover_dns_news *dns = &news->dns;
	const char *then = "";

	if (dns->state == FAILOVER_DNS_STALE)
		then = "; its last addresses serve on";
	if (dns->state == FAILOVER_DNS_FROM_CONFIGURATION)
		then = "; addresses from the configuration serve";
	phone_say(report, now, "line %u: DNS: %s: %s (%s)%s", (unsigned)line, dns->name,
		  news->reason, dns->question, then);
}

static void dns_record(struct phone_report *report, uint64_t now, uint32_t line,
		       const struct phone_names_news *news)
{
	char text[512];

	snprintf(text, sizeof(text), "%s is %s, %u targets%s%s", news->dns.name, news->state,
		 (unsigned)news->targets_count, *news->reason ? ": " : "", news->reason);
	phone_record_say(report->record, since_start(report, now), line, "dns", text);
}

void phone_report_dns(struct phone_report *report, uint64_t now, uint32_t line,
		      const struct phone_names_news *news)
{
	char text[80];

	if (news->dns.reason != FAILOVER_DNS_REASON_NONE)
		dns_failure_say(report, now, line, news);
	for (uint32_t i = 0; news->dns.changed && i < news->targets_count; i++)
		phone_say(report, now, "line %u: DNS: %s is %s", (unsigned)line, news->dns.name,
			  failover_target_text(&news->targets[i], text, sizeof(text)));
	if (news->dns.reason == FAILOVER_DNS_REASON_NONE && !news->dns.changed)
		phone_say(report, now, "line %u: DNS: %s is answered again", (unsigned)line,
			  news->dns.name);
	if (events_are_wanted(report))
		event_tell(report, phone_json_dns(since_start(report, now), line, news));
	dns_record(report, now, line, news);
}

void phone_report_pin(struct phone_report *report, uint64_t now, uint32_t line,
		      const struct failover_target *target, const char *where)
{
	char text[80];

	if (target)
		phone_say(report, now, "line %u stays at %s (%s) until told", (unsigned)line,
			  failover_target_text(target, text, sizeof(text)), where);
	else
		phone_say(report, now, "line %u is not pinned any more", (unsigned)line);
	if (events_are_wanted(report))
		event_tell(report, phone_json_pin(since_start(report, now), line, target));
	phone_record_say(report->record, since_start(report, now), line,
			 target ? "pinned" : "unpinned", target ? where : "not pinned any more");
}

void phone_report_woke(struct phone_report *report, uint64_t slept_ms, uint64_t now)
{
	phone_say(report, now, "the device slept for %llu s", (unsigned long long)slept_ms / 1000);
}

void phone_report_network(struct phone_report *report, uint64_t now)
{
	phone_say(report, now, "the network has changed: all lines register anew");
	if (events_are_wanted(report))
		event_tell(report, phone_json_network(since_start(report, now)));
	phone_record_say(report->record, since_start(report, now), 0, "network-changed",
			 "the network has changed: all lines register anew");
}

void phone_report_subscription(struct phone_report *report, uint64_t now, uint32_t line,
			       const struct failover_subscription_news *news, const char *text)
{
	int is_notify = news->kind == FAILOVER_SUBSCRIPTION_NOTIFY;

	phone_say(report, now, "line %u: %s", (unsigned)line, text);
	if (events_are_wanted(report))
		event_tell(report, phone_json_subscription(since_start(report, now), line, news));
	phone_record_say(report->record, since_start(report, now), line,
			 is_notify ? "notify" : "subscription", text);
}
