/* SPDX-License-Identifier: MIT */
/* plan.c - what a seed makes happen: a world, then steps in which the stack, its peers and the
 * faults do something, then a world that is well, in which everything must come to its end. */
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>
#include "plans.h"

#define STEPS 10u

/* ---- chance ------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t draw(struct sim *sim, uint32_t most)
{
	return most ? (uint32_t)((next_random(&sim->random) >> 32) % most) : 0;
}

int chance(struct sim *sim, uint32_t percent)
{
	return percent && draw(sim, 100) < percent;
}

static uint64_t *host_random;

/* The system's: so keys and branches are the seed's, too. */
__attribute__((visibility("default"))) ssize_t getrandom(void *bytes, size_t count, unsigned flags)
{
	unsigned char *at_byte = bytes;
	size_t i;

	(void)flags;
	for (i = 0; i < count; i++)
		at_byte[i] = (unsigned char)(next_random(host_random) >> 24);
	return (ssize_t)count;
}

/* ---- words -------------------------------------------------------------------------------- */

void fail(struct sim *sim, const char *format, ...)
{
	va_list list;

	if (sim->failure[0])
		return;
	va_start(list, format);
	vsnprintf(sim->failure, sizeof(sim->failure), format, list);
	va_end(list);
	snprintf(sim->failure + strlen(sim->failure), sizeof(sim->failure) - strlen(sim->failure),
		 " (at %llu ms)", (unsigned long long)sim->now);
	trace(sim, "FAILS: %s", sim->failure);
}

void trace(struct sim *sim, const char *format, ...)
{
	char text[600];
	va_list list;

	if (!sim->trace)
		return;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	text[strcspn(text, "\r")] = '\0';
	printf("%9llu %s\n", (unsigned long long)sim->now, text);
}

/* ---- world -------------------------------------------------------------------------------- */

static void draw_world(struct sim *sim)
{
	uint32_t i;

	sim->servers = 2 + (uint32_t)chance(sim, 30);
	sim->transport = chance(sim, 20) ? FAILOVER_TCP : FAILOVER_UDP;
	sim->is_shared = chance(sim, 80);
	sim->is_proxies = chance(sim, 20);
	sim->does_record_route = chance(sim, 50);
	sim->does_merge = chance(sim, 30);
	sim->domain = chance(sim, 60) ? "example.com" : "192.0.2.1";
	sim->jitter_ms = chance(sim, 30) ? 300 : 0;
	sim->doubles = chance(sim, 30) ? 10 : 0;
	for (i = 0; i < sim->servers; i++) {
		char address[20];

		snprintf(address, sizeof(address), "192.0.2.%u", i + 1);
		failover_target_set(&sim->server[i].at, address, 5060, sim->transport);
		sim->server[i].at.registrar = sim->is_proxies ? 0 : i;
		sim->server[i].at.hop = sim->is_proxies ? i + 1 : 0;
		sim->server[i].wants = chance(sim, 25);
	}
	if (sim->is_proxies && !strcmp(sim->domain, "192.0.2.1"))
		sim->domain = "192.0.2.1";
}

static int set_line(struct sim *sim, uint32_t place, const struct failover_target *targets)
{
	char user[8];
	static const char *const names[SERVERS] = { "192.0.2.1", "192.0.2.2", "192.0.2.3" };
	struct failover_registrar_identity registrars[SERVERS];
	struct failover_proxy_identity proxies[SERVERS];
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .line = sim->line[place],
						   .user = user,
						   .auth_user = user,
						   .auth_password = sim->kind == KIND_NO_PASSWORD
									    ? ""
									    : "secret",
						   .registrars = registrars };
	uint32_t i;

	snprintf(user, sizeof(user), "10%u1", place % 10);
	memset(registrars, 0, sizeof(registrars));
	memset(proxies, 0, sizeof(proxies));
	for (i = 0; i < SERVERS; i++) {
		registrars[i].size = sizeof(registrars[i]);
		registrars[i].address = names[i];
		proxies[i].size = sizeof(proxies[i]);
		proxies[i].address = names[i];
	}
	identity.domain = sim->domain[0] == 'e' ? sim->domain : NULL;
	identity.registrars_count = sim->is_proxies ? 1 : sim->servers;
	identity.proxies = sim->is_proxies ? proxies : NULL;
	identity.proxies_count = sim->is_proxies ? sim->servers : 0;
	return failover_wire_line_set(sim->wire, &identity, sim->now) ||
	       failover_wire_line_targets(sim->wire, sim->line[place], targets, sim->servers,
					  sim->now);
}

static int open_world(struct sim *sim)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .seed = sim->seed,
						 .memory = failover_memory_default() };
	struct failover_target targets[SERVERS];
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = sim->is_proxies ? 1 : sim->servers,
					     .targets_count = sim->servers,
					     .targets = targets,
					     .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_wire_params params = { .size = sizeof(params) };
	uint32_t i, profile = chance(sim, 70) ? FAILOVER_PROFILE_V3 : FAILOVER_PROFILE_V2;

	for (i = 0; i < sim->servers; i++)
		targets[i] = sim->server[i].at;
	sim->keeps_alive = (uint32_t)chance(sim, 20);
	line.settings.keepalive =
		sim->keeps_alive ? FAILOVER_KEEPALIVE_OPTIONS : FAILOVER_KEEPALIVE_OFF;
	line.settings.profile =
		failover_profile_available(profile) ? profile : FAILOVER_PROFILE_DEFAULT;
	if (failover_engine_new(&engine, &sim->engine))
		return -1;
	params.engine = sim->engine;
	failover_target_set(&params.local, "192.0.2.99", 5060, FAILOVER_UDP);
	if (failover_wire_new(&params, sim->now, &sim->wire))
		return -1;
	sim->lines = sim->kind == KIND_LINES ? LINES : 1;
	for (i = 0; i < sim->lines; i++)
		if (failover_line_add(sim->engine, &line, sim->now, &sim->line[i]) ||
		    set_line(sim, i, targets))
			return -1;
	return 0;
}

/* ---- faults ------------------------------------------------------------------------------- */

static void set_mode(struct sim *sim, uint32_t number, enum mode mode)
{
	struct server *server = &sim->server[number];

	if (server->mode == mode)
		return;
	trace(sim, "server %u: mode %d", number, mode);
	server->mode = mode;
	if (sim->transport != FAILOVER_UDP && mode == REFUSING)
		network_reset(sim, number);
}

static void set_loss(struct sim *sim, uint32_t loss)
{
	if (sim->transport != FAILOVER_UDP)
		return;
	trace(sim, "loss: %u %%", loss);
	if (loss)
		sim->lossless_since = UINT64_MAX;
	else if (sim->lossless_since == UINT64_MAX)
		sim->lossless_since = sim->now;
	sim->loss = loss;
}

static void disturb(struct sim *sim)
{
	uint32_t number = draw(sim, sim->servers);
	struct server *server = &sim->server[number];

	switch (draw(sim, 12)) {
	case 0:
	case 1:
		set_mode(sim, number, server->mode == DEAD ? ALIVE : DEAD);
		break;
	case 2:
		set_mode(sim, number, server->mode == REFUSING ? ALIVE : REFUSING);
		break;
	case 3:
	case 4:
	case 5:
		server->invites = draw(sim, 18);
		break;
	case 6:
		server->registers = draw(sim, 8);
		break;
	case 7:
		server->others = draw(sim, 8);
		break;
	case 8:
		set_loss(sim, draw(sim, 3) * 15);
		break;
	case 9:
		server->is_mute = !server->is_mute;
		break;
	case 10:
		server->slow_ms = server->slow_ms ? 0 : 1000 + draw(sim, 6000);
		break;
	default:
		set_mode(sim, number, ALIVE);
		server->is_mute = 0;
		server->registers = server->invites = 0;
		break;
	}
	trace(sim, "server %u: invites %u registers %u others %u mute %d slow %u", number,
	      server->invites, server->registers, server->others, server->is_mute, server->slow_ms);
	server_note_good(sim, number);
}

static void heal(struct sim *sim)
{
	uint32_t i;

	trace(sim, "all is well");
	set_loss(sim, 0);
	sim->doubles = 0;
	for (i = 0; i < sim->servers; i++) {
		set_mode(sim, i, ALIVE);
		sim->server[i].is_mute = 0;
		sim->server[i].slow_ms = 0;
		sim->server[i].registers = sim->server[i].invites = sim->server[i].others = 0;
		server_note_good(sim, i);
	}
}

/* ---- what happens ------------------------------------------------------------------------- */

static struct dialog *any_dialog(struct sim *sim, struct call **call, int state)
{
	uint32_t i, j, first = draw(sim, CALLS);

	for (i = 0; i < sim->calls; i++) {
		*call = &sim->call[(first + i) % sim->calls];
		for (j = 0; j < FORKS; j++)
			/* RFC 3261 15: no BYE before the ACK. */
			if ((*call)->dialogs[j].state == state && !(*call)->again_at &&
			    (state != DIALOG_EARLY ||
			     ((*call)->invite &&
			      sim->transaction[(*call)->invite - 1].state == PROCEEDING)))
				return &(*call)->dialogs[j];
	}
	return NULL;
}

static struct held *any_held(struct sim *sim)
{
	uint32_t i, first = draw(sim, HELD);

	for (i = 0; i < sim->held_count; i++) {
		struct held *held = &sim->held[(first + i) % sim->held_count];

		if (held->is_up && held->is_acked && sim->server[held->server].mode == ALIVE)
			return held;
	}
	return NULL;
}

static void act_in_dialog(struct sim *sim, int state)
{
	static const char *const up[] = {
		"INFO", "UPDATE", "INVITE", "REFER", "MESSAGE", "NOTIFY"
	};
	static const char *const early[] = { "PRACK", "UPDATE" };
	struct call *call;
	struct dialog *dialog = any_dialog(sim, &call, state);

	if (dialog)
		stack_in_dialog(sim, call, dialog,
				state == DIALOG_UP ? up[draw(sim, 6)] : early[draw(sim, 2)]);
}

static void act_cancel(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->calls; i++)
		if (sim->call[i].invite && chance(sim, 60))
			stack_cancel(sim, sim->call[i].invite - 1);
}

static void act(struct sim *sim)
{
	static const char *const others[] = { "MESSAGE", "OPTIONS", "SUBSCRIBE", "PUBLISH" };
	static const char *const of_peers[] = { "BYE", "INFO", "INVITE", "BYE" };
	struct call *call;
	struct dialog *dialog;
	struct held *held;

	sim->current = sim->lines > 1 ? draw(sim, sim->lines) : 0;
	switch (draw(sim, 12)) {
	case 0:
	case 1:
	case 2:
		stack_call(sim);
		break;
	case 3:
	case 4:
		dialog = any_dialog(sim, &call, DIALOG_UP);
		if (dialog)
			stack_in_dialog(sim, call, dialog, "BYE");
		break;
	case 5:
		act_in_dialog(sim, DIALOG_UP);
		break;
	case 6:
		act_in_dialog(sim, DIALOG_EARLY);
		break;
	case 7:
		act_cancel(sim);
		break;
	case 8:
		stack_outside(sim, others[draw(sim, 4)]);
		break;
	case 9:
		sim->contact += draw(sim, 2);
		stack_register(sim, chance(sim, 80) ? 600 : 0);
		break;
	case 10:
		caller_call(sim, draw(sim, sim->servers));
		break;
	default:
		held = any_held(sim);
		if (held)
			caller_in_dialog(sim, held, of_peers[draw(sim, 4)]);
		break;
	}
}

/* ---- the end ------------------------------------------------------------------------------ */

static void hang_up(struct sim *sim)
{
	uint32_t i, j;

	for (i = 0; i < sim->calls; i++) {
		if (sim->call[i].invite)
			stack_cancel(sim, sim->call[i].invite - 1);
		for (j = 0; j < FORKS; j++)
			if (sim->call[i].dialogs[j].state == DIALOG_UP)
				stack_in_dialog(sim, &sim->call[i], &sim->call[i].dialogs[j],
						"BYE");
	}
}

/* All is well, and the stack calls: it must be as if nothing had been. */
static void check_well_of(struct sim *sim, uint32_t line)
{
	uint32_t place = sim->transactions, next;

	sim->current = line;

	stack_register(sim, 600);
	network_run(sim, sim->now + 40000);
	for (next = place; next < sim->transactions; next++)
		if (!strcmp(sim->transaction[next].method, "REGISTER"))
			place = next; /* its answer to a challenge */
	if (sim->transaction[place].status != 200)
		fail(sim, "all is well, and REGISTER is answered %u",
		     sim->transaction[place].status);
	sim->calls = sim->calls == CALLS ? CALLS - 1 : sim->calls;
	stack_call(sim);
	network_run(sim, sim->now + 40000);
	place = sim->call[sim->calls - 1].invite - 1;
	if (sim->transaction[place].status != 200 && sim->transaction[place].status != 487)
		fail(sim, "all is well, and INVITE is answered %u", sim->transaction[place].status);
	hang_up(sim);
}

static void check_well(struct sim *sim)
{
	uint32_t line;

	for (line = 0; line < sim->lines; line++)
		check_well_of(sim, line);
}

static void run(struct sim *sim)
{
	uint32_t step;

	for (sim->current = sim->lines; sim->current-- > 0;)
		stack_register(sim, 600);
	sim->current = 0;
	network_run(sim, sim->now + draw(sim, 1500));
	for (step = 0; step < STEPS && !sim->failure[0]; step++) {
		if (chance(sim, 55))
			disturb(sim);
		act(sim);
		network_run(sim, sim->now + (chance(sim, 50) ? draw(sim, 700) : draw(sim, 12000)));
	}
	heal(sim);
	network_run(sim, sim->now + 150000);
	hang_up(sim);
	caller_ends(sim);
	network_run(sim, sim->now + 150000);
	if (!sim->failure[0])
		check_well(sim);
	network_run(sim, sim->now + 150000);
	if (!sim->failure[0])
		oracle_end(sim);
}

int plan_run(struct sim *sim, uint64_t seed)
{
	const enum kind kind = sim->kind;
	int is_traced = sim->trace;

	memset(sim, 0, offsetof(struct sim, queue));
	sim->kind = kind;
	sim->trace = is_traced;
	sim->seed = seed;
	sim->random = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
	sim->host_random = ~sim->random;
	sim->now = 1000;
	host_random = &sim->host_random;
	draw_world(sim);
	if (open_world(sim))
		fail(sim, "the world cannot be made");
	else
		run(sim);
	failover_wire_free(sim->wire);
	failover_engine_free(sim->engine);
	network_clear(sim);
	return sim->failure[0] ? -1 : 0;
}
