/* SPDX-License-Identifier: MIT */
/*
 * failover_below.h - libfailover below a stack, ready to run: one line of a configuration, its
 * engine, sockets and domain names, on a thread of their own.
 *
 * The adapters beside this folder use it, and so may yours: what the stack would send goes to
 * failover_below_send(), what is for the stack comes to `message`. Links with libfailover-wire,
 * libfailover-config, libfailover-dns, libfailover.
 *
 * Every function may be called from any thread, and none of them waits but failover_below_close().
 * The callbacks come from the thread of failover_below_open(): they do not block, and they do not
 * call failover_below_close(). Functions return 0 or a negative enum failover_error.
 */
#ifndef FAILOVER_BELOW_H
#define FAILOVER_BELOW_H

#include <failover/config.h>
#include <failover/wire_net.h>

#ifdef __cplusplus
extern "C" {
#endif

struct failover_below;

struct failover_below_params {
	/* The device, and which of its lines (0 = the first). Borrowed until the end. */
	const struct failover_config *config;
	uint32_t line;
	/* What the configuration does not say; NULL = nothing. */
	const char *auth_user, *auth_password;
	const char *dns; /* servers, as in dns.h; NULL = the system's */
	/* Where to listen; family 0 = any address. Port 0 = any free one. */
	struct failover_target listen;
	void *user; /* first argument of the following */
	/* A message for the stack; with a door never called. */
	/*
	 * For stacks that take no bytes: a UDP socket at this address (port 0 = any free one,
	 * which is filled in), which the stack has as its outbound proxy. What is for the stack
	 * goes to where it has sent from last; a Record-Route of the door keeps it in the
	 * dialogs. NULL = none.
	 */
	struct failover_target *door;
	void (*message)(void *user, const struct failover_target *from, const char *bytes,
			size_t count);
	/* May be NULL. `started` is called first on the new thread. */
	void (*started)(void *user);
	void (*event)(void *user, const struct failover_event *event);
	void (*result)(void *user, const struct failover_result *result);
	void (*log)(void *user, uint32_t level, const char *text);
	void (*dns_news)(void *user, const struct failover_dns_news *news);
};

/* Opens sockets and starts the thread. ERR_IO: an address cannot be had (errno says why). The line
 * starts when its names are known, and registers with the stack's first REGISTER. */
int failover_below_open(const struct failover_below_params *params, struct failover_below **out);
/* The stack has ended its registration and its calls before: what a server has not answered yet is
 * waited for, 2 s at most. NULL is allowed. */
void failover_below_close(struct failover_below *below);

/* The stack sends this. A response goes where its request has come from. ERR_FULL: too many wait;
 * ERR_ARGUMENT: it is too long, or a response to nothing. */
int failover_below_send(struct failover_below *below, const char *bytes, size_t count);
/*
 * "host:port", as the stack writes it in Via and Contact: there the address that the line's server
 * is reached from takes its place, with its transport. A Record-Route with it keeps the requests of
 * a dialog on this way, wherever the peer's Contact leads; servers never see it. Copied. With a
 * door it is known from what comes through that.
 */
int failover_below_stack_at(struct failover_below *below, const char *address);

/* A person wants to be registered now (B22c); the device has another address. */
int failover_below_register(struct failover_below *below);
int failover_below_network_changed(struct failover_below *below);

#ifdef __cplusplus
}
#endif
#endif
