/* SPDX-License-Identifier: MIT */
/* main.c - failover-server: options, signals, standard input, and the loop around them. */
#include "command.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define LINE_SIZE 256
#define RING_DEFAULT_MS 200
#define RING_MAX_MS 60000

/* Standard input, line by line. */
struct input {
	struct server *server;
	struct event *readable;
	char line[LINE_SIZE];
	size_t len;
	bool too_long; /* the rest of this line is skipped */
};

static const char usage_text[] =
	"usage: failover-server [--listen ADDR:PORT] [--transport udp] [--user NAME:PASSWORD]...\n"
	"                       [--ring-time MS] [--strict-dialogs] [--quiet]\n"
	"A small SIP server for trying failover: registrar and called party in one.\n"
	"  --listen ADDR:PORT    address to serve (127.0.0.1:5060); port 0 is any free port\n"
	"  --transport udp       the only one built in\n"
	"  --user NAME:PASSWORD  may register, proven by digest; without any, everybody may\n"
	"  --ring-time MS        a call rings that long before it is answered (200)\n"
	"  --strict-dialogs      481 to a BYE of a call set up elsewhere; otherwise 200, as\n"
	"                        servers of a pair share their dialogs\n"
	"  --quiet               no line for each packet\n"
	"Commands on standard input: up, silent, status CODE [RETRY-AFTER], down, delay MS,\n"
	"ring [USER], hangup, show, quit.\n";

/* The parser's own complaints go nowhere: a hostile packet is counted, not talked about. */
static void drop_trace(const char *file, int line, osip_trace_level_t level, const char *text,
		       va_list ap)
{
	(void)file;
	(void)line;
	(void)level;
	(void)text;
	(void)ap;
}

static int bad_usage(const char *what, const char *arg)
{
	fprintf(stderr, "failover-server: %s%s%s\n", what, arg ? ": " : "", arg ? arg : "");
	fputs("Try 'failover-server --help'.\n", stderr);
	return EXIT_USAGE;
}

static int set_transport(const char *name)
{
	if (strcmp(name, "udp") == 0)
		return 0;
	if (strcmp(name, "tcp") == 0 || strcmp(name, "tls") == 0)
		return bad_usage("this build serves udp only, not", name);
	return bad_usage("--transport takes udp", NULL);
}

static int set_option(struct server *server, struct peer *local, int option, const char *value)
{
	long ms;

	switch (option) {
	case 'l':
		if (!peer_parse(local, value, 5060))
			return bad_usage("--listen takes a numeric ADDR:PORT, not", value);
		return 0;
	case 't':
		return set_transport(value);
	case 'u':
		/* The value is not shown: it holds a password. */
		if (!auth_add_user(&server->auth, value))
			return bad_usage("--user takes NAME:PASSWORD, at most 64 times", NULL);
		return 0;
	case 'r':
		ms = sip_number(value, -1);
		if (ms < 0 || ms > RING_MAX_MS)
			return bad_usage("--ring-time takes 0 to 60000 ms, not", value);
		server->calls.ring_ms = (unsigned)ms;
		return 0;
	case 's':
		server->calls.strict = true;
		return 0;
	case 'q':
		server->trace.quiet = true;
		return 0;
	}
	return bad_usage("unknown option", NULL);
}

/* 0: go on; otherwise the exit status, -1 for a 0 after --help. */
static int read_options(struct server *server, struct peer *local, int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "transport", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "ring-time", required_argument, NULL, 'r' },
		{ "strict-dialogs", no_argument, NULL, 's' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return -1;
		}
		if (option == '?')
			return EXIT_USAGE;
		status = set_option(server, local, option, optarg);
		if (status)
			return status;
	}
	return optind < argc ? bad_usage("unexpected argument", argv[optind]) : 0;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	event_base_loopbreak(arg);
}

static void take_byte(struct input *input, char byte)
{
	if (byte != '\n') {
		if (input->len == LINE_SIZE - 1)
			input->too_long = true;
		else
			input->line[input->len++] = byte;
		return;
	}
	input->line[input->len] = '\0';
	if (input->too_long)
		fputs("failover-server: a command is too long\n", stderr);
	else
		command_run(input->server, input->line);
	input->len = 0;
	input->too_long = false;
}

/* End of file leaves the server running: a service has no standard input. */
static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct input *input = arg;
	char data[LINE_SIZE];
	ssize_t n = read(fd, data, sizeof(data)), i;

	(void)what;
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		event_del(input->readable);
	for (i = 0; i < n; i++)
		take_byte(input, data[i]);
}

/* A loop that also takes a plain file as standard input, which epoll refuses. */
static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	if (event_config_require_features(config, EV_FEATURE_FDS) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static int serve(struct server *server, const struct peer *local)
{
	struct event_base *base = base_new();
	struct input input = { .server = server };
	struct event *interrupt = NULL, *terminate = NULL;
	char text[PEER_TEXT_MAX];
	int status = EXIT_FAILURE;

	if (!base)
		return EXIT_FAILURE;
	if (!server_start(server, base, local)) {
		fprintf(stderr, "failover-server: %s: %s\n", peer_text(local, text),
			strerror(errno));
		goto out;
	}
	interrupt = evsignal_new(base, SIGINT, on_signal, base);
	terminate = evsignal_new(base, SIGTERM, on_signal, base);
	input.readable = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, &input);
	if (!interrupt || !terminate || !input.readable || event_add(interrupt, NULL) != 0 ||
	    event_add(terminate, NULL) != 0)
		goto out;
	/* A closed standard input is no reason not to serve. */
	if (fcntl(STDIN_FILENO, F_GETFD) >= 0)
		event_add(input.readable, NULL);
	printf("listening on %s;transport=udp\n", peer_text(&server->endpoint.local, text));
	fflush(stdout);
	status = event_base_dispatch(base) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
out:
	server_stop(server);
	if (input.readable)
		event_free(input.readable);
	if (interrupt)
		event_free(interrupt);
	if (terminate)
		event_free(terminate);
	event_base_free(base);
	return status;
}

int main(int argc, char **argv)
{
	struct server *server = calloc(1, sizeof(*server));
	struct peer local;
	int status = EXIT_FAILURE;

	if (!server || parser_init() != 0 || !auth_init(&server->auth))
		goto out;
	osip_trace_initialize_func(TRACE_LEVEL0, drop_trace);
	/* A reader of our lines that goes away is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	peer_parse(&local, "127.0.0.1", 5060);
	server->calls.ring_ms = RING_DEFAULT_MS;
	trace_start(&server->trace, false);
	status = read_options(server, &local, argc, argv);
	if (status == 0)
		status = serve(server, &local);
	else if (status == -1)
		status = EXIT_SUCCESS;
out:
	if (server)
		auth_free(&server->auth);
	free(server);
	return status;
}
