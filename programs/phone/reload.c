/* SPDX-License-Identifier: MIT */
/*
 * reload.c - reads the configuration, at the start and again. A new configuration is planned as a
 * whole, and waits until its names are answered, before anything of it takes effect. At the start
 * each line waits for its own.
 */
#include "phone.h"
#include "spread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* So many lines start in one turn of the loop. Answers are read in between: with ten thousand lines
 * at once all requests would be under way before the first answer is heard. */
#define START_MOST 64u

static void on_config_error(void *user, const struct failover_config_error *error)
{
	*(int *)user = 1;
	fputs(error->file, stderr);
	if (error->line)
		fprintf(stderr, ":%u", (unsigned)error->line);
	if (error->line && error->column)
		fprintf(stderr, ":%u", (unsigned)error->column);
	fprintf(stderr, ": %s\n", error->text);
}

int phone_config_load(struct phone *phone, struct failover_config **config)
{
	int told = 0;
	int error = failover_config_read(phone->options.config, on_config_error, &told, config);

	if (error != 0 && !told)
		fprintf(stderr, PHONE_PROGRAM ": %s: %s\n", phone->options.config,
			failover_strerror(error));
	return error;
}

/* A configuration that is to hold, with one plan for each line; a disabled line and one without
 * any address has no targets. */
struct phone_reload {
	struct failover_config *config;
	uint32_t started; /* at the start of the phone: so many lines are there */
	uint32_t begun;	  /* and so many of them have registered, or are about to */
	struct phone_spread spread;
	struct phone_line_plan plans[];
};

static void reload_free(struct phone_reload *reload)
{
	for (uint32_t i = 0; i < reload->config->lines_count; i++)
		phone_names_free(reload->plans[i].names);
	free(reload);
}

/* The configuration stays the caller's. NULL = no memory. */
static struct phone_reload *reload_new(struct phone *phone, struct failover_config *config)
{
	uint64_t now = phone_now(phone);
	struct phone_reload *reload =
		calloc(1, sizeof(*reload) + config->lines_count * sizeof(reload->plans[0]));

	if (!reload)
		return NULL;
	reload->config = config;
	for (uint32_t i = 0; i < config->lines_count; i++) {
		struct phone_line_plan *plan = &reload->plans[i];

		plan->config = config->lines[i];
		if (!plan->config->enable)
			continue;
		plan->names = phone_names_new(phone->resolver, plan->config, now);
		if (!plan->names) {
			reload_free(reload);
			return NULL;
		}
		plan->targets_count = phone_names_targets(plan->names, plan->targets);
	}
	return reload;
}

/* Look again at what is known. Returns 1 while some answer is awaited. */
static int reload_asking(struct phone_reload *reload)
{
	int asking = 0;

	for (uint32_t i = 0; i < reload->config->lines_count; i++) {
		struct phone_line_plan *plan = &reload->plans[i];

		if (!plan->names)
			continue;
		asking |= phone_names_asking(plan->names);
		plan->targets_count = phone_names_targets(plan->names, plan->targets);
	}
	return asking;
}

/* The names of a plan that holds now. */
static void plan_keep(struct phone *phone, struct phone_line_plan *plan)
{
	phone_lookup_keep(phone, plan->config->number, plan->names);
	plan->names = NULL;
}

static void line_error_say(const struct failover_config_line *config, const char *why)
{
	fprintf(stderr, PHONE_PROGRAM ": line %u: %s\n", (unsigned)config->number, why);
}

/* A line without a server's address starts when the DNS has answered (lookup.c). */
static void line_start(struct phone *phone, const struct phone_line_plan *plan, int registers)
{
	int error;

	if (!plan->config->enable)
		return;
	if (!phone_plan_ready(plan)) {
		if (!phone_names_asking(plan->names))
			line_error_say(plan->config, "no address of a server found yet");
		return;
	}
	error = phone_line_add(phone, plan, registers);
	if (error != 0)
		line_error_say(plan->config, failover_strerror(error));
}

int phone_config_start(struct phone *phone)
{
	phone->start = reload_new(phone, phone->config);
	if (!phone->start) {
		fputs(PHONE_PROGRAM ": no memory\n", stderr);
		return -1;
	}
	phone->start->spread = (struct phone_spread){
		.from = phone_now(phone),
		.over_ms = 1000 * phone->config->boot_spread_s,
		.count = phone->config->lines_count,
	};
	/* Without a random number the lines are at the beginning of their shares. */
	(void)!getrandom(&phone->start->spread.phase, sizeof(uint32_t), GRND_NONBLOCK);
	phone_config_start_step(phone);
	return 0;
}

/* Until this time the next lines register for the first time. */
static void start_begin(struct phone *phone, uint64_t until)
{
	struct phone_reload *start = phone->start;

	for (uint32_t i = 0; i < START_MOST && start->begun < start->started &&
			     phone_spread_at(&start->spread, start->begun) <= until;
	     i++) {
		uint32_t number = start->plans[start->begun++].config->number;
		struct phone_line *line = phone_map_get(&phone->lines_by_number, number);

		if (line)
			phone_line_begin(phone, line);
	}
}

static void start_drop(struct phone *phone)
{
	if (phone->start)
		reload_free(phone->start);
	phone->start = NULL;
}

/* Lines that had not had their turn register now. */
static void start_cut_short(struct phone *phone)
{
	while (phone->start && phone->start->begun < phone->start->started)
		start_begin(phone, UINT64_MAX);
	start_drop(phone);
}

uint64_t phone_config_start_at(const struct phone *phone)
{
	const struct phone_reload *start = phone->start;

	if (!start)
		return UINT64_MAX;
	if (phone->quitting || start->started < phone->config->lines_count ||
	    start->begun == start->started)
		return 0;
	return phone_spread_at(&start->spread, start->begun);
}

void phone_config_start_step(struct phone *phone)
{
	struct phone_reload *start = phone->start;
	uint32_t count = phone->config->lines_count;

	if (!start || phone->quitting) {
		start_drop(phone);
		return;
	}
	for (uint32_t i = 0; i < START_MOST && start->started < count; i++) {
		struct phone_line_plan *plan = &start->plans[start->started++];

		phone_stack_turn(phone); /* there is room for what it says */
		line_start(phone, plan, 0);
		plan_keep(phone, plan);
	}
	start_begin(phone, phone_now(phone));
	if (start->started < count || start->begun < count)
		return;
	start_drop(phone);
	if (phone->lines_by_number.used == 0 && phone->names.used == 0)
		fputs(PHONE_PROGRAM ": no line is in use\n", stderr);
}

/* The address of record, and where it is bound (B24b). */
static int bindings_equal(const struct failover_config_line *a,
			  const struct failover_config_line *b)
{
	if (strcmp(a->user, b->user) != 0 || strcmp(a->domain, b->domain) != 0 ||
	    a->servers_count != b->servers_count)
		return 0;
	for (uint32_t i = 0; i < a->servers_count; i++) {
		const struct failover_config_server *x = &a->servers[i], *y = &b->servers[i];

		if (strcmp(x->address, y->address) != 0 || x->port != y->port ||
		    x->transport != y->transport)
			return 0;
	}
	return 1;
}

/* Say what is wrong with the plan as a whole; returns 0 if nothing is. */
static int plans_refuse(const struct phone *phone, const struct failover_config *config,
			const struct phone_line_plan *plans)
{
	int refused = 0;

	for (uint32_t i = 0; i < config->lines_count; i++) {
		const struct failover_config_line *wanted = plans[i].config;
		const struct phone_line *line =
			phone_map_get(&phone->lines_by_number, wanted->number);

		if (!wanted->enable || plans[i].targets_count > 0)
			continue;
		/* DNS is down: a line that is as before goes on with its addresses (B1b), one that
		 * is not in use stays so. */
		if (!line || failover_config_line_equal(line->config, wanted))
			continue;
		line_error_say(wanted, "no address of a server found");
		refused = 1;
	}
	return refused;
}

static void line_apply(struct phone *phone, struct phone_line *line,
		       const struct phone_line_plan *plan)
{
	int error = 0;

	if (line->change || !bindings_equal(line->config, plan->config))
		error = phone_line_change(phone, line, plan);
	else if (!failover_config_line_equal(line->config, plan->config))
		error = phone_line_update(phone, line, plan);
	else if (plan->targets_count > 0)
		error = phone_line_retarget(phone, line, plan);
	line->config = plan->config;
	if (error != 0)
		line_error_say(plan->config, failover_strerror(error));
}

/* What is given to the stack and the engine when they are opened stays until the next start. The
 * lines' defaults are global too: who has none of its own sees them in its line. */
int phone_config_waits(const struct failover_config *old, const struct failover_config *config)
{
	struct failover_config now = *config;

	now.profile = old->profile;
	now.reg_fail_interval_s = old->reg_fail_interval_s;
	now.reg_fail_backoff = old->reg_fail_backoff;
	now.moves_per_second = old->moves_per_second;
	now.boot_spread_s = old->boot_spread_s;
	now.dead_time_s = old->dead_time_s;
	return !failover_config_global_equal(old, &now);
}

static void fixed_say(const struct failover_config *old, const struct failover_config *config)
{
	if (phone_config_waits(old, config))
		fputs(PHONE_PROGRAM ": sip_port, shared_health, accept_from, static_dns, stack "
				    "and tls_* take effect at the next start\n",
		      stderr);
}

/* Lines that the new configuration has no more, or has switched off. */
static void lines_gone(struct phone *phone, const struct failover_config *config)
{
	struct phone_map wanted = { 0 };
	const struct failover_config *old = phone->config;

	for (uint32_t i = 0; i < config->lines_count; i++) {
		struct failover_config_line *line = config->lines[i];

		/* Without memory to remember it the line would go: rather let all stay. */
		if (line->enable && phone_map_put(&wanted, line->number, line) != 0)
			goto out;
	}
	for (uint32_t i = 0; i < old->lines_count; i++) {
		uint32_t number = old->lines[i]->number;
		struct phone_line *line = phone_map_get(&phone->lines_by_number, number);

		if (phone_map_get(&wanted, number))
			continue;
		phone_lookup_keep(phone, number, NULL);
		if (line)
			phone_line_leave(phone, line);
	}
out:
	phone_map_clear(&wanted);
}

static void reload_apply(struct phone *phone, struct phone_reload *reload)
{
	struct failover_config *config = reload->config;

	start_cut_short(phone); /* what has not started is new */
	lines_gone(phone, config);
	(void)failover_move_limit(phone->engine, config->moves_per_second); /* it was checked */
	(void)failover_dead_time(phone->engine, config->dead_time_s);
	for (uint32_t i = 0; i < config->lines_count; i++) {
		struct phone_line_plan *plan = &reload->plans[i];
		struct phone_line *line =
			phone_map_get(&phone->lines_by_number, plan->config->number);

		if (line)
			line_apply(phone, line, plan);
		else
			line_start(phone, plan, 1);
		plan_keep(phone, plan);
	}
	fixed_say(phone->config, config);
	failover_config_free(phone->config);
	phone->config = config;
}

static int reload_end(struct phone *phone, struct phone_reload *reload)
{
	struct failover_config *config = reload->config;

	if (plans_refuse(phone, config, reload->plans)) {
		fputs(PHONE_PROGRAM ": the configuration stays as it was\n", stderr);
		reload_free(reload);
		failover_config_free(config);
		return -1;
	}
	reload_apply(phone, reload);
	reload_free(reload);
	phone_say(&phone->report, phone_now(phone), "configuration read again, lines in use: %u",
		  (unsigned)phone->lines_by_number.used);
	phone_web_config_changed(phone);
	return 0;
}

int phone_config_continue(struct phone *phone)
{
	struct phone_reload *reload = phone->reload;

	if (!reload || reload_asking(reload))
		return 0;
	phone->reload = NULL;
	return reload_end(phone, reload);
}

void phone_config_drop(struct phone *phone)
{
	struct failover_config *config;

	if (!phone->reload)
		return;
	config = phone->reload->config;
	reload_free(phone->reload);
	failover_config_free(config);
	phone->reload = NULL;
}

void phone_config_close(struct phone *phone)
{
	start_drop(phone);
	phone_config_drop(phone);
}

int phone_config_take(struct phone *phone, struct failover_config *config)
{
	int error;

	phone_config_drop(phone);
	phone_resolver_refresh(phone->resolver, phone_now(phone));
	phone->reload = reload_new(phone, config);
	if (!phone->reload) {
		fputs(PHONE_PROGRAM ": no memory, the configuration stays as it was\n", stderr);
		failover_config_free(config);
		return -1;
	}
	error = phone_config_continue(phone);
	if (phone->reload)
		phone_say(&phone->report, phone_now(phone),
			  "configuration read again, takes effect when its names are answered");
	return error;
}

void phone_config_reload(struct phone *phone)
{
	struct failover_config *config = NULL;

	phone_config_drop(phone);
	if (phone_config_load(phone, &config) == 0)
		(void)phone_config_take(phone, config);
	else
		fputs(PHONE_PROGRAM ": the configuration stays as it was\n", stderr);
}
