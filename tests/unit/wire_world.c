/* SPDX-License-Identifier: MIT */
/* wire_world.c - the clock, the network and the servers: see wire_world.h. */
#include "wire_world.h"
#include "wire_stack.h"

char *part_of(const char *text, const char *after, const char *end, char *out, size_t size)
{
	const char *at = strstr(text, after);

	out[0] = '\0';
	if (at) {
		at += strlen(after);
		snprintf(out, size, "%.*s", (int)strcspn(at, end), at);
	}
	return out;
}

/* ---- network ------------------------------------------------------------------------------ */

uint32_t world_random(uint32_t *generator)
{
	*generator = *generator * 1664525u + 1013904223u;
	return *generator >> 8;
}

static struct packet *packet_new(struct world *world, int server, const char *text)
{
	size_t i;

	for (i = 0; i < PACKETS; i++)
		if (!world->packets[i].text) {
			world->packets[i] = (struct packet){ .at = world->now + DELAY_MS,
							     .server = server,
							     .text = strdup(text) };
			return &world->packets[i];
		}
	ck_abort_msg("the network is full");
	return NULL;
}

static struct held *held_of(struct world *world, int number, const char *request);

/* A BYE for a dialog of this server has left. */
static void note_bye(struct world *world, int server, const char *text)
{
	struct held *held = strncmp(text, "BYE ", 4) ? NULL : held_of(world, server, text);

	if (held)
		held->was_hung_up = 1;
}

static int is_lost(struct world *world)
{
	return world->loss && world_random(&world->generator) % 100 < world->loss;
}

void server_send(struct world *world, int server, const char *text)
{
	if (!is_lost(world))
		packet_new(world, server, text)->is_up = 1;
}

static void to_network(struct world *world, const struct failover_wire_output *output)
{
	int i;

	if (output->count >= TEXT)
		return; /* more than the path lets through */
	memcpy(world->sent, output->bytes, output->count + 1);
	world->sent_to = output->peer;
	for (i = 0; i < (int)SERVERS; i++)
		if (failover_target_same_address(&world->server[i].at, &output->peer)) {
			note_bye(world, i, output->bytes);
			if (!is_lost(world))
				packet_new(world, i, output->bytes)->is_icmp =
					world->server[i].is_icmp;
			return;
		}
}

void world_drain(struct world *world)
{
	struct failover_wire_output output = { .size = sizeof(output) };

	while (failover_wire_poll(world->wire, &output)) {
		if (output.kind == FAILOVER_WIRE_TO_NETWORK)
			to_network(world, &output);
		else
			stack_hear(world, output.bytes, &output.peer);
	}
}

/* ---- servers ------------------------------------------------------------------------------ */

static void add_header(const char *request, const char *name, char *out)
{
	char value[2000];

	part_of(request, name, "\r", value, sizeof(value));
	sprintf(out + strlen(out), "%s%s\r\n", name + 2, value);
}

/* All of them, as they are in the request. */
static void add_vias(const char *request, char *out)
{
	const char *at = request, *end = strstr(request, "\r\n\r\n");

	while ((at = strstr(at, "\r\nVia: ")) && at < end) {
		at += 2;
		sprintf(out + strlen(out), "%.*s\r\n", (int)strcspn(at, "\r"), at);
	}
}

static void write_head(struct server *server, struct served *served, uint32_t status, char *out)
{
	const char *request = served->request;
	char to[600];

	sprintf(out, "SIP/2.0 %u Said\r\n", status);
	add_vias(request, out);
	add_header(request, "\r\nFrom: ", out);
	part_of(request, "\r\nTo: ", "\r", to, sizeof(to));
	sprintf(out + strlen(out), "To: %s", to);
	if (!strstr(to, ";tag=") && status > 100) {
		if (!served->last[0] || !strstr(served->last, "\r\nTo: ") ||
		    !strstr(strstr(served->last, "\r\nTo: "), ";tag=s"))
			server->tags++;
		sprintf(out + strlen(out), ";tag=s%u%u", server->at.address[3], server->tags);
	}
	strcat(out, "\r\n");
	add_header(request, "\r\nCall-ID: ", out);
	add_header(request, "\r\nCSeq: ", out);
}

static void hold(struct world *world, struct server *server, const char *response)
{
	char call_id[80], tag[40];
	size_t i;

	part_of(response, "\r\nCall-ID: ", "\r", call_id, sizeof(call_id));
	part_of(strstr(response, "\r\nTo: "), ";tag=", "\r", tag, sizeof(tag));
	for (i = 0; i < DIALOGS && server->held[i].call_id[0]; i++)
		if (!strcmp(server->held[i].call_id, call_id) && !strcmp(server->held[i].tag, tag))
			return;
	ck_assert_uint_lt(i, DIALOGS);
	server->held[i].is_up = 1;
	server->held[i].since = world->now;
	strcpy(server->held[i].call_id, call_id);
	strcpy(server->held[i].tag, tag);
}

static struct held *held_at(struct server *server, const char *request)
{
	char call_id[80], tag[40], to[600];
	size_t i;

	part_of(request, "\r\nCall-ID: ", "\r", call_id, sizeof(call_id));
	part_of(request, "\r\nTo: ", "\r", to, sizeof(to));
	part_of(to, ";tag=", ";", tag, sizeof(tag));
	for (i = 0; i < DIALOGS; i++)
		if (!strcmp(server->held[i].call_id, call_id) &&
		    !strcmp(server->held[i].tag, tag) && call_id[0])
			return &server->held[i];
	return NULL;
}

static struct held *held_of(struct world *world, int number, const char *request)
{
	struct held *held = held_at(&world->server[number], request);

	return held || !world->is_shared ? held : held_at(&world->server[!number], request);
}

static void write_rest(struct server *server, const struct served *served, uint32_t status,
		       char *out)
{
	unsigned host = server->at.address[3];

	if (!strcmp(served->method, "REGISTER") && status == 200) {
		add_header(served->request, "\r\nContact: ", out);
		sprintf(out + strlen(out) - 2, "%s\r\n", server->gruu ? server->gruu : "");
		add_header(served->request, "\r\nExpires: ", out);
		strcat(out, server->extra ? server->extra : "");
	} else if (!strcmp(served->method, "INVITE") && status > 100 && status < 300) {
		sprintf(out + strlen(out), "Contact: <sip:1002@192.0.2.%u:5060>\r\n", host);
		if (server->does_record_route)
			sprintf(out + strlen(out), "Record-Route: <sip:192.0.2.%u;lr>\r\n", host);
	}
	if (status == 401 || status == 407)
		sprintf(out + strlen(out),
			"%s-Authenticate: Digest realm=\"%s\", nonce=\"n%u\", algorithm=MD5\r\n",
			status == 401 ? "WWW" : "Proxy", server->wants, host);
	strcat(out, "Content-Length: 0\r\n\r\n");
}

static int is_there(const struct server *server)
{
	return !server->is_silent && !server->is_icmp;
}

static void respond(struct world *world, int number, struct served *served, uint32_t status)
{
	struct server *server = &world->server[number];
	char text[TEXT];

	write_head(server, served, status, text);
	write_rest(server, served, status, text);
	strcpy(served->last, text);
	served->status = status;
	if (!strcmp(served->method, "INVITE") && status >= 200 && status < 300) {
		hold(world, server, text);
		served->interval = 500;
		served->at = world->now + served->interval;
	}
	if (is_there(server))
		server_send(world, number, text);
}

static const struct script *script_of(const struct server *server, const char *method)
{
	static const struct script invite = { "INVITE", { { 100, 0 }, { 180, 50 }, { 200, 100 } } };
	static const struct script other = { "", { { 200, 0 } } };
	size_t i;

	for (i = 0; i < 6; i++)
		if (server->scripts[i].method && !strcmp(server->scripts[i].method, method))
			return &server->scripts[i];
	return strcmp(method, "INVITE") ? &other : &invite;
}

static void next_reply(struct world *world, int number, struct served *served)
{
	const struct script *script = script_of(&world->server[number], served->method);

	served->at = 0;
	while (served->next < REPLIES && script->replies[served->next].status) {
		const struct reply *reply = &script->replies[served->next++];

		respond(world, number, served, reply->status);
		if (served->next < REPLIES && script->replies[served->next].status &&
		    script->replies[served->next].after_ms) {
			served->at = world->now + script->replies[served->next].after_ms;
			return;
		}
	}
}

static void begin(struct world *world, int number, struct served *served)
{
	struct server *server = &world->server[number];
	const struct script *script = script_of(server, served->method);
	struct held *held = held_of(world, number, served->request);

	if (server->wants && server->wants[0] && !strstr(served->request, "uthorization: ")) {
		respond(world, number, served, strcmp(served->method, "REGISTER") ? 407 : 401);
		return;
	}
	if (!strcmp(served->method, "BYE") && held)
		held->is_up = 0;
	if (script->replies[0].after_ms)
		served->at = world->now + script->replies[0].after_ms;
	else
		next_reply(world, number, served);
}

static struct served *served_of(struct server *server, const char *branch, const char *method)
{
	size_t i;

	for (i = 0; i < TRANSACTIONS && server->served[i].is_used; i++)
		if (!strcmp(server->served[i].branch, branch) &&
		    !strcmp(server->served[i].method, method))
			return &server->served[i];
	ck_assert_uint_lt(i, TRANSACTIONS);
	return &server->served[i];
}

static void on_ack(struct world *world, int number, const char *branch, const char *text)
{
	struct server *server = &world->server[number];
	struct served *invite = served_of(server, branch, "INVITE");
	struct held *held = held_of(world, number, text);
	size_t i;

	if (invite->is_used) {
		invite->acked = 1;
		invite->at = 0;
		return;
	}
	if (!held)
		return;
	held->is_acked = 1;
	for (i = 0; i < TRANSACTIONS; i++) /* no more of its 2xx */
		if (strstr(server->served[i].last, held->call_id) &&
		    server->served[i].status / 100 == 2 &&
		    !strcmp(server->served[i].method, "INVITE"))
			server->served[i].at = 0;
}

static void on_cancel(struct world *world, int number, const char *branch)
{
	struct served *invite = served_of(&world->server[number], branch, "INVITE");

	if (invite->is_used && invite->status < 200) {
		invite->next = REPLIES;
		invite->at = 0;
		respond(world, number, invite, 487);
	}
}

static void server_hear(struct world *world, int number, const char *text)
{
	struct server *server = &world->server[number];
	char branch[160], method[16];
	struct served *served;

	if (server->is_silent || !strncmp(text, "SIP/2.0", 7))
		return;
	server->packets++;
	strcpy(server->last, text);
	part_of(text, "branch=", ";\r,", branch, sizeof(branch));
	part_of(text, "", " ", method, sizeof(method));
	if (!strcmp(method, "ACK")) {
		on_ack(world, number, branch, text);
		return;
	}
	served = served_of(server, branch, method);
	if (served->is_used) {
		if (served->last[0])
			server_send(world, number, served->last);
		return;
	}
	served->is_used = 1;
	strcpy(served->branch, branch);
	strcpy(served->method, method);
	strcpy(served->request, text);
	if (!strcmp(method, "CANCEL"))
		on_cancel(world, number, branch);
	begin(world, number, served);
}

static void server_timer(struct world *world, int number, struct served *served)
{
	if (served->status / 100 == 2 && !strcmp(served->method, "INVITE")) {
		served->interval *= 2;
		served->at = served->interval > 16000 ? 0 : world->now + served->interval;
		if (is_there(&world->server[number]))
			server_send(world, number, served->last);
		return;
	}
	next_reply(world, number, served);
}

/* ---- clock -------------------------------------------------------------------------------- */

static void deliver(struct world *world, struct packet *packet)
{
	struct failover_target *from = &world->server[packet->server].at;
	char *text = packet->text;
	struct failover_wire_trouble trouble = { .size = sizeof(trouble),
						 .reason = FAILOVER_REASON_ICMP,
						 .peer = *from,
						 .quoted = text,
						 .quoted_count = strlen(text) };

	packet->text = NULL;
	if (packet->is_icmp)
		ck_assert_int_eq(failover_wire_trouble(world->wire, &trouble, world->now), 0);
	else if (packet->is_up)
		ck_assert_int_eq(
			failover_wire_received(world->wire, from, text, strlen(text), world->now),
			0);
	else
		server_hear(world, packet->server, text);
	free(text);
	world_drain(world);
}

static uint64_t next_at(const struct world *world)
{
	uint64_t next = failover_wire_next_deadline(world->wire), own = stack_next(world);
	size_t i, j;

	next = own < next ? own : next;
	for (i = 0; i < PACKETS; i++)
		if (world->packets[i].text && world->packets[i].at < next)
			next = world->packets[i].at;
	for (i = 0; i < SERVERS; i++)
		for (j = 0; j < TRANSACTIONS; j++)
			if (world->server[i].served[j].at && world->server[i].served[j].at < next)
				next = world->server[i].served[j].at;
	return next;
}

static void do_due(struct world *world)
{
	size_t i, j;

	for (i = 0; i < PACKETS; i++)
		if (world->packets[i].text && world->packets[i].at <= world->now)
			deliver(world, &world->packets[i]);
	for (i = 0; i < SERVERS; i++)
		for (j = 0; j < TRANSACTIONS; j++)
			if (world->server[i].served[j].at &&
			    world->server[i].served[j].at <= world->now)
				server_timer(world, (int)i, &world->server[i].served[j]);
	failover_wire_handle_timeout(world->wire, world->now);
	world_drain(world);
	stack_timers(world);
	world_drain(world);
}

void world_run(struct world *world, uint64_t ms)
{
	uint64_t until = world->now + ms, next;

	world_drain(world);
	while ((next = next_at(world)) <= until) {
		if (next > world->now)
			world->now = next;
		do_due(world);
	}
	world->now = until;
}

/* ---- life --------------------------------------------------------------------------------- */

static void on_event(void *user, const struct failover_event *event)
{
	((struct world *)user)->moves += event->kind == FAILOVER_EVENT_MOVED;
}

static void set_line(struct world *world, const char *backup)
{
	const struct failover_registrar_identity registrars[] = {
		{ .size = sizeof(registrars[0]), .address = "192.0.2.1" },
		{ .size = sizeof(registrars[0]), .address = backup },
	};
	const struct failover_line_identity identity = { .size = sizeof(identity),
							 .line = world->line,
							 .user = "1001",
							 .domain = world->domain,
							 .auth_user = "1001",
							 .auth_password = world->is_without_password
										  ? NULL
										  : "secret",
							 .registrars = registrars,
							 .registrars_count = SERVERS };

	ck_assert_int_eq(failover_wire_line_set(world->wire, &identity, world->now), 0);
}

static void open_world(struct world *world, const char *domain, uint32_t transport)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = 1,
						 .memory = failover_memory_default() };
	struct failover_target targets[SERVERS] = { { .family = 0 } };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = SERVERS,
					     .targets_count = SERVERS,
					     .targets = targets,
					     .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_wire_params params = { .size = sizeof(params),
					       .user = world,
					       .event = on_event };

	memset(world, 0, sizeof(*world));
	world->now = 1000;
	world->domain = domain;
	failover_target_set(&targets[0], "192.0.2.1", 5060, transport);
	failover_target_set(&targets[1], "192.0.2.2", 5060, transport);
	targets[1].registrar = 1;
	world->server[0].at = targets[0];
	world->server[1].at = targets[1];
	line.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	line.settings.profile = failover_profile_available(FAILOVER_PROFILE_V3)
					? FAILOVER_PROFILE_DEFAULT
					: FAILOVER_PROFILE_V3;
	ck_assert_int_eq(failover_engine_new(&engine, &world->engine), 0);
	params.engine = world->engine;
	failover_target_set(&params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	ck_assert_int_eq(failover_wire_new(&params, world->now, &world->wire), 0);
	ck_assert_int_eq(failover_line_add(world->engine, &line, world->now, &world->line), 0);
	set_line(world, "192.0.2.2");
	ck_assert_int_eq(
		failover_wire_line_targets(world->wire, world->line, targets, SERVERS, world->now),
		0);
}

void world_open(struct world *world)
{
	open_world(world, "example.com", FAILOVER_UDP);
}

void world_open_without_domain(struct world *world)
{
	open_world(world, NULL, FAILOVER_UDP);
	world->domain = "192.0.2.1";
}

void world_open_with_backup(struct world *world, const char *name)
{
	open_world(world, NULL, FAILOVER_UDP);
	set_line(world, name);
	world->domain = "192.0.2.1";
}

void world_open_without_password(struct world *world)
{
	open_world(world, "example.com", FAILOVER_UDP);
	world->is_without_password = 1;
	set_line(world, "192.0.2.2");
}

void world_open_tcp(struct world *world)
{
	open_world(world, "example.com", FAILOVER_TCP);
}

void world_close(struct world *world)
{
	size_t i;

	ck_assert_uint_eq(world->timeouts, 0);
	failover_wire_free(world->wire);
	failover_engine_free(world->engine);
	for (i = 0; i < PACKETS; i++)
		free(world->packets[i].text);
}

void world_script(struct world *world, int server, struct script script)
{
	size_t i;

	for (i = 0; i < 6; i++)
		if (!world->server[server].scripts[i].method ||
		    !strcmp(world->server[server].scripts[i].method, script.method)) {
			world->server[server].scripts[i] = script;
			return;
		}
	ck_abort_msg("too many scripts");
}

unsigned world_seen(const struct world *world, int server, const char *method)
{
	unsigned i, count = 0;

	for (i = 0; i < TRANSACTIONS; i++)
		count += world->server[server].served[i].is_used &&
			 !strcmp(world->server[server].served[i].method, method);
	return count;
}

const char *world_request(const struct world *world, int server, const char *method)
{
	const char *found = "";
	size_t i;

	for (i = 0; i < TRANSACTIONS; i++)
		if (world->server[server].served[i].is_used &&
		    !strcmp(world->server[server].served[i].method, method))
			found = world->server[server].served[i].request;
	return found;
}

unsigned world_up(const struct world *world, int server)
{
	unsigned i, count = 0;

	for (i = 0; i < DIALOGS; i++)
		count += world->server[server].held[i].is_up;
	return count;
}

unsigned world_ghosts(const struct world *world)
{
	unsigned count = world_up(world, PRIMARY) + world_up(world, BACKUP);

	return world->call.is_up && count ? count - 1 : count;
}
