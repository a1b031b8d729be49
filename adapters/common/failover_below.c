/* SPDX-License-Identifier: MIT */
/*
 * failover_below.c - see failover_below.h.
 *
 *   stack --failover_below_send(), door--> [queue] --> failover_wire_send() --> network
 *   stack <--message(), door--------------------------- failover_wire_net_poll() <-- network
 */
#include "below.h"
#include "failover_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX 1024u
#define END_MS 2000u
#define FDS_MAX 256u
#define OWN_FDS 2u

uint64_t below_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now); /* B24d: registrations lapse while a device sleeps */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void below_say(struct failover_below *below, const char *what, int error)
{
	char text[160];

	if (!below->params.log)
		return;
	snprintf(text, sizeof(text), "%s: %s", what, failover_strerror(error));
	below->params.log(below->params.user, FAILOVER_LOG_WARNING, text);
}

void below_place(const struct failover_target *target, char out[PLACE_MAX])
{
	char text[80];

	snprintf(out, PLACE_MAX, "%.*s",
		 (int)strcspn(failover_target_text(target, text, sizeof(text)), ";"), text);
}

/* ---- orders of other threads -------------------------------------------------------------- */

static int order(struct failover_below *below, enum order_kind kind, const char *bytes,
		 size_t count)
{
	struct order *order = malloc(sizeof(*order) + count + 1);
	uint64_t one = 1;
	int error = FAILOVER_OK;

	if (!order)
		return FAILOVER_ERR_MEMORY;
	order->kind = kind;
	order->count = count;
	if (count)
		memcpy(order->bytes, bytes, count);
	pthread_mutex_lock(&below->mutex);
	if (below->orders_count >= WAITING_MAX) {
		error = FAILOVER_ERR_FULL;
	} else {
		STAILQ_INSERT_TAIL(&below->orders, order, entries);
		below->orders_count++;
	}
	pthread_mutex_unlock(&below->mutex);
	if (error)
		free(order);
	else if (write(below->wake, &one, sizeof(one)) < 0)
		return FAILOVER_OK; /* it is awake */
	return error;
}

int failover_below_send(struct failover_below *below, const char *bytes, size_t count)
{
	struct failover_target peer;

	if (!bytes || !count || count > FAILOVER_WIRE_MESSAGE_MAX ||
	    (failover_message_is_response(bytes, count) && failover_mark_read(bytes, count, &peer)))
		return FAILOVER_ERR_ARGUMENT;
	return order(below, SEND, bytes, count);
}

int failover_below_register(struct failover_below *below)
{
	return order(below, REGISTER, NULL, 0);
}

int failover_below_network_changed(struct failover_below *below)
{
	return order(below, NETWORK_CHANGED, NULL, 0);
}

int failover_below_stack_at(struct failover_below *below, const char *address)
{
	if (!address || strlen(address) >= PLACE_MAX)
		return FAILOVER_ERR_ARGUMENT;
	pthread_mutex_lock(&below->mutex);
	strcpy(below->stack_place, address);
	pthread_mutex_unlock(&below->mutex);
	return FAILOVER_OK;
}

/* A message that cannot be taken is as if it had been lost: the stack repeats it, or gives up. */
static void carry_out(struct failover_below *below, const struct order *order)
{
	int error = FAILOVER_OK;

	switch (order->kind) {
	case SEND:
		error = below_from_stack(below, order->bytes, order->count);
		break;
	case REGISTER:
		error = failover_register(below->engine, below->line, below_now());
		break;
	case NETWORK_CHANGED:
		failover_wire_net_network_changed(below->net, below_now());
		error = failover_network_changed(below->engine, below_now());
	}
	if (error)
		below_say(below, "what the stack wanted", error);
}

/* Before the line's names are known everything waits. */
static void orders_step(struct failover_below *below)
{
	struct orders orders = STAILQ_HEAD_INITIALIZER(orders);
	struct order *order;

	if (!below->line)
		return;
	pthread_mutex_lock(&below->mutex);
	STAILQ_CONCAT(&orders, &below->orders);
	below->orders_count = 0;
	pthread_mutex_unlock(&below->mutex);
	while ((order = STAILQ_FIRST(&orders))) {
		STAILQ_REMOVE_HEAD(&orders, entries);
		carry_out(below, order);
		free(order);
	}
}

/* ---- the door ----------------------------------------------------------------------------- */

static int door_open(struct failover_below *below, struct failover_target *at)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(at->port) };
	socklen_t size = sizeof(address);

	memcpy(&address.sin_addr, at->address, 4);
	below->door = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (below->door < 0 || bind(below->door, (struct sockaddr *)&address, size) ||
	    getsockname(below->door, (struct sockaddr *)&address, &size))
		return FAILOVER_ERR_IO;
	at->port = ntohs(address.sin_port);
	below_place(at, below->door_place);
	return FAILOVER_OK;
}

static void door_step(struct failover_below *below)
{
	char bytes[FAILOVER_WIRE_MESSAGE_MAX];
	struct failover_target at = { .family = 4, .transport = FAILOVER_UDP };
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	char place[PLACE_MAX];
	ssize_t count;
	unsigned i;

	for (i = 0; below->door >= 0 && i < 64; i++) {
		count = recvfrom(below->door, bytes, sizeof(bytes), 0, (struct sockaddr *)&from,
				 &size);
		if (count <= 4) /* keep-alives (RFC 5626 3.5.1) are that short */
			continue;
		below->stack = from;
		memcpy(at.address, &from.sin_addr, 4);
		at.port = ntohs(from.sin_port);
		below_place(&at, place);
		(void)failover_below_stack_at(below, place);
		(void)failover_below_send(below, bytes, (size_t)count);
	}
}

/* ---- the loop ----------------------------------------------------------------------------- */

static int wait_for(uint64_t deadline)
{
	uint64_t now = below_now();

	if (deadline <= now)
		return 0;
	return deadline - now > 60000 ? 60000 : (int)(deadline - now);
}

static uint32_t poll_fds(struct failover_below *below, struct failover_io_fd *fds, uint32_t max,
			 uint64_t deadline)
{
	struct pollfd polled[FDS_MAX];
	uint32_t count = max - OWN_FDS, ready = 0, i;
	uint64_t unused;

	for (i = 0; i < count; i++)
		polled[i] = (struct pollfd){
			.fd = fds[i].fd,
			.events = (short)((fds[i].events & FAILOVER_IO_READ ? POLLIN : 0) |
					  (fds[i].events & FAILOVER_IO_WRITE ? POLLOUT : 0))
		};
	polled[count] = (struct pollfd){ .fd = below->wake, .events = POLLIN };
	polled[count + 1] = (struct pollfd){ .fd = below->door, .events = POLLIN };
	if (poll(polled, count + OWN_FDS, wait_for(deadline)) <= 0)
		return 0;
	if (polled[count].revents && read(below->wake, &unused, sizeof(unused)) < 0)
		return 0;
	for (i = 0; i < count; i++) {
		uint32_t events = (polled[i].revents & POLLIN ? FAILOVER_IO_READ : 0) |
				  (polled[i].revents & POLLOUT ? FAILOVER_IO_WRITE : 0) |
				  (polled[i].revents & (POLLERR | POLLHUP) ? FAILOVER_IO_ERROR : 0);

		if (events)
			fds[ready++] = (struct failover_io_fd){ fds[i].fd, events };
	}
	return ready;
}

static void wait_and_read(struct failover_below *below)
{
	uint64_t deadline = failover_wire_net_next_deadline(below->net);
	uint64_t names = failover_dns_deadline(below->dns, below_now());
	struct failover_io_fd fds[FDS_MAX];
	uint32_t count, dns, ready, most = FDS_MAX - OWN_FDS;

	pthread_mutex_lock(&below->mutex);
	if (below->ends_at && below->ends_at < deadline)
		deadline = below->ends_at;
	pthread_mutex_unlock(&below->mutex);

	dns = failover_dns_fds(below->dns, fds, 32);
	if (dns > 32)
		dns = 32;
	count = dns + failover_wire_net_fds(below->net, fds + dns, most - dns);
	if (count > most)
		count = most;
	ready = poll_fds(below, fds, count + OWN_FDS, deadline < names ? deadline : names);
	failover_dns_process(below->dns, fds, ready, below_now());
	failover_wire_net_process(below->net, fds, ready, below_now());
}

static void hand_over(struct failover_below *below)
{
	struct failover_wire_output message = { .size = sizeof(message) };

	while (failover_wire_net_poll(below->net, &message))
		below_to_stack(below, &message);
}

/* At the end the bindings go (B24b), if the servers say so in time. */
static int is_over(struct failover_below *below)
{
	struct failover_line_state state = { .size = sizeof(state) };
	uint64_t ends_at;

	pthread_mutex_lock(&below->mutex);
	ends_at = below->ends_at;
	pthread_mutex_unlock(&below->mutex);
	if (!ends_at)
		return 0;
	if (below_now() >= ends_at || !below->line ||
	    failover_line_state(below->engine, below->line, &state))
		return 1;
	return !state.registering;
}

/* ---- life --------------------------------------------------------------------------------- */

static int open_engine(struct failover_below *below)
{
	struct failover_engine_params params = {
		.size = sizeof(params),
		.shared_health = below->params.config->shared_health,
		.memory = failover_memory_default(),
	};
	struct failover_dns_params dns = {
		.size = sizeof(dns),
		.servers = below->params.dns,
		.families = below->params.listen.family == 4 ? FAILOVER_DNS_IPV4_ONLY
							     : FAILOVER_DNS_IPV4_FIRST,
	};
	int error;

	if (getrandom(&params.seed, sizeof(params.seed), 0) != (ssize_t)sizeof(params.seed))
		return FAILOVER_ERR_IO;
	error = failover_engine_new(&params, &below->engine);
	if (!error)
		error = failover_move_limit(below->engine, below->params.config->moves_per_second);
	if (!error)
		error = failover_dead_time(below->engine, below->params.config->dead_time_s);
	return error ? error : failover_dns_new(&dns, &below->dns);
}

static int open_net(struct failover_below *below)
{
	const struct failover_config *config = below->params.config;
	struct failover_wire_net_params params = {
		.size = sizeof(params),
		.engine = below->engine,
		.listen = below->params.listen,
		.accept_any = config->accept_from.any,
		.accept_count = config->accept_from.count,
		.accept = config->accept_from.network,
		.device = below_first_of(config->device, NULL),
		.tls_ca_file = below_first_of(config->tls_ca_file, NULL),
		.tls_cert_file = below_first_of(config->tls_cert_file, NULL),
		.tls_key_file = below_first_of(config->tls_key_file, NULL),
		.tls_verify = config->tls_verify,
		.user = below->params.user,
		.event = below->params.event,
		.result = below->params.result,
		.log = below->params.log,
	};
	int error = failover_wire_net_new(&params, below_now(), &below->net);

	if (!error)
		below->wire = failover_wire_net_wire(below->net);
	return error;
}

/* One engine is one thread, from the first call on. */
static void *run(void *user)
{
	struct failover_below *below = user;
	int error;

	if (below->params.started)
		below->params.started(below->params.user);
	error = open_engine(below);
	if (!error)
		error = open_net(below);
	below->open_error = error;
	below->open_errno = errno;
	sem_post(&below->opened);
	if (!error)
		below_line_follow(below);
	while (!error && !is_over(below)) {
		below_names_step(below);
		door_step(below);
		orders_step(below);
		/* What calls of the engine have left to do. */
		failover_wire_handle_timeout(below->wire, below_now());
		hand_over(below);
		wait_and_read(below);
		hand_over(below);
	}
	failover_wire_net_free(below->net);
	failover_engine_free(below->engine);
	failover_dns_free(below->dns);
	return NULL;
}

static const struct failover_config_line *line_of(const struct failover_config *config,
						  uint32_t number)
{
	uint32_t i;

	for (i = 0; i < config->lines_count; i++)
		if (!number || config->lines[i]->number == number)
			return config->lines[i];
	return NULL;
}

static void release(struct failover_below *below)
{
	struct order *order;

	while ((order = STAILQ_FIRST(&below->orders))) {
		STAILQ_REMOVE_HEAD(&below->orders, entries);
		free(order);
	}
	if (below->door >= 0)
		close(below->door);
	if (below->wake >= 0)
		close(below->wake);
	sem_destroy(&below->opened);
	pthread_mutex_destroy(&below->mutex);
	free(below);
}

static int start(struct failover_below *below)
{
	if (pthread_create(&below->thread, NULL, run, below))
		return FAILOVER_ERR_MEMORY;
	while (sem_wait(&below->opened) && errno == EINTR)
		;
	if (!below->open_error)
		return FAILOVER_OK;
	pthread_join(below->thread, NULL);
	errno = below->open_errno;
	return below->open_error;
}

static struct failover_below *create(const struct failover_below_params *params,
				     const struct failover_config_line *config)
{
	struct failover_below *below = calloc(1, sizeof(*below));

	if (!below)
		return NULL;
	below->params = *params;
	below->config = config;
	below->door = -1;
	STAILQ_INIT(&below->orders);
	pthread_mutex_init(&below->mutex, NULL);
	sem_init(&below->opened, 0, 0);
	below->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return below;
}

int failover_below_open(const struct failover_below_params *params, struct failover_below **out)
{
	const struct failover_config_line *config =
		params && out && params->config ? line_of(params->config, params->line) : NULL;
	struct failover_below *below;
	int error, saved;

	if (!config || (!params->message && !params->door))
		return FAILOVER_ERR_ARGUMENT;
	below = create(params, config);
	if (!below)
		return FAILOVER_ERR_MEMORY;
	error = below->wake < 0 ? FAILOVER_ERR_IO : FAILOVER_OK;
	if (!error && params->door)
		error = door_open(below, params->door);
	if (!error)
		error = start(below);
	if (error) {
		saved = errno;
		release(below);
		errno = saved;
		return error;
	}
	*out = below;
	return FAILOVER_OK;
}

void failover_below_close(struct failover_below *below)
{
	uint64_t one = 1;

	if (!below)
		return;
	pthread_mutex_lock(&below->mutex);
	below->ends_at = below_now() + END_MS;
	pthread_mutex_unlock(&below->mutex);
	while (write(below->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	pthread_join(below->thread, NULL);
	release(below);
}
