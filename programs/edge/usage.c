/* SPDX-License-Identifier: MIT */
/* usage.c - what the edge says of its command line. */
#include "programs/phone/options.h"

#include "programs/phone/command.h"

#include <stdio.h>

static const struct option option_table[] = {
	{ "inside", required_argument, NULL, OPTION_INSIDE },
	{ "clients", required_argument, NULL, OPTION_CLIENTS },
	PHONE_OPTIONS_COMMON,
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: failover-edge [--inside ADDR[:PORT]] [--clients NETWORK,...]\n"
	"                     [--listen ADDR[:PORT]] [--events FILE] [--dns ADDR[:PORT]]\n"
	"                     [--web ADDR:PORT [--web-password-file FILE] [--web-plain]\n"
	"                     [--web-metrics-users] [--plugin-dir DIR]]\n"
	"                     [--pcap FILE [--pcap-size MIB]] [--ladder FILE.svg]\n"
	"                     [--state-file FILE] CONFIG\n";

static void help_print(void)
{
	printf("%s\n"
	       "A proxy for phones that cannot be changed: they have it as their outbound proxy, "
	       "and\n"
	       "their lines, which are those of CONFIG, go to the backup server and back.\n"
	       "\n"
	       "  --inside ADDR:PORT  where phones find it, by UDP and TCP (default: "
	       "127.0.0.1:5062)\n"
	       "  --clients NETWORK   who may be a phone, \"192.0.2.0/24,2001:db8::/32\" or "
	       "\"any\"\n"
	       "                      (default: this device and private networks)\n"
	       "  --listen ADDR:PORT  local SIP address outside (default: the route's address and\n"
	       "                      the port `sip_port` of CONFIG), the same after each start\n"
	       "  --plugin-dir DIR    where the page's module is (default: %s)\n" PHONE_HELP_COMMON
	       "\n"
	       "Commands on standard input (calls are the phones': `call`, `answer` and `hangup` "
	       "are "
	       "refused):\n%s",
	       usage, PLUGIN_DIR, phone_command_help());
}

enum phone_options_result phone_options_read(int argc, char **argv, struct phone_options *out)
{
	static const struct phone_usage of_edge = { option_table, usage, help_print };

	return phone_options_take(argc, argv, &of_edge, out);
}
