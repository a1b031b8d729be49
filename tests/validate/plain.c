/* SPDX-License-Identifier: MIT */
/* plain.c - descriptor, hooks and failover.io/1 of the plugin that failover-validate is tested
 * with.
 */
#include "plain.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAK_FROM 60 /* opens of one process before anything is leaked */
#define LEAKED_BYTES 128u

/* What only a wrong plugin has: something that all instances share. */
static struct {
	struct plain *latest;
	unsigned opened;
	void *leaked;
} shared;

bool plain_wrong(const struct plain *ua, const char *what)
{
	return ua->wrong && !strcmp(ua->wrong, what);
}

uint64_t plain_now(const struct plain *ua)
{
	return ua->host->now(ua->host->ctx);
}

void plain_token(const struct plain *ua, char out[PLAIN_TOKEN])
{
	unsigned char bytes[(PLAIN_TOKEN - 1) / 2] = { 0 };
	size_t i;

	(void)ua->host->random(ua->host->ctx, bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* ---- life --------------------------------------------------------------------------------- */

static void leak(struct plain *ua)
{
	shared.latest = ua;
	if (++shared.opened > LEAK_FROM && plain_wrong(ua, "open-close") && dup(ua->fd) < 0)
		abort();
	if (plain_wrong(ua, "open-close.memory")) {
		void **block = calloc(1, LEAKED_BYTES);

		if (!block)
			abort();
		*block = shared.leaked;
		shared.leaked = block;
	}
}

static bool sizes_are_good(const struct failover_host *host,
			   const struct failover_open_params *params, const char *wrong)
{
	if (wrong && !strcmp(wrong, "older-host")) /* not asked for */
		return params->user == NULL;
	if (wrong && !strcmp(wrong, "newer-host") &&
	    (host->size != sizeof(*host) || params->size != sizeof(*params)))
		return false;
	return host->size >= offsetof(struct failover_host, lost) &&
	       params->size >= offsetof(struct failover_open_params, accept);
}

static int plain_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	const char *wrong = getenv("FAILOVER_WRONG");
	struct plain *ua;
	int error;

	if (!sizes_are_good(host, params, wrong))
		return FAILOVER_ERR_ARGUMENT;
	ua = calloc(1, sizeof(*ua));
	if (!ua || parser_init()) {
		free(ua);
		return FAILOVER_ERR_MEMORY;
	}
	ua->host = host;
	ua->wrong = wrong;
	ua->accept_any = params->accept_any;
	ua->events = host->get_extension(host->ctx, FAILOVER_EXT_CALL_EVENTS);
	error = plain_net_open(ua, &params->listen);
	if (error) {
		free(ua);
		return error;
	}
	error = plain_thread_start(ua);
	if (error) {
		close(ua->fd);
		free(ua);
		return error;
	}
	leak(ua);
	*inst = ua;
	return 0;
}

static void plain_close(void *inst)
{
	struct plain *ua = inst;
	struct plain_client *client;

	plain_thread_stop(ua);
	if (plain_wrong(ua, "close-busy"))
		for (client = ua->clients; client; client = client->next)
			if (client->attempt.id)
				ua->host->unreachable(ua->host->ctx, client->attempt.id,
						      FAILOVER_REASON_ICMP);
	plain_clients_free(ua);
	plain_calls_sweep(ua, true);
	plain_lines_free(ua);
	while (ua->served) {
		struct plain_served *served = ua->served;

		ua->served = served->next;
		sip_packet_free(&served->packet);
		free(served);
	}
	close(ua->fd);
	free(ua);
}

/* ---- hooks -------------------------------------------------------------------------------- */

static void *say_elsewhere(void *arg)
{
	const struct plain *ua = arg;

	ua->host->log(ua->host->ctx, FAILOVER_LOG_DEBUG, "from another thread");
	return NULL;
}

/* As one of a later edition that trusts a size of its own. The sanitizer would stop it everywhere,
 * not only where nothing follows. */
__attribute__((no_sanitize_address)) static void
reads_too_far(const struct failover_attempt *attempt)
{
	(void)*(const volatile uint32_t *)&attempt[1].size;
}

static int plain_send(void *inst, const struct failover_attempt *attempt)
{
	struct plain *ua = inst;
	pthread_t thread;

	if (plain_wrong(ua, "two-instances"))
		ua = shared.latest;
	if (plain_wrong(ua, "threads") && !pthread_create(&thread, NULL, say_elsewhere, ua))
		pthread_join(thread, NULL);
	ua->was_used = true;
	plain_clients_sweep(ua);
	if (plain_wrong(ua, "older-attempt"))
		reads_too_far(attempt);
	return plain_request_send(ua, attempt);
}

static int plain_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	struct plain *ua = inst;

	if (!attempt && plain_wrong(ua, "unknown-ids"))
		return FAILOVER_ERR_STALE;
	return plain_client_stop(ua, attempt, reason);
}

static void plain_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct plain *ua = inst;
	const struct plain_client *client;
	uint32_t count = !ua->thread.runs;

	if ((count && max) || plain_wrong(ua, "fds-bounds"))
		out[0] = (struct failover_io_fd){ ua->fd, FAILOVER_IO_READ };
	for (client = ua->clients; client; client = client->next) {
		if (client->fd < 0 || client->dead)
			continue;
		if (count < max)
			out[count] = (struct failover_io_fd){
				client->fd, client->connected ? FAILOVER_IO_READ : FAILOVER_IO_WRITE
			};
		count++;
	}
	return count;
}

static uint64_t io_deadline(void *inst)
{
	const struct plain *ua = inst;
	uint64_t clients = plain_client_deadline(ua), calls = plain_call_deadline(ua);

	if (plain_wrong(ua, "no-spin") && ua->clients)
		return plain_now(ua);
	if (ua->idle_at && ua->idle_at < clients)
		clients = ua->idle_at;
	return clients < calls ? clients : calls;
}

/* Only a wrong plugin gets here with idle_at set. */
static void grow_impatient(struct plain *ua)
{
	static const char ping[] = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;"
				   "branch=z9hG4bKi\r\nFrom: <sip:x>;tag=1\r\nTo: <sip:x>\r\n"
				   "Call-ID: i\r\nCSeq: 1 OPTIONS\r\n\r\n";

	if (!ua->idle_at || plain_now(ua) < ua->idle_at)
		return;
	ua->idle_at = 0;
	if (ua->was_used)
		return;
	while (plain_wrong(ua, "idle.hang"))
		;
	(void)plain_net_send(ua, &ua->lines->targets[0], ping, sizeof(ping) - 1);
}

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct plain *ua = inst;

	(void)ready, (void)count;
	plain_net_process(ua);
	plain_client_timers(ua);
	plain_call_timers(ua);
	grow_impatient(ua);
	plain_clients_sweep(ua);
	plain_calls_sweep(ua, false);
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct plain *ua = inst;

	if (transport != FAILOVER_UDP && transport != FAILOVER_TCP && !plain_wrong(ua, "local"))
		return FAILOVER_ERR_UNSUPPORTED;
	*out = (struct failover_target){ .family = 4,
					 .port = ua->port,
					 .transport = (uint8_t)transport };
	return 0;
}

void plain_receive(struct plain *ua, const char *text, size_t length, const struct peer *from,
		   struct plain_client *client)
{
	struct sip_msg msg;

	ua->was_used = true;
	if (plain_wrong(ua, "garbage") && memchr(text, '\0', length))
		abort();
	if (!sip_parse(&msg, text, length)) {
		if (plain_wrong(ua, "cut-off") && !client)
			plain_answer(ua, NULL, text);
		return;
	}
	if (msg.status)
		plain_answer(ua, &msg, text);
	else if (!client)
		plain_incoming(ua, &msg, from);
	if (msg.osip)
		sip_free(&msg);
}

/* ---- descriptor --------------------------------------------------------------------------- */

static const struct failover_ext_io ext_io = {
	.size = sizeof(ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
};

/* What a sender that has the three hooks alone offers. */
static const struct failover_ext_test ext_test = {
	.size = sizeof(ext_test),
	.line_set = plain_line_set,
	.line_targets = plain_line_targets,
	.line_remove = plain_line_remove,
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.call_new = plain_call_new,
	.call_free = plain_call_free,
};

static bool is_wrong(const char *what)
{
	const char *wrong = getenv("FAILOVER_WRONG");

	return wrong && !strcmp(wrong, what);
}

static const void *plain_get_extension(const char *id)
{
	static const struct failover_ext_call empty;

	/* The three hooks and failover.test/1 alone. */
	if (getenv("FAILOVER_HOOKS_ALONE"))
		return strcmp(id, FAILOVER_EXT_TEST) ? NULL : &ext_test;
	if (!strcmp(id, FAILOVER_EXT_LINE))
		return &plain_ext_line;
	if (!strcmp(id, FAILOVER_EXT_CALL) && !is_wrong("extension-structs"))
		return &plain_ext_call;
	if (!strcmp(id, FAILOVER_EXT_IO))
		return &ext_io;
	if (is_wrong("extension-structs") && !strcmp(id, FAILOVER_EXT_CALL))
		return &empty;
	if (!strcmp(id, FAILOVER_EXT_TEST))
		return NULL;
	return is_wrong("unknown-extension") ? &plain_ext_line : NULL;
}

/* Not const, as it should be: see below. */
FAILOVER_PLUGIN_EXPORT extern struct failover_plugin failover_plugin_entry;
struct failover_plugin failover_plugin_entry = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(struct failover_plugin),
	.id = "plain",
	.version = "1.0",
	.stack = "none",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_COUNTS_TRANSMISSIONS | FAILOVER_CAP_LIMITS_TRANSMISSIONS |
			FAILOVER_CAP_REPORTS_ICMP | FAILOVER_CAP_OWNS_RETRANSMISSION |
			FAILOVER_CAP_STOPS | FAILOVER_CAP_TCP,
	.open = plain_open,
	.close = plain_close,
	.send = plain_send,
	.timeout = plain_timeout,
	.response = plain_response,
	.get_extension = plain_get_extension,
};

/* A descriptor is read before any code of the plugin runs, so it is made wrong while loading. */
__attribute__((constructor)) static void spoil_descriptor(void)
{
	struct failover_plugin *plugin = &failover_plugin_entry;

	if (is_wrong("load"))
		plugin->abi = 999;
	if (is_wrong("load.hook"))
		plugin->timeout = NULL;
	if (is_wrong("load.license"))
		plugin->license = NULL;
	if (is_wrong("descriptor"))
		plugin->id = "A Wrong/Plugin";
	if (is_wrong("capabilities"))
		plugin->capabilities |= UINT64_C(1) << 40;
	if (is_wrong("wakeup") || getenv("FAILOVER_THREAD"))
		plugin->capabilities |= FAILOVER_CAP_OWN_THREAD;
	if (is_wrong("tls"))
		plugin->capabilities |= FAILOVER_CAP_TLS;
}
