/* SPDX-License-Identifier: MIT */
/* options.c - reads a command line. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCAP_BYTES (16u << 20)
#define MEBIBYTES_MOST 1024

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

static int mebibytes_parse(const char *text, uint64_t *bytes)
{
	char *end;
	long number;

	if (*text < '0' || *text > '9')
		return -1;
	number = strtol(text, &end, 10);
	if (*end || number < 1 || number > MEBIBYTES_MOST)
		return -1;
	*bytes = (uint64_t)number << 20;
	return 0;
}

static enum phone_options_result bad(const struct phone_usage *usage, const char *what,
				     const char *value)
{
	fprintf(stderr, PHONE_PROGRAM ": %s%s\n%s", what, value, usage->usage);
	return PHONE_OPTIONS_BAD;
}

/* An option without an argument; NULL: it is another one. */
static int *flag_of(int id, struct phone_options *out)
{
	switch (id) {
	case OPTION_ANSWER:
		return &out->answer;
	case OPTION_WEB_PLAIN:
		return &out->web_plain;
	case OPTION_WEB_METRICS_USERS:
		return &out->web_metrics_users;
	case OPTION_CLAIMS:
		return &out->claims;
	default:
		return NULL;
	}
}

static enum phone_options_result option_take(int id, const struct phone_usage *usage,
					     struct phone_options *out)
{
	struct failover_target server;
	int *flag = flag_of(id, out);
	int port_set;

	if (flag) {
		*flag = 1;
		return PHONE_OPTIONS_RUN;
	}
	switch (id) {
	case OPTION_STACK:
		out->stack = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_PLUGIN_DIR:
		out->plugin_dir = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_LISTEN:
		if (phone_listen_parse(optarg, out) != 0)
			return bad(usage, "--listen takes ADDR or ADDR:PORT, not ", optarg);
		return PHONE_OPTIONS_RUN;
	case OPTION_INSIDE:
		if (target_parse(optarg, &out->inside, &out->inside_port_set) != 0)
			return bad(usage, "--inside takes ADDR or ADDR:PORT, not ", optarg);
		out->inside_set = 1;
		return PHONE_OPTIONS_RUN;
	case OPTION_CLIENTS:
		out->clients = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_EVENTS:
		out->events = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_DNS:
		if (target_parse(optarg, &server, &port_set) != 0 || (port_set && !server.port))
			return bad(usage, "--dns takes ADDR or ADDR:PORT, not ", optarg);
		out->dns = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_WEB:
		if (target_parse(optarg, &out->web, &port_set) != 0 || !out->web.port)
			return bad(usage, "--web takes ADDR:PORT, not ", optarg);
		out->web_set = 1;
		return PHONE_OPTIONS_RUN;
	case OPTION_WEB_PASSWORD_FILE:
		out->web_password_file = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_PCAP:
		out->pcap = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_PCAP_SIZE:
		if (mebibytes_parse(optarg, &out->pcap_bytes) != 0)
			return bad(usage, "--pcap-size takes 1 to 1024 (MiB), not ", optarg);
		return PHONE_OPTIONS_RUN;
	case OPTION_LADDER:
		out->ladder = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_STATE_FILE:
		out->state_file = optarg;
		return PHONE_OPTIONS_RUN;
	case OPTION_HELP:
		usage->help();
		return PHONE_OPTIONS_DONE;
	case OPTION_VERSION:
		printf(PHONE_PROGRAM " %s\n", failover_version());
		return PHONE_OPTIONS_DONE;
	default: /* getopt_long has said what is wrong */
		fputs(usage->usage, stderr);
		return PHONE_OPTIONS_BAD;
	}
}

enum phone_options_result phone_options_take(int argc, char **argv, const struct phone_usage *usage,
					     struct phone_options *out)
{
	enum phone_options_result result;
	int id;

	*out = (struct phone_options){ .plugin_dir = PLUGIN_DIR, .pcap_bytes = PCAP_BYTES };
	while ((id = getopt_long(argc, argv, "", usage->table, NULL)) != -1) {
		result = option_take(id, usage, out);
		if (result != PHONE_OPTIONS_RUN)
			return result;
	}
	if (out->claims)
		return out->stack ? PHONE_OPTIONS_RUN : bad(usage, "--claims needs --stack", "");
	if (!out->web_set && (out->web_password_file || out->web_plain || out->web_metrics_users))
		return bad(usage,
			   "--web-password-file, --web-plain and --web-metrics-users need --web",
			   "");
	if (optind + 1 != argc)
		return bad(usage, optind < argc ? "one CONFIG, not several" : "CONFIG is missing",
			   "");
	out->config = argv[optind];
	return PHONE_OPTIONS_RUN;
}
