/* SPDX-License-Identifier: MIT */
/* main.c - failover-server: options, signals, standard input, and the loop around them. */
#include "config.h"
#include "command.h"
#include "server.h"
#include "../../ua/net/tls.h"

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
	"usage: failover-server [--listen ADDR:PORT] [--transport udp|tcp|tls] [--cert FILE]\n"
	"                       [--key FILE] [--user NAME:PASSWORD]... [--ring-time MS]\n"
	"                       [--strict-dialogs] [--quiet]\n"
	"       failover-server --help | --version\n"
	"A small SIP server for trying failover: registrar and called party in one.\n"
	"  --listen ADDR:PORT    address to serve (127.0.0.1:5060); port 0 is any free port\n"
	"  --transport NAME      udp (default), tcp or tls\n"
	"  --cert FILE           certificate for tls, with its chain, PEM\n"
	"  --key FILE            its key, PEM; without, it is in the certificate's file\n"
	"  --user NAME:PASSWORD  may register, proven by digest; without any, everybody may\n"
	"  --ring-time MS        a call rings that long before it is answered (200)\n"
	"  --strict-dialogs      481 to a BYE of a call set up elsewhere; otherwise 200, as\n"
	"                        servers of a pair share their dialogs\n"
	"  --quiet               no line for each packet\n"
	"Commands on standard input: up, silent, status CODE [RETRY-AFTER], down, delay MS,\n"
	"ring [USER], hangup, show, quit.\n";

static const char version_text[] = "failover-server " PACKAGE_VERSION "\n";

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

static const char *const transports[] = {
	[ENDPOINT_UDP] = "udp",
	[ENDPOINT_TCP] = "tcp",
	[ENDPOINT_TLS] = "tls",
};

static int set_transport(struct endpoint *ep, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		if (strcmp(name, transports[i]) == 0) {
			ep->transport = (enum endpoint_transport)i;
			return 0;
		}
	}
	return bad_usage("--transport takes udp, tcp or tls, not", name);
}

/* What the command line says. */
struct settings {
	struct server *server;
	struct peer local;
	const char *cert, *key;
};

static int set_option(struct settings *options, int option, const char *value)
{
	struct server *server = options->server;
	long ms;

	switch (option) {
	case 'l':
		if (!peer_parse(&options->local, value, 5060))
			return bad_usage("--listen takes a numeric ADDR:PORT, not", value);
		return 0;
	case 't':
		return set_transport(&options->server->endpoint, value);
	case 'c':
		options->cert = value;
		return 0;
	case 'k':
		options->key = value;
		return 0;
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

static int open_tls(struct settings *settings)
{
	struct endpoint *ep = &settings->server->endpoint;
	struct ua_tls_settings tls = { .cert_file = settings->cert,
				       .key_file = settings->key,
				       .is_server = 1 };
	char why[UA_TLS_WHY];

	if (ep->transport != ENDPOINT_TLS)
		return 0;
	if (!settings->cert)
		return bad_usage("--transport tls needs --cert", NULL);
	ep->tls = ua_tls_context_new(&tls, why);
	return ep->tls ? 0 : bad_usage("TLS cannot be used", why);
}

/* 0: go on; otherwise the exit status, -1 for a 0 after --help or --version. */
static int read_options(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "transport", required_argument, NULL, 't' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "user", required_argument, NULL, 'u' },
		{ "ring-time", required_argument, NULL, 'r' },
		{ "strict-dialogs", no_argument, NULL, 's' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			fputs(option == 'h' ? usage_text : version_text, stdout);
			return -1;
		}
		if (option == '?')
			return EXIT_USAGE;
		status = set_option(settings, option, optarg);
		if (status)
			return status;
	}
	if (optind < argc)
		return bad_usage("unexpected argument", argv[optind]);
	return open_tls(settings);
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
	printf("listening on %s;transport=%s\n", peer_text(&server->endpoint.local, text),
	       transports[server->endpoint.transport]);
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
	struct settings settings = { .server = server };
	int status = EXIT_FAILURE;

	if (!server || parser_init() != 0 || !auth_init(&server->auth))
		goto out;
	osip_trace_initialize_func(TRACE_LEVEL0, drop_trace);
	/* A reader of our lines that goes away is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	peer_parse(&settings.local, "127.0.0.1", 5060);
	server->calls.ring_ms = RING_DEFAULT_MS;
	trace_start(&server->trace, false);
	status = read_options(&settings, argc, argv);
	if (status == 0)
		status = serve(server, &settings.local);
	else if (status == -1)
		status = EXIT_SUCCESS;
out:
	if (server) {
		auth_free(&server->auth);
		ua_tls_context_free(server->endpoint.tls);
	}
	free(server);
	return status;
}
