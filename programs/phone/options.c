/* SPDX-License-Identifier: MIT */
/* options.c - reads the phone's command line. */
#include "options.h"

#include "command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
	OPTION_STACK = 256,
	OPTION_PLUGIN_DIR,
	OPTION_LISTEN,
	OPTION_EVENTS,
	OPTION_ANSWER,
	OPTION_DNS,
	OPTION_WEB,
	OPTION_PCAP,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option option_table[] = {
	{ "stack", required_argument, NULL, OPTION_STACK },
	{ "plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "events", required_argument, NULL, OPTION_EVENTS },
	{ "answer", no_argument, NULL, OPTION_ANSWER },
	{ "dns", required_argument, NULL, OPTION_DNS },
	{ "web", required_argument, NULL, OPTION_WEB },
	{ "pcap", required_argument, NULL, OPTION_PCAP },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: failover-phone [--stack NAME] [--plugin-dir DIR] "
	"[--listen ADDR[:PORT]]\n"
	"                      [--events FILE] [--answer] [--dns ADDR[:PORT]] CONFIG\n";

static void help_print(void)
{
	printf("%s\n"
	       "A SIP phone without sound: it registers the lines of CONFIG, makes and takes "
	       "calls\n"
	       "(the media are offered as inactive), and goes to the backup server and back.\n"
	       "\n"
	       "  --stack NAME        SIP stack (default: `stack` of CONFIG)\n"
	       "  --plugin-dir DIR    where the stacks' plugins are (default: %s)\n"
	       "  --listen ADDR:PORT  local SIP address (default: the route's address and the\n"
	       "                      port `sip_port` of CONFIG); port 0 = any free port\n"
	       "  --events FILE       write one JSON object for each event (- = standard output)\n"
	       "  --answer            answer incoming calls at once\n"
	       "  --dns ADDR[:PORT]   DNS server (default: the system's)\n"
	       "  --help, --version\n"
	       "\n"
	       "Commands on standard input:\n%s",
	       usage, PLUGIN_DIR, phone_command_help());
}

/* A port in decimal; -1 if it is none. */
static long port_parse(const char *text)
{
	char *end;
	long port;

	if (*text < '0' || *text > '9')
		return -1;
	port = strtol(text, &end, 10);
	return *end || port > 65535 ? -1 : port;
}

/* Cut "ADDR:PORT" or "[ADDR]:PORT" in two; *port is NULL when there is none. */
static int listen_split(char *text, char **address, char **port)
{
	char *end;

	*address = text;
	*port = NULL;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -1;
		*address = text + 1;
		*port = end[1] ? end + 2 : NULL;
		*end = '\0';
		return 0;
	}
	end = strchr(text, ':');
	if (end && !strchr(end + 1, ':')) {
		*end = '\0';
		*port = end + 1;
	}
	return 0;
}

/* Numeric address and port; 0 where there is no port, or where it is 0. */
static int target_parse(const char *text, struct failover_target *out, int *port_set)
{
	struct failover_target target = { 0 };
	char copy[96];
	char *address, *port;
	long number = 0;

	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	if (listen_split(copy, &address, &port) != 0)
		return -1;
	if (port)
		number = port_parse(port);
	/* The port is set afterwards: 0 is no port of a target, but one to listen at. */
	if (number < 0 || failover_target_set(&target, address, 5060, FAILOVER_UDP) != 0)
		return -1;
	target.port = (uint16_t)number;
	*out = target;
	*port_set = port != NULL;
	return 0;
}

int phone_listen_parse(const char *text, struct phone_options *out)
{
	int port_set;

	if (target_parse(text, &out->listen, &port_set) != 0)
		return -1;
	out->listen_set = 1;
	out->listen_port_set = port_set;
	return 0;
}

static enum phone_options_result bad(const char *what, const char *value)
{
	fprintf(stderr, "failover-phone: %s%s\n%s", what, value, usage);
	return PHONE_OPTIONS_BAD;
}

static enum phone_options_result option_take(int id, struct phone_options *out)
{
	struct failover_target server;
	int port_set;

	switch (id) {
	case OPTION_STACK:
		out->stack = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_PLUGIN_DIR:
		out->plugin_dir = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_LISTEN:
		if (phone_listen_parse(optarg, out) != 0)
			return bad("--listen takes ADDR or ADDR:PORT, not ", optarg);
		return PHONE_OPTIONS_RUN;
	case OPTION_EVENTS:
		out->events = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_DNS:
		if (target_parse(optarg, &server, &port_set) != 0 || (port_set && !server.port))
			return bad("--dns takes ADDR or ADDR:PORT, not ", optarg);
		out->dns = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_ANSWER:
		out->answer = 1;
		return PHONE_OPTIONS_RUN;
	case OPTION_WEB:
		return bad("this version has no web page: --web is not available", "");
	case OPTION_PCAP:
		return bad("this version records no packets: --pcap is not available", "");
	case OPTION_HELP:
		help_print();
		return PHONE_OPTIONS_DONE;
	case OPTION_VERSION:
		printf("failover-phone %s\n", failover_version());
		return PHONE_OPTIONS_DONE;
	default: /* getopt_long has said what is wrong */
		fputs(usage, stderr);
		return PHONE_OPTIONS_BAD;
	}
}

enum phone_options_result phone_options_read(int argc, char **argv, struct phone_options *out)
{
	enum phone_options_result result;
	int id;

	*out = (struct phone_options){ .plugin_dir = PLUGIN_DIR };
	while ((id = getopt_long(argc, argv, "", option_table, NULL)) != -1) {
		result = option_take(id, out);
		if (result != PHONE_OPTIONS_RUN)
			return result;
	}
	if (optind + 1 != argc)
		return bad(optind < argc ? "one CONFIG, not several" : "CONFIG is missing", "");
	out->config = argv[optind];
	return PHONE_OPTIONS_RUN;
}
