/* SPDX-License-Identifier: MIT */
/* options.h - the phone's command line. */
#ifndef PHONE_OPTIONS_H
#define PHONE_OPTIONS_H

#include <failover/failover.h>
#include <getopt.h>

/* What the program calls itself: its parts serve failover-edge, too. */
#ifndef PHONE_PROGRAM
#define PHONE_PROGRAM "failover-phone"
#endif

enum phone_option {
	OPTION_STACK = 256,
	OPTION_PLUGIN_DIR,
	OPTION_LISTEN,
	OPTION_INSIDE,
	OPTION_CLIENTS,
	OPTION_EVENTS,
	OPTION_ANSWER,
	OPTION_DNS,
	OPTION_WEB,
	OPTION_WEB_PASSWORD_FILE,
	OPTION_WEB_PLAIN,
	OPTION_WEB_METRICS_USERS,
	OPTION_PCAP,
	OPTION_PCAP_SIZE,
	OPTION_LADDER,
	OPTION_STATE_FILE,
	OPTION_CLAIMS,
	OPTION_HELP,
	OPTION_VERSION,
};

struct phone_options {
	const char *config; /* path */
	const char *stack;  /* NULL = what the configuration says */
	const char *plugin_dir;
	const char *events;	       /* NULL = none, "-" = standard output */
	const char *web_password_file; /* NULL = a new password at each start */
	const char *pcap;	       /* NULL = packets are not recorded */
	uint64_t pcap_bytes;	       /* of one file */
	const char *ladder;	       /* NULL = no picture */
	const char *state_file;	       /* NULL = beside the configuration */
	const char *dns;	       /* "ADDR" or "ADDR:PORT"; NULL = the system's servers */
	int listen_set;		       /* --listen was given: `listen` is an address */
	int listen_port_set;	       /* ... with a port */
	struct failover_target listen;
	int answer;
	int claims;  /* say what the stack claims, and end; there is no `config` then */
	int web_set; /* --web was given: `web` is an address */
	int web_plain, web_metrics_users;
	int inside_set, inside_port_set; /* the same of --inside */
	struct failover_target inside;	 /* where clients are heard (failover-edge) */
	const char *clients;		 /* networks that they are in, as accept_from has them */
	struct failover_target web;	 /* where the page is */
};

enum phone_options_result { PHONE_OPTIONS_RUN, PHONE_OPTIONS_DONE, PHONE_OPTIONS_BAD };

/* Options of each program, and what is said of them. */
#define PHONE_OPTIONS_COMMON                                                                       \
	{ "plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR },                              \
		{ "listen", required_argument, NULL, OPTION_LISTEN },                              \
		{ "events", required_argument, NULL, OPTION_EVENTS },                              \
		{ "dns", required_argument, NULL, OPTION_DNS },                                    \
		{ "web", required_argument, NULL, OPTION_WEB },                                    \
		{ "web-password-file", required_argument, NULL, OPTION_WEB_PASSWORD_FILE },        \
		{ "web-plain", no_argument, NULL, OPTION_WEB_PLAIN },                              \
		{ "web-metrics-users", no_argument, NULL, OPTION_WEB_METRICS_USERS },              \
		{ "pcap", required_argument, NULL, OPTION_PCAP },                                  \
		{ "pcap-size", required_argument, NULL, OPTION_PCAP_SIZE },                        \
		{ "ladder", required_argument, NULL, OPTION_LADDER },                              \
		{ "state-file", required_argument, NULL, OPTION_STATE_FILE },                      \
		{ "help", no_argument, NULL, OPTION_HELP },                                        \
	{                                                                                          \
		"version", no_argument, NULL, OPTION_VERSION                                       \
	}

#define PHONE_HELP_COMMON                                                                          \
	"  --events FILE       write one JSON object for each event (- = standard output)\n"       \
	"  --dns ADDR[:PORT]   DNS server (default: the system's)\n"                               \
	"  --web ADDR:PORT     offer a page for browsers, and /metrics, at this address\n"         \
	"  --web-password-file FILE  the page's password, or its hash; without a FILE a new\n"     \
	"                      password is made and shown at each start\n"                         \
	"  --web-plain         without TLS also where others reach the page\n"                     \
	"  --web-metrics-users /metrics names the users of lines\n"                                \
	"  --pcap FILE         record packets and decisions, as Wireshark reads them\n"            \
	"  --pcap-size MIB     size of one such file (default: 16); four older ones are kept\n"    \
	"  --ladder FILE.svg   draw packets and decisions, at the end\n"                           \
	"  --state-file FILE   where lines were, for start_at = last (default: CONFIG.state)\n"    \
	"  --help, --version\n"

/* A program's own words: which options it has, and what it says of them. */
struct phone_usage {
	const struct option *table;
	const char *usage;
	void (*help)(void);
};

/* phone_options_read() of any program. */
enum phone_options_result phone_options_take(int argc, char **argv, const struct phone_usage *usage,
					     struct phone_options *out);
/* Read the command line; help and version are printed to stdout (DONE), errors to stderr (BAD). */
enum phone_options_result phone_options_read(int argc, char **argv, struct phone_options *out);
/* "ADDR", "ADDR:PORT", "[ADDR6]:PORT" or "ADDR6"; port 0 is allowed. Returns 0, or -1. */
int phone_listen_parse(const char *text, struct phone_options *out);

#endif
