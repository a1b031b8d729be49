/* SPDX-License-Identifier: MIT */
/* request.c - a request of the stack: known by its branch, kept once, submitted to the core, and
 * answered exactly once. */
#include <stdlib.h>
#include <string.h>
#include "../ua/auth.h"
#include "../ua/edits.h"
#include "../ua/emergency.h"
#include "../ua/writer.h"
#include "wire.h"

/* The stack's own timer F is 64*T1 after it has sent the request: it is to be answered before. */
#define STACK_F_MS (UA_64T1 * UA_T1_MS - UA_T1_MS)
#define ROUTES_MAX 128u

/* ---- finding ------------------------------------------------------------------------------ */

/* RFC 3261 17.1.3; without the cookie what stays the same in RFC 2543. Each line is a client of its
 * own, and cancels nobody else's calls. The hash is keyed and has 64
 * bits: who does not know the key makes no two alike. */
static uint64_t key_of(const struct failover_wire *wire, const struct fo_wire_line *line,
		       const struct ua_view *view, const char *method)
{
	const struct ua_map *map = &wire->requests;
	uint64_t parts[5] = { ua_map_hash_text(map, method), 0, 0, 0, line->line };

	if (view->branch && !strncmp(view->branch, "z9hG4bK", 7) && view->branch[7]) {
		parts[1] = ua_map_hash_text(map, view->branch);
	} else {
		parts[1] = ua_map_hash_text(map, view->call_id);
		parts[2] = ua_map_hash_text(map, view->from_tag ? view->from_tag : "");
		parts[3] = view->cseq;
	}
	return ua_map_hash(map, parts, sizeof(parts));
}

struct fo_wire_request *fo_wire_request_find(const struct failover_wire *wire,
					     const struct fo_wire_line *line,
					     const struct ua_message *message, const char *method)
{
	struct ua_map_node *node =
		ua_map_find(&wire->requests, key_of(wire, line, &message->view, method));

	return node ? UA_CONTAINER(node, struct fo_wire_request, by_key) : NULL;
}

struct fo_wire_request *fo_wire_request_of(const struct failover_wire *wire, uint64_t cookie)
{
	const struct ua_map *map = &wire->cookie_table;
	struct ua_map_node *node;

	for (node = ua_map_find(map, ua_map_hash_number(map, cookie)); node;
	     node = ua_map_again(node)) {
		struct fo_wire_request *of = UA_CONTAINER(node, struct fo_wire_request, by_cookie);

		if (of->cookie == cookie)
			return of;
	}
	return NULL;
}

/* ---- life --------------------------------------------------------------------------------- */

void fo_wire_request_ref(struct fo_wire_request *of)
{
	of->refs++;
}

static void leave_queue(struct fo_wire_request *of)
{
	struct fo_wire_line *line = fo_wire_line_find(of->wire, of->line);

	if (line && line->registering == of)
		line->registering = NULL;
	if (!of->is_waiting)
		return;
	of->is_waiting = 0;
	if (line)
		fo_wire_line_wait_no_more(line, of);
}

void fo_wire_request_unref(struct fo_wire_request *of)
{
	struct failover_wire *wire = of->wire;

	if (--of->refs)
		return;
	leave_queue(of);
	ua_map_remove(&wire->requests, &of->by_key);
	ua_map_remove(&wire->cookie_table, &of->by_cookie);
	ua_timer_stop(&wire->ua.timers, &of->timer);
	ua_timers_clear(&wire->ua.timers, 1);
	wire->counters.requests--;
	free(of->answer);
	free(of->routes);
	free(of);
}

/* The stack has been told that its BYE has failed, and the call is ended nevertheless. */
static void wait_unheard(struct fo_wire_request *of, int waits)
{
	if (of->waits_unheard == waits)
		return;
	of->waits_unheard = (uint8_t)waits;
	if (waits)
		fo_wire_request_ref(of);
	else
		fo_wire_request_unref(of);
}

/* The stack's F is near, or nothing more of the stack's can come that belongs to it. */
static void on_timer(struct ua_timer *timer)
{
	struct fo_wire_request *of = UA_CONTAINER(timer, struct fo_wire_request, timer);

	if (of->status) {
		fo_wire_request_unref(of);
		return;
	}
	if (of->is_waiting && of->method == FAILOVER_BYE)
		wait_unheard(of, 1);
	fo_wire_made(of, 408, "");
}

/* ---- making ------------------------------------------------------------------------------- */

/* "host:port;rport": what is behind the transport, without the branch. */
static void write_sent_by(const struct fo_wire_request *of, const struct ua_raw *raw,
			  struct ua_writer *writer)
{
	const char *value = ua_raw_first(raw, UA_RAW_VIA), *branch = raw->texts + of->via.branch;
	struct ua_value_via via;

	if (ua_value_via(value, &via))
		return;
	if (!of->via.length) {
		ua_writer_add(writer, "%s", via.host.text);
		return;
	}
	while (*branch != ';')
		branch--;
	ua_writer_add(writer, "%.*s%s", (int)(branch - via.host.text), via.host.text,
		      raw->texts + of->via.branch + of->via.length);
}

static void write_route_lines(const struct ua_raw *raw, struct ua_writer *writer)
{
	const char *value;
	uint32_t at = 0;

	while ((value = ua_raw_next(raw, UA_RAW_ROUTE, &at)))
		ua_writer_add(writer, "Route: %s\r\n", value);
}

static const char *keep(char **at, const char *text)
{
	const char *kept = *at;

	*at = stpcpy(*at, text ? text : "") + 1;
	return kept;
}

static int has_control(const struct ua_view *view)
{
	return ua_text_has_control(view->from) || ua_text_has_control(view->to) ||
	       ua_text_has_control(view->call_id);
}

/* What ACK, CANCEL and BYE for it are made of, and its Routes one by one. */
static int keep_texts(struct fo_wire_request *of, const struct ua_message *message)
{
	const struct ua_raw *raw = &message->raw;
	const struct ua_view *view = &message->view;
	uint32_t count = ua_raw_count(raw, UA_RAW_ROUTE), i, next = 0;
	char lines[UA_MESSAGE_MAX], sent_by[UA_MESSAGE_MAX], *at;
	struct ua_writer route, via;

	ua_writer_init(&route, lines, sizeof(lines));
	ua_writer_init(&via, sent_by, sizeof(sent_by));
	write_route_lines(raw, &route);
	write_sent_by(of, raw, &via);
	if (count > ROUTES_MAX || ua_writer_error(&route) || ua_writer_error(&via) ||
	    has_control(view) || ua_text_has_control(sent_by))
		return FAILOVER_ERR_ARGUMENT;
	/* All are parts of one message: with their ends they have room in so much. */
	of->routes = malloc(count * sizeof(*of->routes) + 4 * of->count + 64);
	if (!of->routes)
		return FAILOVER_ERR_MEMORY;
	at = (char *)(of->routes + count);
	for (i = 0; i < count; i++)
		of->routes[i] = (char *)(uintptr_t)keep(&at, ua_raw_next(raw, UA_RAW_ROUTE, &next));
	of->routes_count = (uint8_t)count;
	of->name = keep(&at, raw->method);
	of->uri = keep(&at, raw->uri);
	of->from = keep(&at, view->from);
	of->to = keep(&at, view->to);
	of->call_id = keep(&at, view->call_id);
	of->local_tag = keep(&at, view->from_tag);
	of->remote_tag = keep(&at, view->to_tag);
	of->sent_by = keep(&at, sent_by);
	of->route_lines = keep(&at, lines);
	return FAILOVER_OK;
}

static uint32_t method_of(const struct fo_wire_request *of)
{
	int in_dialog = of->remote_tag[0] != '\0';

	if (!strcmp(of->name, "INVITE"))
		return FAILOVER_INVITE;
	if (!strcmp(of->name, "BYE") && in_dialog)
		return FAILOVER_BYE;
	if (!strcmp(of->name, "REGISTER") && !in_dialog)
		return FAILOVER_REGISTER;
	return !strcmp(of->name, "OPTIONS") && !in_dialog ? FAILOVER_OPTIONS : FAILOVER_OTHER;
}

static struct fo_wire_request *create(struct failover_wire *wire, struct fo_wire_line *line,
				      const struct ua_message *message, struct ua_part bytes,
				      int *error)
{
	struct fo_wire_request *of = calloc(1, sizeof(*of) + bytes.length + 1);

	*error = FAILOVER_ERR_MEMORY;
	if (!of || ua_timers_reserve(&wire->ua.timers, 1)) {
		free(of);
		return NULL;
	}
	wire->counters.requests++;
	of->given.text = fo_wire_request_text;
	of->wire = wire;
	of->refs = 1;
	of->line = line->line;
	of->cookie = ++wire->cookies;
	of->cseq = message->view.cseq;
	of->vias_count = (uint8_t)message->serving.vias_count;
	of->target = wire->local[0];
	of->timer.fire = on_timer;
	of->count = bytes.length;
	of->body_count = (uint32_t)message->raw.body_count;
	if (!ua_raw_first(&message->raw, UA_RAW_CONTENT_LENGTH))
		of->length_at =
			ua_line_end(bytes, ua_raw_place(&message->raw, message->raw.first_line));
	memcpy(of->bytes, bytes.text, bytes.length);
	of->has_credentials = ua_raw_first(&message->raw, UA_RAW_AUTHORIZATION) ||
			      ua_raw_first(&message->raw, UA_RAW_PROXY_AUTHORIZATION);
	*error = fo_wire_via_read(&message->raw, &of->via);
	if (!*error)
		*error = keep_texts(of, message);
	if (*error) {
		fo_wire_request_unref(of);
		return NULL;
	}
	of->method = method_of(of);
	if (of->has_credentials)
		fo_wire_line_answered(wire, line, &message->raw);
	ua_map_add(&wire->requests, &of->by_key,
		   key_of(wire, line, &message->view, message->raw.method));
	ua_map_add(&wire->cookie_table, &of->by_cookie,
		   ua_map_hash_number(&wire->cookie_table, of->cookie));
	return of;
}

/* B9: where its dialog lives; one that is not known, where the line is. */
static void set_dialog(struct fo_wire_request *of)
{
	const struct fo_wire_names names = { of->call_id, of->local_tag, of->remote_tag };
	struct failover_line_state state = { .size = sizeof(state) };
	struct fo_wire_dialog *dialog;

	if (!of->remote_tag[0])
		return;
	of->has_dialog = 1;
	dialog = fo_wire_dialog_of(of->wire, of->line, &names);
	if (dialog)
		of->dialog = dialog->target;
	else if (!failover_line_state(of->wire->engine, of->line, &state))
		of->dialog = state.serving;
}

/* B36: what it calls is in its Request-URI. */
static void set_emergency(struct fo_wire_request *of)
{
	const struct ua_account *account = ua_account_find(&of->wire->ua, of->line);

	of->is_emergency = of->method == FAILOVER_INVITE && !of->has_dialog && account &&
			   ua_emergency_is(account, of->uri);
}

/* ---- core --------------------------------------------------------------------------------- */

/* An INVITE may ring for as long as it likes, and others may be silent for 64*T1: one place stays
 * for what is no call, and one for a BYE, which waits for nothing but BYEs. */
static int may_submit(const struct fo_wire_request *of, const struct fo_wire_line *line,
		      uint32_t room)
{
	if (of->method == FAILOVER_BYE || of->is_emergency || !line->submitted)
		return 1;
	return room > (of->method == FAILOVER_INVITE ? 2 : 1);
}

static int submit(struct fo_wire_request *of, struct fo_wire_line *line)
{
	struct failover_request_params params = { .size = sizeof(params),
						  .method = of->method,
						  .cookie = of->cookie };
	int error;

	if (of->has_dialog)
		params.dialog = &of->dialog;
	if (of->is_emergency)
		params.flags = FAILOVER_REQUEST_EMERGENCY;
	error = failover_submit(of->wire->engine, of->line, &params, of->wire->now, &of->request);
	if (error == FAILOVER_ERR_FULL || error == FAILOVER_ERR_LIMIT)
		return error;
	leave_queue(of);
	if (error) {
		fo_wire_made(of, 503, "");
	} else {
		line->submitted++;
		fo_wire_request_ref(of); /* the core's, until its result */
	}
	wait_unheard(of, 0);
	return FAILOVER_OK;
}

int fo_wire_request_next(struct fo_wire_line *line)
{
	struct failover_line_state state = { .size = sizeof(state) };
	struct fo_wire_request *of = line->queue ? TAILQ_FIRST(&line->queue->waiting) : NULL, *next;

	for (; of; of = next) {
		next = TAILQ_NEXT(of, waits);
		if (failover_line_state(of->wire->engine, of->line, &state))
			state.room = 2; /* the core says what is wrong */
		if (!state.room && !of->is_emergency)
			return FAILOVER_OK;
		if (may_submit(of, line, state.room) && submit(of, line))
			return FAILOVER_ERR_FULL;
	}
	return FAILOVER_OK;
}

/* ---- in ----------------------------------------------------------------------------------- */

int fo_wire_request_take(struct failover_wire *wire, struct fo_wire_line *line,
			 const struct ua_message *message, struct ua_part bytes)
{
	struct fo_wire_request *of;
	int error;

	if (fo_wire_request_find(wire, line, message, message->raw.method)) {
		wire->counters.repeated++;
		return FAILOVER_OK;
	}
	if (line->queue && line->queue->count >= FAILOVER_WIRE_LIMIT_WAITING)
		return FAILOVER_ERR_FULL;
	of = create(wire, line, message, bytes, &error);
	if (!of)
		return error;
	if (of->method == FAILOVER_INVITE) /* RFC 3261 17.1.1.2: A and B stop */
		fo_wire_made(of, 100, "");
	else
		ua_timer_set(&wire->ua.timers, &of->timer, wire->now + STACK_F_MS);
	if (of->method == FAILOVER_REGISTER)
		return fo_wire_register(wire, line, of, message);
	set_dialog(of);
	set_emergency(of);
	if (fo_wire_line_wait(line, of))
		fo_wire_made(of, 503, "");
	return FAILOVER_OK;
}

void fo_wire_request_cancel(struct fo_wire_request *of)
{
	if (of->status)
		return;
	if (of->is_waiting) {
		leave_queue(of);
		fo_wire_made(of, 487, "");
		return;
	}
	(void)failover_give_up(of->wire->engine, of->request, of->wire->now);
}

/* ---- answers ------------------------------------------------------------------------------ */

void fo_wire_request_answer(struct fo_wire_request *of, uint32_t status, struct ua_part bytes)
{
	struct failover_wire *wire = of->wire;
	uint64_t ms = of->method == FAILOVER_INVITE ? UA_64T1 * UA_T1_MS : UA_T4_MS;

	if (of->status)
		return;
	if (bytes.text)
		(void)fo_wire_put(wire, FAILOVER_WIRE_TO_STACK, of->line, &of->target, bytes);
	else
		wire->counters.lost++;
	if (status < 200)
		return;
	if (!of->waits_unheard)
		leave_queue(of);
	of->status = status;
	free(of->answer);
	of->answer = NULL;
	ua_timer_set(&wire->ua.timers, &of->timer, wire->now + ms);
}

/* RFC 3261 8.1.3.1: what a failure of the transport or silence looks like. */
static uint32_t status_of(const struct failover_result *result)
{
	uint32_t reason = FAILOVER_REASON_NO_ANSWER;

	if (result->reports_count)
		reason = result->reports[result->reports_count - 1].reason;
	switch ((enum failover_reason)reason) {
	case FAILOVER_REASON_NONE:
	case FAILOVER_REASON_NO_ANSWER:
	case FAILOVER_REASON_BAD_ANSWER:
		return 408;
	case FAILOVER_REASON_STATUS:
		return fo_wire_status_for_stack(result->status);
	case FAILOVER_REASON_ICMP:
	case FAILOVER_REASON_REFUSED:
	case FAILOVER_REASON_RESET:
	case FAILOVER_REASON_CONNECT_TIMEOUT:
	case FAILOVER_REASON_TLS:
	case FAILOVER_REASON_LOCAL:
	case FAILOVER_REASON_UNSUPPORTED:
		break;
	}
	return 503;
}

static void answer_stored(struct fo_wire_request *of, uint32_t status)
{
	struct ua_part bytes = { of->answer, of->answer_count };

	fo_wire_request_answer(of, status, bytes);
}

void fo_wire_request_challenged(struct fo_wire_request *of, uint32_t status)
{
	answer_stored(of, status);
	(void)failover_give_up(of->wire->engine, of->request, of->wire->now);
}

static void end(struct fo_wire_request *of, const struct failover_result *result)
{
	switch ((enum failover_outcome)result->outcome) {
	case FAILOVER_OUTCOME_ANSWERED:
		if (of->answer && of->answer_attempt == result->attempt)
			answer_stored(of, result->status);
		else
			fo_wire_made(of, result->status, "");
		break;
	case FAILOVER_OUTCOME_FAILED:
		if (of->answer && result->status)
			answer_stored(of, result->status);
		else
			fo_wire_made(of, status_of(result), "");
		break;
	case FAILOVER_OUTCOME_GIVEN_UP:
		fo_wire_made(of, of->method == FAILOVER_INVITE ? 487 : 503, "");
		break;
	}
}

void fo_wire_request_result(struct failover_wire *wire, const struct failover_result *result)
{
	struct fo_wire_request *of = fo_wire_request_of(wire, result->cookie);
	struct fo_wire_line *line = fo_wire_line_find(wire, result->line);

	if (!of || !of->request)
		return;
	of->request = 0;
	if (line) {
		line->submitted--;
		fo_wire_line_due(wire, line);
	}
	if (!of->status)
		end(of, result);
	if (of->method == FAILOVER_BYE && !ua_auth_is_challenge(result->status)) {
		const struct fo_wire_names names = { of->call_id, of->local_tag, of->remote_tag };

		fo_wire_dialog_end(wire, of->line, &names);
	}
	fo_wire_request_unref(of);
}

/* ---- all ---------------------------------------------------------------------------------- */

void fo_wire_requests_drop(struct failover_wire *wire, uint32_t line)
{
	struct ua_map_node *node = ua_map_walk(&wire->requests, NULL), *next;

	for (; node; node = next) {
		struct fo_wire_request *of = UA_CONTAINER(node, struct fo_wire_request, by_key);

		next = ua_map_walk(&wire->requests, node);
		if (!line) {
			of->refs = 1;
			fo_wire_request_unref(of);
		} else if (of->line == line && !of->status) {
			fo_wire_made(of, 503, "");
		} else if (of->line == line && of->waits_unheard) {
			leave_queue(of);
			wait_unheard(of, 0);
		}
	}
}
