/* SPDX-License-Identifier: MIT */
/*
 * test.c - failover.test/1: what failover-validate needs to drive a sender that has the three hooks
 * alone. Not for the firmware itself; README.md has the command that builds the sender for the
 * validator.
 */
#include <stdio.h>
#include <string.h>
#include <failover/ext/test.h>
#include "sender.h"

static int has_control(const char *text)
{
	while ((unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return *text != '\0';
}

static int copy(char *out, size_t size, const char *text)
{
	if (!text || strlen(text) >= size || has_control(text))
		return FAILOVER_ERR_ARGUMENT;
	snprintf(out, size, "%s", text);
	return FAILOVER_OK;
}

/* The Request-URI has a port where one is configured (B1a). */
static int registrar_set(char out[64], const struct failover_registrar_identity *registrar)
{
	char port[8] = "";

	if (!registrar->address || has_control(registrar->address))
		return FAILOVER_ERR_ARGUMENT;
	if (registrar->port)
		snprintf(port, sizeof(port), ":%u", (unsigned)(registrar->port & 0xffffu));
	return (size_t)snprintf(out, 64, "%s%s", registrar->address, port) < 64
		       ? FAILOVER_OK
		       : FAILOVER_ERR_ARGUMENT;
}

static int line_set(void *inst, const struct failover_line_identity *identity)
{
	struct sender_account account = { .line = identity->line };
	uint32_t i;
	int error = copy(account.user, sizeof(account.user), identity->user);

	if (!error)
		error = copy(account.domain, sizeof(account.domain), identity->domain);
	for (i = 0; !error && i < identity->registrars_count && i < SENDER_REGISTRARS; i++)
		error = registrar_set(account.registrars[i], &identity->registrars[i]);
	if (!error)
		sender_account_set(inst, &account);
	return error;
}

static int line_targets(void *inst, uint32_t line, const struct failover_target *targets,
			uint32_t count)
{
	struct sender *sender = inst;

	if (line != sender->account.line || count > SENDER_TARGETS)
		return FAILOVER_ERR_ARGUMENT;
	memset(sender->account.targets, 0, sizeof(sender->account.targets));
	memcpy(sender->account.targets, targets, count * sizeof(*targets));
	return FAILOVER_OK;
}

static uint32_t fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	if (max)
		out[0] = (struct failover_io_fd){ sender_fd(inst), FAILOVER_IO_READ };
	return 1;
}

static uint64_t deadline(void *inst)
{
	return sender_deadline(inst);
}

static void process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	(void)ready, (void)count;
	sender_process(inst);
}

static int call_new(void *inst, uint32_t line, const char *uri, const char *sdp, uint64_t *call)
{
	(void)line, (void)sdp;
	*call = sender_call(inst, uri);
	return *call ? FAILOVER_OK : FAILOVER_ERR_FULL;
}

static void call_free(void *inst, uint64_t number)
{
	struct call *call = sender_call_find(inst, number);

	if (call)
		memset(call, 0, sizeof(*call));
}

static const struct failover_ext_test ext_test = {
	.size = sizeof(ext_test),
	.lacks = FAILOVER_TEST_NO_DIGEST | FAILOVER_TEST_NO_INCOMING | FAILOVER_TEST_ONE_LINE |
		 FAILOVER_TEST_OWN_OFFER,
	.line_set = line_set,
	.line_targets = line_targets,
	.fds = fds,
	.deadline = deadline,
	.process = process,
	.call_new = call_new,
	.call_free = call_free,
};

const void *sender_get_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_TEST) ? NULL : &ext_test;
}
