/* SPDX-License-Identifier: MIT */
/*
 * register.c - firmware without dlopen: a program with one real plugin and the library linked in as
 * static archives. Nothing listens at the primary; the backup is a socket of this program, which
 * answers the REGISTER with 200. TAP.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <failover/failover.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>

#define FDS 16
#define TEXT 4096
#define ROUNDS 2000 /* of 10 ms: far beyond what a loaded machine needs */
#define SERVERS 2

extern const struct failover_plugin failover_plugin_entry, STATIC_PLUGIN;

struct scene {
	struct failover_stack *stack;
	struct failover_engine *engine;
	const struct failover_ext_io *io;
	struct failover_target targets[SERVERS];
	int fds[SERVERS];
	unsigned answered;
	int registered; /* the registrar that has the line, -1 = none */
};

/* ---- the servers -------------------------------------------------------------------------- */

static int server_open(struct scene *scene, int which, const char *host)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, host, &at.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    getsockname(fd, (struct sockaddr *)&at, &length))
		return -1;
	scene->fds[which] = fd;
	scene->targets[which].registrar = (uint8_t)which;
	return failover_target_set(&scene->targets[which], host, ntohs(at.sin_port), FAILOVER_UDP);
}

/* The lines of the request that a response repeats. */
static size_t repeat(const char *request, char *out, size_t size)
{
	static const char *const names[] = {
		"Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:"
	};
	const char *line = strstr(request, "\r\n"), *end;
	size_t i, length = 0;

	for (; line && (end = strstr(line + 2, "\r\n")) && end > line + 2; line = end)
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strncmp(line + 2, names[i], strlen(names[i])))
				length += (size_t)snprintf(out + length, size - length, "%.*s\r\n",
							   (int)(end - line - 2), line + 2);
	return length;
}

static void server_answer(struct scene *scene, int which)
{
	char request[TEXT], lines[TEXT], response[2 * TEXT];
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(scene->fds[which], request, sizeof(request) - 1, MSG_DONTWAIT,
			       (struct sockaddr *)&from, &length);

	if (got <= 0)
		return;
	request[got] = '\0';
	if (strncmp(request, "REGISTER ", 9) != 0)
		return;
	repeat(request, lines, sizeof(lines));
	got = snprintf(response, sizeof(response),
		       "SIP/2.0 200 OK\r\n%sExpires: 3600\r\nContent-Length: 0\r\n\r\n", lines);
	if (sendto(scene->fds[which], response, (size_t)got, 0, (struct sockaddr *)&from, length) >
	    0)
		scene->answered++;
}

/* ---- the host ----------------------------------------------------------------------------- */

static void on_event(void *user, const struct failover_event *event)
{
	struct scene *scene = user;

	if (event->kind == FAILOVER_EVENT_REGISTERED)
		scene->registered = event->target.registrar;
}

static void turn(struct scene *scene)
{
	void *inst = failover_stack_instance(scene->stack);
	struct failover_io_fd fds[FDS], ready[FDS];
	struct pollfd wait[FDS + 1];
	uint32_t count = scene->io->fds(inst, fds, FDS), some = 0, i;

	if (count > FDS)
		count = FDS;
	for (i = 0; i < count; i++)
		wait[i] = (struct pollfd){ .fd = fds[i].fd, .events = POLLIN };
	wait[count] = (struct pollfd){ .fd = scene->fds[1], .events = POLLIN };
	(void)poll(wait, count + 1, 10);
	if (wait[count].revents)
		server_answer(scene, 1);
	for (i = 0; i < count; i++)
		if (wait[i].revents)
			ready[some++] = (struct failover_io_fd){ fds[i].fd, FAILOVER_IO_READ };
	scene->io->process(inst, ready, some);
	failover_handle_timeout(scene->engine, failover_stack_now(scene->stack));
	failover_dispatch(scene->stack);
}

static int line_add(struct scene *scene)
{
	const struct failover_ext_line *lines =
		failover_stack_extension(scene->stack, FAILOVER_EXT_LINE);
	struct failover_registrar_identity registrars[SERVERS] = {
		{ .size = sizeof(registrars[0]), .address = "127.0.0.2" },
		{ .size = sizeof(registrars[0]), .address = "127.0.0.3" },
	};
	struct failover_line_identity identity = { .size = sizeof(identity),
						   .user = "1001",
						   .domain = "example.net",
						   .registrars = registrars,
						   .registrars_count = SERVERS };
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = SERVERS,
					       .targets_count = SERVERS,
					       .targets = scene->targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	uint64_t now = failover_stack_now(scene->stack);

	if (!lines || failover_line_add(scene->engine, &params, now, &identity.line) ||
	    lines->line_set(failover_stack_instance(scene->stack), &identity) ||
	    lines->line_targets(failover_stack_instance(scene->stack), identity.line,
				scene->targets, SERVERS))
		return -1;
	return failover_register(scene->engine, identity.line, now);
}

static int scene_open(struct scene *scene, const struct failover_plugin *plugin)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .memory = failover_memory_default() };
	struct failover_stack_params stack = { .size = sizeof(stack),
					       .open = { .size = sizeof(stack.open),
							 .listen = { .family = 4 } },
					       .user = scene,
					       .event = on_event };

	scene->registered = -1;
	if (server_open(scene, 0, "127.0.0.2") || server_open(scene, 1, "127.0.0.3") ||
	    failover_engine_new(&engine, &scene->engine))
		return -1;
	close(scene->fds[0]); /* dead */
	stack.engine = scene->engine;
	if (failover_stack_open(plugin, &stack, &scene->stack))
		return -1;
	scene->io = failover_stack_extension(scene->stack, FAILOVER_EXT_IO);
	return scene->io ? line_add(scene) : -1;
}

int main(void)
{
	static struct scene scene;
	int rounds = ROUNDS;

	printf("1..2\n");
	printf("%sok 1 - the archive has its own name for the plugin %s\n",
	       !memcmp(&failover_plugin_entry, &STATIC_PLUGIN, sizeof(STATIC_PLUGIN)) ? "" : "not ",
	       STATIC_PLUGIN.id); /* sanitizers give an alias a place of its own */
	if (scene_open(&scene, &STATIC_PLUGIN)) {
		printf("Bail out! no engine, no stack or no line\n");
		return EXIT_FAILURE;
	}
	failover_dispatch(scene.stack);
	while (scene.registered < 0 && rounds--)
		turn(&scene);
	printf("%sok 2 - B2 B4 linked statically, the line registers at the backup (%u answers)\n",
	       scene.registered == 1 && scene.answered ? "" : "not ", scene.answered);
	failover_stack_close(scene.stack);
	failover_engine_free(scene.engine);
	close(scene.fds[1]);
	return EXIT_SUCCESS;
}
