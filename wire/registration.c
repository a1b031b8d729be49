/* SPDX-License-Identifier: MIT */
/* registration.c - the stack's REGISTER says who is to be registered; the library does it, and the
 * stack hears what has come of it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../ua/auth.h"
#include "../ua/registration.h"
#include "../ua/writer.h"
#include "wire.h"

#define EXPIRES_DEFAULT_S 3600u
#define EXPIRES_MAX_S 604800u
#define HEADERS_MAX 4096u

/* ---- what the stack wants ----------------------------------------------------------------- */

/* Of these the library writes its own. */
static int is_ours(const char *name, size_t length)
{
	static const char *const ours[] = {
		"Via",
		"v",
		"From",
		"f",
		"To",
		"t",
		"Call-ID",
		"i",
		"CSeq",
		"m",
		"Contact",
		"l",
		"Max-Forwards",
		"c",
		"Route",
		"e",
		"Expires",
		"Content-Length",
		"Content-Type",
		"Content-Encoding",
		"Authorization",
		"Proxy-Authorization",
		"User-Agent",
	};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strlen(ours[i]) == length && !strncasecmp(ours[i], name, length))
			return 1;
	return 0;
}

/* The next line from here on, folds included; its end, or NULL at the end of the header. */
static const char *next_line(const char *at, const char *end)
{
	const char *stop = at;

	do {
		stop = memchr(stop, '\n', (size_t)(end - stop));
		if (!stop)
			return NULL;
		stop++;
	} while (stop < end && (*stop == ' ' || *stop == '\t'));
	return stop;
}

/* One header line, on one line. */
static void write_line(struct ua_writer *writer, const char *at, const char *end)
{
	for (; at < end; at++)
		ua_writer_add(writer, "%c", *at == '\r' || *at == '\n' || *at == '\t' ? ' ' : *at);
	ua_writer_add(writer, "\r\n");
}

/* What else the stack says in its REGISTER goes into ours as it is: Supported, Allow ... */
static int copy_headers(struct ua_part bytes, char *out, size_t size)
{
	const char *at = bytes.text, *end = bytes.text + bytes.length, *next, *stop, *colon;
	struct ua_writer writer;

	ua_writer_init(&writer, out, size);
	for (at = next_line(at, end); at && (next = next_line(at, end)); at = next) {
		for (stop = next; stop > at && (stop[-1] == '\n' || stop[-1] == '\r');)
			stop--;
		if (stop == at)
			break;
		colon = memchr(at, ':', (size_t)(stop - at));
		while (colon && colon > at && (colon[-1] == ' ' || colon[-1] == '\t'))
			colon--;
		if (colon && !memchr(at, '\0', (size_t)(stop - at)) &&
		    !is_ours(at, (size_t)(colon - at)))
			write_line(&writer, at, stop);
	}
	return ua_writer_error(&writer);
}

/* "<sip:...>" and its parameters but `expires`, which the core decides. */
static int write_contact(const char *value, char *out, size_t size, uint32_t *expires_s)
{
	struct ua_value_address address;
	struct ua_part expires;
	struct ua_writer writer;
	const char *at, *next;

	if (ua_value_address(value, &address))
		return FAILOVER_ERR_ARGUMENT;
	(void)ua_value_param(address.params, "expires", &expires);
	if (expires.text && ua_part_number(expires, EXPIRES_MAX_S, expires_s))
		return FAILOVER_ERR_ARGUMENT;
	ua_writer_init(&writer, out, size);
	ua_writer_add(&writer, "<%.*s>", (int)address.uri.length, address.uri.text);
	for (at = address.params; *at; at = next) {
		next = at + 1 + strcspn(at + 1, ";\"");
		while (*next == '"') { /* +sip.instance="<...>" */
			const char *close = strchr(next + 1, '"');

			next = close ? close + 1 + strcspn(close + 1, ";\"") : next + strlen(next);
		}
		if (strncasecmp(at + 1 + strspn(at + 1, " "), "expires", 7) != 0)
			ua_writer_add(&writer, "%.*s", (int)(next - at), at);
	}
	return ua_text_has_control(out) ? FAILOVER_ERR_ARGUMENT : ua_writer_error(&writer);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Without a password the library cannot answer a challenge: the stack does. */
static int stack_answers(const struct ua_account *account)
{
	return !account->auth_password[0];
}

static void answer_registered(struct failover_wire *wire, struct fo_wire_line *line,
			      struct fo_wire_request *of)
{
	const struct ua_account *account = ua_account_find(&wire->ua, line->line);
	struct failover_line_state state = { .size = sizeof(state) };
	char lines[UA_MESSAGE_MAX];
	struct ua_writer writer;
	uint64_t left_s = 1;

	(void)failover_line_state(wire->engine, line->line, &state);
	if (state.registered_until > wire->now + 2000)
		left_s = (state.registered_until - wire->now) / 1000;
	if (account && stack_answers(account)) /* it is to come again before the library (B15) */
		left_s = (left_s + 1) / 2;
	ua_writer_init(&writer, lines, sizeof(lines));
	if (account && account->contact && line->wanted)
		ua_writer_add(&writer, "Contact: %s%s;expires=%llu\r\n", account->contact,
			      line->granted ? line->granted : "", (unsigned long long)left_s);
	ua_writer_add(&writer, "%s",
		      line->granted ? line->granted + strlen(line->granted) + 1 : "");
	fo_wire_made(of, 200, ua_writer_error(&writer) ? "" : lines);
}

/* 401 and 407 that are left over are for the library's credentials, which were wrong: the stack has
 * no better ones. */
uint32_t fo_wire_status_for_stack(uint32_t status)
{
	if (ua_auth_is_challenge(status))
		return 403;
	return status >= 300 ? status : 503;
}

/* As the server has it: the stack may answer the challenge. */
static void answer_refused(struct fo_wire_line *line, struct fo_wire_request *of, uint32_t status)
{
	if (line->challenge && ua_auth_is_challenge(status))
		fo_wire_made(of, status, line->challenge);
	else
		fo_wire_made(of, fo_wire_status_for_stack(status), "");
}

static uint32_t failure_of(const struct failover_result *result)
{
	const struct failover_attempt_report *last;

	if (!result->reports_count)
		return 503;
	last = &result->reports[result->reports_count - 1];
	if (last->reason == FAILOVER_REASON_NO_ANSWER || last->reason == FAILOVER_REASON_BAD_ANSWER)
		return 408;
	return fo_wire_status_for_stack(last->status);
}

/* ---- the stack's -------------------------------------------------------------------------- */

static int release(struct failover_wire *wire, struct fo_wire_line *line,
		   struct fo_wire_request *of)
{
	struct failover_line_state state = { .size = sizeof(state) };

	line->wanted = 0;
	if (!failover_unregister(wire->engine, line->line, wire->now))
		(void)failover_line_state(wire->engine, line->line, &state);
	if (!state.registering) {
		answer_registered(wire, line, of);
		return FAILOVER_OK;
	}
	line->registering = of;
	of->is_released = 1;
	return FAILOVER_OK;
}

/* Registers at once what is new, or not registered; what is, is answered from what is known. */
static int ask(struct failover_wire *wire, struct fo_wire_line *line, struct fo_wire_request *of,
	       int is_new)
{
	struct failover_line_state state = { .size = sizeof(state) };
	struct ua_account *account = ua_account_find(&wire->ua, line->line);
	int error = failover_line_state(wire->engine, line->line, &state);
	int is_known = !error && !is_new && line->wanted && state.registered;

	if (is_known && !account->credentials) {
		answer_registered(wire, line, of);
		return FAILOVER_OK;
	}
	line->registering = of;
	/* With credentials it is the stack's own registration, as if a person had asked (B17). */
	if (!error && (account->credentials || is_new || !line->wanted || !state.registering))
		error = failover_register(wire->engine, line->line, wire->now);
	line->wanted = 1;
	if (error)
		fo_wire_made(of, 503, "");
	return FAILOVER_OK;
}

/* Credentials are for whose nonce is in them; those for a nonce of nobody's are of no use. */
static int take_credentials(struct failover_wire *wire, const struct fo_wire_line *line,
			    struct ua_account *account, const struct ua_message *message)
{
	static const enum ua_raw_name names[] = { UA_RAW_AUTHORIZATION,
						  UA_RAW_PROXY_AUTHORIZATION };
	uint32_t registrar = FO_WIRE_NOBODY;
	char lines[HEADERS_MAX];
	struct ua_writer writer;
	const char *value;
	size_t i;

	ua_writer_init(&writer, lines, sizeof(lines));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t at = 0, whose;

		while ((value = ua_raw_next(&message->raw, names[i], &at))) {
			whose = fo_wire_line_nonce_of(wire, line, value);
			if (whose == FO_WIRE_NOBODY || ua_text_has_control(value))
				continue;
			registrar = whose;
			ua_writer_add(&writer, "%s: %s\r\n", ua_raw_name_text(names[i]), value);
		}
	}
	if (registrar == FO_WIRE_NOBODY || ua_writer_error(&writer))
		return FAILOVER_OK;
	return ua_registration_give_credentials(account, registrar, message->raw.uri, lines);
}

int fo_wire_register(struct failover_wire *wire, struct fo_wire_line *line,
		     struct fo_wire_request *of, const struct ua_message *message)
{
	struct ua_account *account = ua_account_find(&wire->ua, line->line);
	const char *value = ua_raw_first(&message->raw, UA_RAW_CONTACT);
	char contact[UA_MESSAGE_MAX], headers[HEADERS_MAX];
	uint32_t expires_s = EXPIRES_DEFAULT_S;
	int is_new;

	if (message->view.expires)
		(void)ua_text_number(message->view.expires, EXPIRES_MAX_S, &expires_s);
	if (line->registering) /* RFC 3261 10.2.1: one at a time */
		fo_wire_made(line->registering, 500, "");
	if (!value) {
		answer_registered(wire, line, of);
		return FAILOVER_OK;
	}
	if (!strcmp(value, "*"))
		return release(wire, line, of);
	if (!account || write_contact(value, contact, sizeof(contact), &expires_s) ||
	    copy_headers((struct ua_part){ of->bytes, of->count }, headers, sizeof(headers))) {
		fo_wire_made(of, 400, "");
		return FAILOVER_OK;
	}
	if (!expires_s)
		return release(wire, line, of);
	is_new = !account->contact || strcmp(account->contact, contact) != 0;
	if ((is_new && ua_registration_give(account, contact, headers)) ||
	    (stack_answers(account) && take_credentials(wire, line, account, message))) {
		fo_wire_made(of, 503, "");
		return FAILOVER_OK;
	}
	return ask(wire, line, of, is_new);
}

/* ---- the library's ------------------------------------------------------------------------ */

static void copy_values(struct ua_writer *writer, const struct ua_raw *raw,
			const enum ua_raw_name *names, size_t count)
{
	const char *value;
	size_t i;

	for (i = 0; i < count; i++) {
		uint32_t at = 0;

		while ((value = ua_raw_next(raw, names[i], &at)))
			if (!ua_text_has_control(value))
				ua_writer_add(writer, "%s: %s\r\n", ua_raw_name_text(names[i]),
					      value);
	}
}

/* RFC 5627 4.2: of the Contact that is ours, or of the only one. */
static void copy_gruus(struct ua_writer *writer, const struct ua_raw *raw, const char *own)
{
	static const char *const names[] = { "pub-gruu", "temp-gruu" };
	struct ua_value_address address, ours;
	struct ua_part instance = { NULL, 0 }, is, gruu;
	uint32_t at = 0, only = ua_raw_count(raw, UA_RAW_CONTACT) == 1;
	const char *value;
	size_t i;

	if (own && !ua_value_address(own, &ours))
		(void)ua_value_param(ours.params, "+sip.instance", &instance);
	while ((value = ua_raw_next(raw, UA_RAW_CONTACT, &at))) {
		if (ua_value_address(value, &address) || ua_text_has_control(value))
			continue;
		(void)ua_value_param(address.params, "+sip.instance", &is);
		if (!only && (!instance.text || is.length != instance.length ||
			      strncasecmp(is.text, instance.text, is.length) != 0))
			continue;
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (ua_value_param(address.params, names[i], &gruu) && gruu.length)
				ua_writer_add(writer, ";%s=\"%.*s\"", names[i], (int)gruu.length,
					      gruu.text);
		return;
	}
}

/* RFC 3608, RFC 3327, RFC 7315, RFC 5627: what a 2xx says of the registration. */
static void keep_granted(struct failover_wire *wire, struct fo_wire_line *line,
			 const struct ua_view *view)
{
	static const enum ua_raw_name names[] = { UA_RAW_SERVICE_ROUTE, UA_RAW_PATH,
						  UA_RAW_P_ASSOCIATED_URI };
	const struct ua_account *account = ua_account_find(&wire->ua, line->line);
	char gruus[HEADERS_MAX], lines[HEADERS_MAX];
	struct ua_writer of_contact, of_header;
	size_t length;

	ua_writer_init(&of_contact, gruus, sizeof(gruus));
	ua_writer_init(&of_header, lines, sizeof(lines));
	copy_gruus(&of_contact, view->raw, account ? account->contact : NULL);
	copy_values(&of_header, view->raw, names, sizeof(names) / sizeof(names[0]));
	free(line->granted);
	line->granted = NULL;
	if (ua_writer_error(&of_contact) || ua_writer_error(&of_header) || !(gruus[0] || lines[0]))
		return;
	length = strlen(gruus) + 1;
	line->granted = malloc(length + strlen(lines) + 1);
	if (!line->granted)
		return;
	memcpy(line->granted, gruus, length);
	strcpy(line->granted + length, lines);
}

/* The stack answers it, if anybody. */
static void keep_challenge(struct failover_wire *wire, struct fo_wire_line *line,
			   const struct ua_client *client, const struct ua_view *view)
{
	static const enum ua_raw_name names[] = { UA_RAW_WWW_AUTHENTICATE,
						  UA_RAW_PROXY_AUTHENTICATE };
	const struct ua_account *account = ua_account_find(&wire->ua, line->line);
	char lines[HEADERS_MAX];
	struct ua_writer writer;

	free(line->challenge);
	line->challenge = NULL;
	if (!account || !stack_answers(account) || !line->registering)
		return;
	ua_writer_init(&writer, lines, sizeof(lines));
	copy_values(&writer, view->raw, names, 2);
	if (!ua_writer_error(&writer))
		line->challenge = strdup(lines);
	fo_wire_line_challenged(wire, line, view, client->attempt.target.registrar);
}

void fo_wire_register_heard(struct failover_wire *wire, const struct ua_client *client,
			    const struct ua_view *view)
{
	struct fo_wire_line *line = fo_wire_line_find(wire, client->line);

	if (!line || !view->raw ||
	    client->attempt.flags & (FAILOVER_ATTEMPT_RELEASE | FAILOVER_ATTEMPT_VISIT))
		return;
	if (view->status < 300)
		keep_granted(wire, line, view);
	else if (ua_auth_is_challenge(view->status))
		keep_challenge(wire, line, client, view);
}

static int is_awaited(const struct fo_wire_request *of, const struct failover_result *result)
{
	const uint32_t others = FAILOVER_ATTEMPT_PROBE | FAILOVER_ATTEMPT_VISIT;

	if (result->flags & others ||
	    of->is_released != !!(result->flags & FAILOVER_ATTEMPT_RELEASE))
		return 0;
	return 1;
}

void fo_wire_register_result(struct failover_wire *wire, const struct failover_result *result)
{
	struct fo_wire_line *line = fo_wire_line_find(wire, result->line);
	struct fo_wire_request *of = line ? line->registering : NULL;
	struct failover_line_state state = { .size = sizeof(state) };

	if (!of || !is_awaited(of, result))
		return;
	(void)failover_line_state(wire->engine, line->line, &state);
	if (result->outcome == FAILOVER_OUTCOME_GIVEN_UP && state.registering)
		return; /* another one has taken its place (B23e) */
	if (of->is_released || (result->outcome == FAILOVER_OUTCOME_ANSWERED &&
				result->status >= 200 && result->status < 300))
		answer_registered(wire, line, of);
	else if (result->outcome == FAILOVER_OUTCOME_ANSWERED)
		answer_refused(line, of, result->status);
	else
		fo_wire_made(of, failure_of(result), "");
	free(line->challenge);
	line->challenge = NULL;
}
