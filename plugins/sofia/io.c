/* SPDX-License-Identifier: MIT */
/* io.c - failover.io/1: connections, and su_root, which turns inside the host's loop, by the one
 * descriptor of its epoll.
 *
 * su has no call that names it. It is found by a descriptor of our own that su watches: of all
 * descriptors of the process only su's epoll can be told to go on watching that one. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <sofia-sip/su_alloc.h>
#include "../../ua/message.h"
#include "../../ua/net/stream_way.h"
#include "message.h"

#define TURNS 64 /* of su_root in one call of process(); a turn takes a few descriptors */
#define DESCRIPTORS_MAX 65536

/* ---- the descriptor ----------------------------------------------------------------------- */

/* Never called: nothing is written to it. */
static int on_sentinel(su_root_magic_t *magic, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	(void)magic, (void)wait, (void)arg;
	return 0;
}

static int watches(int epoll, int fd)
{
	struct epoll_event nothing = { .events = 0 };

	/* ENOENT: another program's epoll; EINVAL, EPERM, EBADF: none. Nothing has changed then. */
	return !epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &nothing);
}

int fo_sofia_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > DESCRIPTORS_MAX)
		return DESCRIPTORS_MAX;
	return (int)limit.rlim_cur;
}

int fo_sofia_find_epoll(struct fo_sofia *ua)
{
	su_wait_t wait[1] = { SU_WAIT_INIT };
	int fd, most = fo_sofia_descriptors();

	ua->sentinel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (ua->sentinel < 0 || su_wait_create(wait, ua->sentinel, SU_WAIT_IN))
		return FAILOVER_ERR_IO;
	ua->sentinel_at = su_root_register(ua->root, wait, on_sentinel, NULL, 0);
	if (ua->sentinel_at < 0)
		return FAILOVER_ERR_IO;
	for (fd = 0; fd < most; fd++)
		if (fd != ua->sentinel && watches(fd, ua->sentinel)) {
			ua->epoll = fd;
			return FAILOVER_OK;
		}
	errno = ENOTSUP; /* the environment variable SU_PORT chose something else */
	return FAILOVER_ERR_IO;
}

/* ---- messages ----------------------------------------------------------------------------- */

/* The parser is told that this is a body (transport.c), so here are the bytes as they came. */
static const sip_payload_t *bytes_of(msg_t *message)
{
	const sip_t *sip = sip_object(message);

	return sip ? sip->sip_payload : NULL;
}

static void take(struct fo_sofia *ua, msg_t *message)
{
	const sip_payload_t *bytes = bytes_of(message);
	struct failover_target from;
	char *text;

	if (!bytes || !bytes->pl_data || fo_sofia_message_source(message, &from)) {
		ua->base.counters.received++;
		ua->base.counters.garbage++;
		return;
	}
	text = su_zalloc(msg_home(message), bytes->pl_len + 1);
	if (!text)
		return;
	memcpy(text, bytes->pl_data, bytes->pl_len);
	ua_message_arrived(&ua->serving, text, bytes->pl_len, &from);
}

void fo_sofia_received(struct fo_sofia *ua, msg_t *message)
{
	take(ua, message);
	msg_destroy(message);
}

void fo_sofia_received_text(struct ua *base, const char *text, size_t count,
			    const struct failover_target *from)
{
	ua_message_arrived(&fo_sofia(base)->serving, text, count, from);
}

/* ---- failover.io/1 ------------------------------------------------------------------------ */

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	const struct fo_sofia *ua = inst;

	if (max)
		out[0] = (struct failover_io_fd){ ua->epoll, FAILOVER_IO_READ };
	return 1 + ua_streams_fds(&ua->streams, max ? out + 1 : NULL, max ? max - 1 : 0);
}

static uint64_t io_deadline(void *inst)
{
	const struct fo_sofia *ua = inst;
	uint64_t at = ua_deadline(&ua->base);

	return ua->stack_at < at ? ua->stack_at : at;
}

static int io_local(void *inst, uint32_t transport, struct failover_target *out)
{
	const struct fo_sofia *ua = inst;

	return ua_streams_local(&ua->streams, transport, out);
}

/* Before tport reads them, too, without what they quote (B21b). */
static void take_errors(struct fo_sofia *ua)
{
	ua->errors_count = 0;
	while (ua->errors_count < FO_ERRORS_AT_ONCE &&
	       ua_icmp_next(ua->udp_fd, &ua->errors[ua->errors_count]))
		ua->errors_count++;
	ua_icmp_forget(ua->udp_fd);
}

static void tell_errors(struct fo_sofia *ua)
{
	uint32_t i;

	for (i = 0; i < ua->errors_count; i++) {
		ua->base.counters.icmp++;
		ua_undelivered(&ua->base, &ua->errors[i]);
	}
}

/* What has arrived goes first: an answer that is there wins over a timer that is due. */
static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	struct fo_sofia *ua = inst;
	su_duration_t wait;
	int left = TURNS;

	do {
		take_errors(ua);
		wait = su_root_step(ua->root, 0);
		tell_errors(ua);
	} while (!wait && --left);
	ua->stack_at =
		wait == SU_WAIT_FOREVER ? FAILOVER_NO_DEADLINE : ua_now(&ua->base) + (uint64_t)wait;
	ua_streams_process(&ua->streams, ready, count);
	ua_run_timers(&ua->base);
}

static void io_network_changed(void *inst)
{
	struct fo_sofia *ua = inst;

	ua_streams_check(&ua->streams);
}

const struct failover_ext_io fo_sofia_ext_io = {
	.size = sizeof(struct failover_ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
	.local = io_local,
	.network_changed = io_network_changed,
};
