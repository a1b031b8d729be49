/* SPDX-License-Identifier: MIT */
/* options.h - the phone's command line. */
#ifndef PHONE_OPTIONS_H
#define PHONE_OPTIONS_H

#include <failover/failover.h>

struct phone_options {
	const char *config; /* path */
	const char *stack;  /* NULL = what the configuration says */
	const char *plugin_dir;
	const char *events;  /* NULL = none, "-" = standard output */
	const char *dns;     /* "ADDR" or "ADDR:PORT"; NULL = the system's servers */
	int listen_set;	     /* --listen was given: `listen` is an address */
	int listen_port_set; /* ... with a port */
	struct failover_target listen;
	int answer;
};

enum phone_options_result { PHONE_OPTIONS_RUN, PHONE_OPTIONS_DONE, PHONE_OPTIONS_BAD };

/* Read the command line; help and version are printed to stdout (DONE), errors to stderr (BAD). */
enum phone_options_result phone_options_read(int argc, char **argv, struct phone_options *out);
/* "ADDR", "ADDR:PORT", "[ADDR6]:PORT" or "ADDR6"; port 0 is allowed. Returns 0, or -1. */
int phone_listen_parse(const char *text, struct phone_options *out);

#endif
