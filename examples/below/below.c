/* SPDX-License-Identifier: MIT */
/*
 * below.c - libfailover-wire with its sockets, below a stack that keeps its transactions. The stack
 * here is a text: one REGISTER. It goes to the primary, or to the backup when that one is dead, and
 * the answer comes back as if the first had given it.
 *
 *     below 192.0.2.1:5060 192.0.2.2:5060 1001 secret
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <failover/wire_net.h>

#define DESCRIPTORS 32u

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_event(void *user, const struct failover_event *event)
{
	char target[80];

	(void)user;
	if (event->kind == FAILOVER_EVENT_MOVED)
		printf("moved to %s\n",
		       failover_target_text(&event->target, target, sizeof(target)));
}

static int read_target(char *text, struct failover_target *out)
{
	char *port = strrchr(text, ':');

	if (!port)
		return -1;
	*port = '\0';
	return failover_target_set(out, text, (uint32_t)strtoul(port + 1, NULL, 10), FAILOVER_UDP);
}

/* Who the line is: the library registers with these credentials. */
static int add_line(struct failover_engine *engine, struct failover_wire_net *net, char **argv,
		    uint32_t *line)
{
	struct failover_target targets[2] = { { .family = 0 } };
	const struct failover_registrar_identity registrars[2] = {
		{ .size = sizeof(registrars[0]), .address = argv[1] },
		{ .size = sizeof(registrars[0]), .address = argv[2] }
	};
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = 2,
					       .targets_count = 2,
					       .targets = targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = argv[3],
						   .domain = "example.com",
						   .auth_user = argv[3],
						   .auth_password = argv[4],
						   .registrars = registrars,
						   .registrars_count = 2 };
	struct failover_wire *wire = failover_wire_net_wire(net);

	if (read_target(argv[1], &targets[0]) || read_target(argv[2], &targets[1]))
		return FAILOVER_ERR_ARGUMENT;
	targets[1].registrar = 1;
	if (failover_line_add(engine, &params, now_ms(), line))
		return FAILOVER_ERR_ARGUMENT;
	identity.line = *line;
	if (failover_wire_line_set(wire, &identity, now_ms()))
		return FAILOVER_ERR_ARGUMENT;
	return failover_wire_line_targets(wire, *line, targets, 2, now_ms());
}

static int send_register(struct failover_wire_net *net, uint32_t line, const char *user)
{
	struct failover_target local;
	char at[80], text[1024];
	int length;

	failover_wire_net_local(net, NULL, &local);
	failover_target_text(&local, at, sizeof(at));
	at[strcspn(at, ";")] = '\0';
	length = snprintf(text, sizeof(text),
			  "REGISTER sip:example.com SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP %s;branch=z9hG4bK-of-the-stack-itself\r\n"
			  "Max-Forwards: 70\r\nFrom: <sip:%s@example.com>;tag=1\r\n"
			  "To: <sip:%s@example.com>\r\nCall-ID: below\r\nCSeq: 1 REGISTER\r\n"
			  "Contact: <sip:%s@%s>\r\nContent-Length: 0\r\n\r\n",
			  at, user, user, user, at);
	return failover_wire_send(failover_wire_net_wire(net), line, text, (size_t)length,
				  now_ms());
}

static void wait_for_net(struct failover_wire_net *net)
{
	struct failover_io_fd fds[DESCRIPTORS];
	struct pollfd polled[DESCRIPTORS];
	uint32_t count = failover_wire_net_fds(net, fds, DESCRIPTORS), ready = 0, i;
	uint64_t now = now_ms(), at = failover_wire_net_next_deadline(net);

	count = count < DESCRIPTORS ? count : DESCRIPTORS;
	for (i = 0; i < count; i++)
		polled[i] = (struct pollfd){ .fd = fds[i].fd,
					     .events = fds[i].events & FAILOVER_IO_WRITE
							       ? POLLIN | POLLOUT
							       : POLLIN };
	at = at > now ? at - now : 0;
	poll(polled, count, at < 1000 ? (int)at : 1000);
	for (i = 0; i < count; i++)
		if (polled[i].revents)
			fds[ready++] = (struct failover_io_fd){
				polled[i].fd,
				(polled[i].revents & POLLIN ? FAILOVER_IO_READ : 0u) |
					(polled[i].revents & POLLOUT ? FAILOVER_IO_WRITE : 0u) |
					FAILOVER_IO_ERROR
			};
	failover_wire_net_process(net, fds, ready, now_ms());
}

/* The stack hears: returns the status of its final answer. */
static int hear(struct failover_wire_net *net)
{
	struct failover_wire_output message = { .size = sizeof(message) };

	for (;;) {
		while (failover_wire_net_poll(net, &message)) {
			printf("%.*s\n", (int)strcspn(message.bytes, "\r"), message.bytes);
			if (strncmp(message.bytes, "SIP/2.0 1", 9) != 0)
				return atoi(message.bytes + 8);
		}
		wait_for_net(net);
	}
}

int main(int argc, char **argv)
{
	struct failover_engine_params params = { .size = sizeof(params),
						 .memory = failover_memory_default(),
						 .max_addresses = 16 };
	struct failover_wire_net_params net_params = { .size = sizeof(net_params),
						       .event = on_event,
						       .tls_verify = 1 };
	struct failover_wire_net *net = NULL;
	uint32_t line = 0;
	int status = 0;

	if (argc != 5) {
		fputs("usage: below PRIMARY:PORT BACKUP:PORT USER PASSWORD\n", stderr);
		return 2;
	}
	params.seed = now_ms();
	if (failover_engine_new(&params, &net_params.engine))
		return 1;
	net_params.listen.family = 4;
	if (!failover_wire_net_new(&net_params, now_ms(), &net) &&
	    !add_line(net_params.engine, net, argv, &line) && !send_register(net, line, argv[3]))
		status = hear(net);
	failover_wire_net_free(net);
	failover_engine_free(net_params.engine);
	return status == 200 ? 0 : 1;
}
