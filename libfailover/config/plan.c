/* SPDX-License-Identifier: MIT */
/* What a line of a configuration would do in the worst case: an engine is opened with it, and asked
 * (B20a). */
#include <string.h>

#include <failover/config.h>

/* FNV-1a, without regard to case: one name, one number. */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
	}
	return hash;
}

int failover_config_stand_in(void *user, const char *name, uint32_t port, uint32_t transport,
			     struct failover_target *out, uint32_t max)
{
	uint64_t hash = hash_of(name);

	(void)user;
	(void)port;
	if (max == 0)
		return 0;
	memset(out, 0, sizeof(*out));
	out->family = 6;
	out->address[0] = 1; /* 100::/64 */
	for (int i = 0; i < 8; i++)
		out->address[15 - i] = (uint8_t)(hash >> (8 * i));
	if (transport == FAILOVER_TRANSPORT_AUTO)
		out->transport = FAILOVER_UDP;
	return 1;
}

static int line_add(struct failover_engine *engine, const struct failover_config_line *line,
		    const struct failover_target *targets, uint32_t count, uint32_t *id)
{
	uint32_t expires_s[FAILOVER_LIMIT_REGISTRARS];
	struct failover_line_params params = {
		.size = sizeof(params),
		.registrars = line->servers_count,
		.targets_count = count,
		.targets = targets,
		.expires_s = expires_s,
		.settings = line->settings,
	};

	for (uint32_t i = 0; i < line->servers_count; i++)
		expires_s[i] = line->servers[i].expires_s;
	/* A request alone: what else a line does of itself is not of this plan. */
	params.settings.keepalive = FAILOVER_KEEPALIVE_OFF;
	return failover_line_add(engine, &params, 0, id);
}

/* The first server takes the line. */
static int make_registered(struct failover_engine *engine, uint32_t id)
{
	struct failover_answer answer = { .size = sizeof(answer), .status = 200 };
	struct failover_output out;
	uint64_t attempt = 0;
	int error = failover_register(engine, id, 0);

	while (failover_poll(engine, &out))
		if (out.kind == FAILOVER_OUTPUT_ATTEMPT)
			attempt = out.u.attempt.id;
	failover_response(engine, attempt, &answer, 0);
	while (failover_poll(engine, &out))
		; /* nobody else wants to know */
	return error;
}

int failover_config_plan(const struct failover_config_line *line,
			 const struct failover_target *targets, uint32_t count, uint32_t method,
			 struct failover_plan *plan)
{
	struct failover_engine_params params = { .size = sizeof(params),
						 .max_addresses = FAILOVER_LIMIT_TARGETS,
						 .max_outputs = 128,
						 .memory = failover_memory_default() };
	struct failover_request_params request = {
		.size = sizeof(request),
		.method = method & ~FAILOVER_CONFIG_PLAN_EMERGENCY,
		.flags = method & FAILOVER_CONFIG_PLAN_EMERGENCY ? FAILOVER_REQUEST_EMERGENCY : 0,
	};
	struct failover_engine *engine;
	uint32_t id;
	int error = failover_engine_new(&params, &engine);

	if (error)
		return error;
	error = line_add(engine, line, targets, count, &id);
	if (!error && method != FAILOVER_REGISTER)
		error = make_registered(engine, id);
	if (!error)
		error = failover_plan(engine, id, &request, 0, plan);
	failover_engine_free(engine);
	return error;
}
